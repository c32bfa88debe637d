"""Which objects are radiographs: makers' words for their modality, and directories that are none."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging import load
from osteon.imaging.dicom.dataset import open_dataset
from osteon.imaging.heading import read_heading
from osteon.imaging.sniff import Kind

CLASSES = [
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
]


@pytest.mark.parametrize("sop_class", CLASSES)
@pytest.mark.parametrize("modality", ["CR", "DX", "DR", "XR", "dr", "RG", " DX"])
def test_words_for_radiography(sop_class: str, modality: str, write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), SOPClassUID=sop_class, Modality="CR")
    data = data.replace(
        b"CS\x02\x00CR",
        b"CS"
        + len(modality + " " * (len(modality) % 2)).to_bytes(2, "little")
        + (modality + " " * (len(modality) % 2)).encode(),
    )
    assert len(load(data)) == 1


def test_the_class_of_the_meta_information_counts_where_there_is_no_other(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095))
    header = open_dataset(data)
    meta = header.file_meta
    del header.SOPClassUID
    header.file_meta = FileMetaDataset()
    header.file_meta.update(meta)
    stream = io.BytesIO()
    header.save_as(stream)
    (found,) = load(stream.getvalue())
    assert Note(NoteCode.SOP_CLASS_MISSING) not in found.notes


def _directory() -> bytes:
    record = Dataset()
    record.DirectoryRecordType = "PATIENT"
    record.PatientName, record.PatientID = "Phantom", "P1"
    header = FileDataset("", Dataset(), preamble=bytes(128), file_meta=FileMetaDataset())
    header.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    header.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.FileSetID = "DISC"
    header.DirectoryRecordSequence = Sequence([record])
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def test_a_directory_of_a_medium_is_named(tmp_path: Path) -> None:
    for data in (_directory(), _directory()[132:]):
        with pytest.raises(InputError, match=r"DICOMDIR.*beside it") as told:
            load(data)
        assert "Phantom" not in str(told.value)
    (tmp_path / "DICOMDIR").write_bytes(_directory())
    with (tmp_path / "DICOMDIR").open("rb") as stream:
        assert read_heading(stream, Kind.DICOM).study == ""


@pytest.mark.parametrize("value", [[60, 60], [60, 0]])
def test_rows_of_two_values(value: list[int], write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), Rows=value)
    assert np.array_equal(load(data)[0].pixels, load(write_dicom(pattern(0, 4095)))[0].pixels)
