"""DICOM objects that are refused, limits, and what is noted."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForProcessing,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    GrayscaleSoftcopyPresentationStateStorage,
    MRImageStorage,
    SecondaryCaptureImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging import Limits, load


@pytest.mark.parametrize(
    ("sop_class", "name"),
    [
        (CTImageStorage, "CT Image"),
        (MRImageStorage, "MR Image"),
        (BasicTextSRStorage, "SR"),
        (EncapsulatedPDFStorage, "PDF"),
        (GrayscaleSoftcopyPresentationStateStorage, "Presentation State"),
        ("1.2.3.4.5", "unknown SOP class 1.2.3.4.5"),
    ],
)
def test_other_objects_are_named(sop_class: str, name: str, write_dicom: Any, pattern: Any) -> None:
    with pytest.raises(InputError, match=f"not a radiograph.*{name}"):
        load(write_dicom(pattern(0, 4095), SOPClassUID=sop_class))


@pytest.mark.parametrize("modality", ["CT", "US", "MG", "SR"])
def test_captures_of_other_modalities_are_refused(modality: str, write_dicom: Any, pattern: Any) -> None:
    with pytest.raises(InputError, match=f"modality {modality}"):
        load(write_dicom(pattern(0, 4095), SOPClassUID=SecondaryCaptureImageStorage, Modality=modality))


@pytest.mark.parametrize(
    ("sop_class", "modality", "code"),
    [
        (SecondaryCaptureImageStorage, "OT", NoteCode.SECONDARY_CAPTURE),
        (DigitalXRayImageStorageForProcessing, "DX", NoteCode.FOR_PROCESSING),
        (XRayRadiofluoroscopicImageStorage, "RF", NoteCode.FLUOROSCOPY),
    ],
)
def test_what_is_unusual_is_noted(
    sop_class: str, modality: str, code: NoteCode, write_dicom: Any, pattern: Any
) -> None:
    (radiograph,) = load(write_dicom(pattern(0, 4095), SOPClassUID=sop_class, Modality=modality))
    assert radiograph.notes == (Note(code), Note(NoteCode.WINDOW_MISSING))


def test_no_image(write_dicom: Any, pattern: Any) -> None:
    header = dcmread(io.BytesIO(write_dicom(pattern(0, 4095))))
    del header.PixelData
    stream = io.BytesIO()
    header.save_as(stream)
    with pytest.raises(InputError, match="no image"):
        load(stream.getvalue())


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.92", "1.2.3"])
def test_unknown_transfer_syntax(syntax: str, write_dicom: Any, pattern: Any) -> None:
    header = dcmread(io.BytesIO(write_dicom(pattern(0, 4095))))
    header.file_meta.TransferSyntaxUID = UID(syntax)
    header.PixelData = encapsulate([b"unreadable"])
    header["PixelData"].is_undefined_length = True
    stream = io.BytesIO()
    header.save_as(stream, implicit_vr=False, little_endian=True)
    with pytest.raises(InputError, match="transfer syntax is not read"):
        load(stream.getvalue())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("deflated", [False, True])
def test_truncated_native(share: float, deflated: bool, write_dicom: Any, pattern: Any) -> None:
    syntax = {"syntax": DeflatedExplicitVRLittleEndian} if deflated else {}
    data = write_dicom(pattern(0, 4095), **syntax)
    with pytest.raises(InputError, match=r"truncated|damaged|no image"):
        load(data[: int(len(data) * share)])


@pytest.mark.dcmtk
@pytest.mark.parametrize(
    ("program", "options"), [("dcmcrle", []), ("dcmcjpeg", ["+e1"]), ("dcmcjpeg", ["+ee"]), ("dcmcjpls", [])]
)
@pytest.mark.parametrize("share", [0.5, 0.8, 0.97])
def test_truncated_frame(
    program: str, options: list[str], share: float, write_dicom: Any, pattern: Any, dcmtk_encode: Any
) -> None:
    data = dcmtk_encode(write_dicom(pattern(0, 4095)), program, *options)
    with pytest.raises(InputError, match=r"truncated|damaged|no image"):
        load(data[: int(len(data) * share)])


@pytest.mark.dcmtk
@pytest.mark.parametrize(
    ("program", "options"), [("dcmcrle", []), ("dcmcjpeg", ["+e1"]), ("dcmcjpeg", ["+ee"]), ("dcmcjpls", [])]
)
def test_header_and_codestream_must_agree(
    program: str, options: list[str], write_dicom: Any, pattern: Any, dcmtk_encode: Any
) -> None:
    header = dcmread(io.BytesIO(dcmtk_encode(write_dicom(pattern(0, 4095)), program, *options)))
    header.Rows, header.Columns = 6000, 8400
    stream = io.BytesIO()
    header.save_as(stream)
    with pytest.raises(InputError, match=r"contradict|truncated"):
        load(stream.getvalue())


def test_limits(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(np.stack([pattern(0, 4095)] * 3))
    with pytest.raises(InputError, match="too large"):
        load(data, limits=Limits(max_pixels=3 * 60 * 84 - 1))
    with pytest.raises(InputError, match="too many frames"):
        load(data, limits=Limits(max_frames=2))
    assert len(load(data, limits=Limits(max_pixels=3 * 60 * 84, max_frames=3))) == 3


def test_a_bomb_of_declared_rows(write_dicom: Any, pattern: Any) -> None:
    with pytest.raises(InputError, match="too large"):
        load(write_dicom(pattern(0, 4095), Rows=65535, Columns=65535))


def test_a_deflated_bomb(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), syntax=DeflatedExplicitVRLittleEndian)
    meta = 132 + 12 + int.from_bytes(data[140:144], "little")
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = data[:meta] + packer.compress(bytes(30_000_000)) + packer.flush()
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="bytes"):
        load(bomb, limits=Limits(max_bytes=1_000_000))


def test_resampling_obeys_the_limits(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), PixelAspectRatio=["4", "1"])
    assert load(data)[0].pixels.shape == (240, 84)
    with pytest.raises(InputError, match="too large"):
        load(data, limits=Limits(max_pixels=60 * 84))
    (odd,) = load(write_dicom(pattern(0, 4095), PixelAspectRatio=["900", "1"]))
    assert odd.pixels.shape == (60, 84)
    assert Note(NoteCode.ASPECT_RATIO_INVALID) in odd.notes
    (spaced,) = load(write_dicom(pattern(0, 4095), PixelSpacing=["0.1", "0.3"]))
    assert (spaced.pixels.shape, spaced.spacing) == ((60, 252), (0.1, 0.1))


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"BitsAllocated": 32}, "depth"),
        ({"BitsStored": 17}, "depth"),
        ({"HighBit": 3}, "depth"),
        ({"PhotometricInterpretation": "HSV"}, "photometric"),
        ({"SamplesPerPixel": 3}, "photometric"),
    ],
)
def test_layouts_that_are_not_read(elements: dict[str, Any], message: str, write_dicom: Any, pattern: Any) -> None:
    with pytest.raises(InputError, match=message):
        load(write_dicom(pattern(0, 4095), **elements))


def test_useless_windows_are_ignored(write_dicom: Any, pattern: Any) -> None:
    plain = load(write_dicom(pattern(0, 4095)))[0].pixels
    for width in ("0", "-5", "0.3"):
        (radiograph,) = load(write_dicom(pattern(0, 4095), WindowCenter="100", WindowWidth=width))
        assert Note(NoteCode.WINDOW_TOO_NARROW) in radiograph.notes
        assert np.array_equal(radiograph.pixels, plain)
    (radiograph,) = load(write_dicom(pattern(0, 4095), RescaleSlope="0", RescaleIntercept="0"))
    assert np.array_equal(radiograph.pixels, plain)


def test_contradictory_shape_is_noted(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="IDENTITY")
    (radiograph,) = load(data)
    assert Note(NoteCode.PRESENTATION_LUT_SHAPE) in radiograph.notes


def test_8_bit_entries_of_a_lut_in_words(write_dicom: Any, pattern: Any) -> None:
    entries = np.rint((np.arange(256) / 255) ** 2 * 255).astype(np.uint8)
    item = Dataset()
    item.LUTDescriptor = [256, 0, 8]
    item.add_new(0x00283006, "US", entries.view("<u2").tolist())
    words = pattern(0, 255, np.uint8)
    (radiograph,) = load(write_dicom(words, bits=8, VOILUTSequence=Sequence([item])))
    assert np.abs(radiograph.pixels - entries[words] / 255.0).max() < 1e-6


def test_8_bits_in_big_endian_words(write_dicom: Any, pattern: Any) -> None:
    words = pattern(0, 255, np.uint8)
    data = write_dicom(words, bits=8, syntax=ExplicitVRBigEndian)
    start = data.index(b"\x7f\xe0\x00\x10OB") + 12
    swapped = words.reshape(-1, 2)[:, ::-1].tobytes()
    in_words = data[: start - 12] + b"\x7f\xe0\x00\x10OW" + data[start - 6 : start] + swapped
    assert np.array_equal(load(in_words)[0].pixels, load(data)[0].pixels)


def test_a_wholly_padded_image_is_black(write_dicom: Any) -> None:
    (radiograph,) = load(write_dicom(np.full((70, 70), 9, np.uint16), PixelPaddingValue=9))
    assert not radiograph.pixels.any()
