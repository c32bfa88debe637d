"""Files are told apart by content."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from osteon.core.errors import InputError
from osteon.imaging import load
from osteon.imaging.sniff import Kind, sniff


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "zip"),
        (b"%PDF-1.7", "PDF"),
        (b"\n <!DOCTYPE html><html>", "HTML"),
        (b"GIF89a", "GIF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"BM\x00\x00", "BMP"),
        (b'{"a": 1}', "JSON"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"patient,fracture\n1,0\n", "text"),
        (bytes(range(1, 200)), "unknown binary"),
    ],
)
def test_what_is_not_read_is_named(head: bytes, word: str) -> None:
    with pytest.raises(InputError, match=word):
        sniff(head)


def test_dicom_with_a_tiff_preamble_is_dicom() -> None:
    assert sniff(b"II*\x00".ljust(128, b"\0") + b"DICM") is Kind.DICOM


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
def test_dicom_without_preamble(syntax: str, write_dicom: Any, pattern: Any) -> None:
    whole = write_dicom(pattern(0, 4095), syntax=syntax)
    meta = 132 + 12 + int.from_bytes(whole[140:144], "little")
    for bare in (whole[132:], whole[meta:]):
        assert sniff(bare[:512]) is Kind.DICOM
        assert np.array_equal(load(bare)[0].pixels, load(whole)[0].pixels)


def test_the_suffix_does_not_count(tmp_path: Any) -> None:
    path = tmp_path / "film.dcm"
    Image.fromarray(np.arange(4096, dtype=np.uint8).reshape(64, 64)).save(path, "PNG")
    (radiograph,) = load(path)
    assert (radiograph.format, radiograph.source, radiograph.identifiers.file_name) == ("PNG", str(path), "film.dcm")
    assert load(str(path))[0].format == "PNG"
    with path.open("rb") as stream:
        assert load(stream)[0].identifiers.file_name == "film.dcm"
    assert load(io.BytesIO(path.read_bytes()))[0].source == "<file>"
    assert load(path.read_bytes())[0].source == "<bytes>"


def test_no_such_file(tmp_path: Any) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load(tmp_path / "no.dcm")
    with pytest.raises(InputError, match="folder"):
        load(tmp_path)
