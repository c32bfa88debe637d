"""The study of a file is told from its header alone, without quoting what else it holds."""

from __future__ import annotations

import io
import logging
import tracemalloc
import warnings
from typing import Any, BinaryIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian

from osteon.imaging.heading import read_heading
from osteon.imaging.sniff import Kind


def study_uid(stream: BinaryIO) -> str:
    return read_heading(stream, Kind.DICOM).study


def test_the_study_of_a_file(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4")
    assert study_uid(io.BytesIO(data)) == "1.2.3.4"


def test_a_broken_uid_is_not_quoted(write_dicom: Any, pattern: Any, caplog: pytest.LogCaptureFixture) -> None:
    data = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4").replace(b"1.2.3.4", b"DOE^JOE")
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        study_uid(io.BytesIO(data))
    assert not caught
    assert "DOE" not in caplog.text


@pytest.mark.parametrize("data", [b"", b"\x00" * 132, bytes(128) + b"DICM" + b"\xff" * 40])
def test_what_is_no_dicom_has_no_study(data: bytes) -> None:
    assert study_uid(io.BytesIO(data)) == ""


def test_a_deflated_file_is_inflated_no_further_than_its_beginning(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4")
    film = dcmread(io.BytesIO(data))
    film.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    film.PixelData = bytes(64 * 2**20)
    stream = io.BytesIO()
    film.save_as(stream, enforce_file_format=True)
    stream.seek(0)
    tracemalloc.start()
    assert study_uid(stream) == "1.2.3.4"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20
    broken = stream.getvalue()
    assert study_uid(io.BytesIO(broken[:-200].replace(broken[400:440], bytes(40)))) in {"", "1.2.3.4"}


def test_mutated_files_have_a_study_or_none(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4")
    random = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(data)
        for place in random.integers(128, len(data), 8).tolist():
            changed[place] = int(random.integers(256))
        assert isinstance(study_uid(io.BytesIO(bytes(changed))), str)
