"""Opening DICOM files: what they state of their encoding may be wrong, and no file may fill the memory."""

from __future__ import annotations

import io
import tracemalloc
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLosslessSV1,
)

from osteon.core.codes.note import NoteCode
from osteon.core.errors import InputError
from osteon.imaging import Limits, load
from osteon.imaging.dicom.dataset import open_dataset

NATIVE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def _meta_end(data: bytes) -> int:
    return 132 + 12 + int.from_bytes(data[140:144], "little")


@pytest.mark.parametrize("real", NATIVE)
@pytest.mark.parametrize("stated", [*NATIVE, JPEGLosslessSV1])
def test_the_bytes_count_and_not_the_stated_encoding(
    real: str, stated: str, write_dicom: Any, restate: Any, pattern: Any
) -> None:
    data = write_dicom(pattern(0, 4095), syntax=real)
    (expected,), (found,) = load(data), load(restate(data, stated))
    assert np.array_equal(found.pixels, expected.pixels)
    differs = stated != real
    codes = {NoteCode.HEADER_ENCODING, NoteCode.DEFLATED_UNSTATED, NoteCode.TRANSFER_SYNTAX}
    assert any(note.code in codes for note in found.notes) == differs


@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("form", ["whole", "prefix alone", "no preamble", "no meta information"])
@pytest.mark.parametrize("pixels", [True, False])
def test_opened_in_every_form(
    syntax: str, form: str, pixels: bool, write_dicom: Any, pattern: Any, tmp_path: Path
) -> None:
    data = write_dicom(pattern(0, 4095), syntax=syntax, PatientAge="034Y")
    if form == "no meta information" and syntax == DeflatedExplicitVRLittleEndian:
        pytest.skip("nothing tells that these bytes are DICOM")
    data = data[{"whole": 0, "prefix alone": 128, "no preamble": 132, "no meta information": _meta_end(data)}[form] :]
    (tmp_path / "image").write_bytes(data)
    for source in (data, io.BytesIO(data), tmp_path / "image"):
        header = open_dataset(source, pixels=pixels)
        assert (header.Rows, header.Columns, header.PatientAge) == (60, 84, "034Y")
        assert ("PixelData" in header) == pixels
        assert hasattr(header, "file_meta")


@pytest.mark.parametrize("wbits", [zlib.MAX_WBITS, 16 + zlib.MAX_WBITS])
def test_deflated_with_the_header_of_zlib_or_gzip(wbits: int, write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), syntax=DeflatedExplicitVRLittleEndian)
    start = _meta_end(data)
    plain = zlib.decompress(data[start:], -zlib.MAX_WBITS)
    packer = zlib.compressobj(wbits=wbits)
    packed = data[:start] + packer.compress(plain) + packer.flush()
    assert np.array_equal(load(packed)[0].pixels, load(data)[0].pixels)


def _bomb(data: bytes, kind: str) -> bytes:
    """A deflated file of less than 400 kB that inflates to 300 MB, or to a million items."""
    start, size = _meta_end(data), 300_000_000
    plain = zlib.decompress(data[start:], -zlib.MAX_WBITS)
    pixels = plain.index(b"\xe0\x7f\x10\x00")
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    pieces = [data[:start]]
    if kind == "pixels":
        pieces += [packer.compress(plain[:pixels] + b"\xe0\x7f\x10\x00OW\0\0" + size.to_bytes(4, "little"))]
    elif kind == "private":
        pieces += [packer.compress(plain[:pixels] + b"\x09\x00\x10\x10OB\0\0" + size.to_bytes(4, "little"))]
    else:
        pieces += [packer.compress(plain[:pixels] + b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff")]
    chunk = b"\xfe\xff\x00\xe0\0\0\0\0" * 125_000 if kind == "items" else bytes(1_000_000)
    pieces += [packer.compress(chunk) for _ in range(8 if kind == "items" else 300)]
    return b"".join([*pieces, packer.flush()])


@pytest.mark.parametrize("kind", ["pixels", "private", "items"])
@pytest.mark.parametrize("pixels", [True, False])
def test_a_bomb_does_not_fill_the_memory(kind: str, pixels: bool, write_dicom: Any, pattern: Any) -> None:
    bomb = _bomb(write_dicom(pattern(0, 4095), syntax=DeflatedExplicitVRLittleEndian), kind)
    assert len(bomb) < 1_000_000
    if kind == "items":  # whose memory grows with their number
        with pytest.raises(InputError, match="too many elements"):
            open_dataset(bomb, pixels=pixels)
        return
    tracemalloc.start()
    try:
        if kind == "pixels" and not pixels:
            assert open_dataset(bomb, pixels=False).Rows == 60
        else:
            with pytest.raises(InputError, match="too large"):
                open_dataset(bomb, pixels=pixels)
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
    finally:
        tracemalloc.stop()


def test_nothing_is_said_of_what_deviates(
    write_dicom: Any, pattern: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_dicom(pattern(0, 4095), SpecificCharacterSet="ISO_IR 100", StudyDescription="HAND")
    data = data.replace(b"ISO_IR 100", b"ISO_IR 999")
    uid = open_dataset(data).StudyInstanceUID
    data = data.replace(str(uid).encode(), (str(uid)[:-4] + ".007").encode())
    with warnings.catch_warnings(record=True) as caught, caplog.at_level("DEBUG"):
        warnings.simplefilter("always")
        header = open_dataset(data)
        said = [str(element.value) for element in header.iterall() if element.VR != "OW"]
    assert any(value.endswith(".007") for value in said)
    assert not caught
    assert not caplog.text
    assert not any(capsys.readouterr())


def test_what_is_no_dicom(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("L", (20, 20)).save(stream, "PNG")
    with pytest.raises(InputError, match=r"not DICOM.*PNG"):
        open_dataset(stream.getvalue())
    with pytest.raises(InputError, match=r"not a radiograph.*text"):
        open_dataset(b"patient,fracture\n1,0\n")
    with pytest.raises(InputError, match="does not exist"):
        open_dataset(tmp_path / "none.dcm")
    with pytest.raises(InputError, match="too large"):
        open_dataset(bytes(128) + b"DICM" + bytes(3000), Limits(max_bytes=1000))


def test_an_element_that_ends_behind_the_file(write_dicom: Any, pattern: Any) -> None:
    data = bytearray(write_dicom(pattern(0, 4095), PatientName="Phantom"))
    place = data.index(b"\x10\x00\x10\x00PN")
    data[place + 6 : place + 8] = (60_000).to_bytes(2, "little")
    with pytest.raises(InputError, match=r"truncated.*wrong length.*\(0010,0010\)"):
        load(bytes(data))


@pytest.mark.parametrize("by", [-8, -3, 1, 40, 10**6])
def test_a_sequence_of_a_wrong_length_is_survived_or_told(by: int, write_dicom: Any, pattern: Any) -> None:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "56459004", "SCT", "Foot"
    data = write_dicom(pattern(0, 4095), AnatomicRegionSequence=Sequence([item]))
    place = data.index(b"\x08\x00\x18\x22SQ\0\0") + 8
    length = int.from_bytes(data[place : place + 4], "little")
    lying = data[:place] + (length + by).to_bytes(4, "little") + data[place + 4 :]
    try:
        (found,) = load(lying)
    except InputError as error:
        said = str(error)
    else:
        said = "" if np.array_equal(found.pixels, load(data)[0].pixels) else "another image"
    assert said == "" or "truncated" in said or "damaged" in said or "no image" in said


@pytest.mark.parametrize("delimiter", [b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xfe\xff\x0d\xe0\0\0\0\0"])
@pytest.mark.parametrize("instead", [b"", bytes(8)])
def test_a_sequence_of_the_header_without_its_delimiter_is_told(
    delimiter: bytes, instead: bytes, write_dicom: Any, pattern: Any
) -> None:
    item = Dataset()
    item.CodeMeaning = "Phantom"
    header = open_dataset(write_dicom(pattern(0, 4095), AnatomicRegionSequence=Sequence([item])))
    header["AnatomicRegionSequence"].is_undefined_length = True
    header.AnatomicRegionSequence[0].is_undefined_length_sequence_item = True
    stream = io.BytesIO()
    header.save_as(stream, implicit_vr=False, little_endian=True)
    with pytest.raises(InputError, match="damaged") as told:
        load(stream.getvalue().replace(delimiter, instead, 1))
    assert "OSError" not in str(told.value)
    assert "Phantom" not in str(told.value)
