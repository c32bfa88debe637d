"""Our pixels against dcmtk's, over real files and over made ones for each combination: at most one grey level apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging import load

pytestmark = pytest.mark.dcmtk

NATIVE = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
WINDOW = {"WindowCenter": "2100", "WindowWidth": "3000"}
DECODERS = {"JPLL": "dcmj2pnm", "JPLY": "dcmj2pnm", "JLSL": "dcml2pnm", "JLSN": "dcml2pnm", "RLE": "dcm2pnm"}


@pytest.mark.real_data
@pytest.mark.parametrize("film", ["RG2", "RG3"])
@pytest.mark.parametrize("code", sorted(DECODERS))
def test_real_files(film: str, code: str, shared_data: Path, dcmtk_render: Any) -> None:
    path = shared_data / "dicom" / f"{film}_{code}.dcm"
    rendered = dcmtk_render(path, "+Wi", "1", program=DECODERS[code])
    (radiograph,) = load(path)
    apart = np.abs(np.rint(radiograph.pixels * 255).astype(int) - rendered) > 1
    # Lossy JPEG may decode to 1024 where 10 bits are stored: dcmtk cuts the eleventh bit off, and black turns white.
    assert apart.sum() <= (8 if (film, code) == ("RG3", "JPLY") else 0)
    assert (radiograph.pixels[apart] < 0.05).all()


@pytest.mark.real_data
@pytest.mark.parametrize("film", ["RG2", "RG3"])
def test_jpeg_2000_lossless_equals_its_siblings(film: str, shared_data: Path) -> None:
    (wavelets,) = load(shared_data / "dicom" / f"{film}_J2KR.dcm")
    for sibling in ("JPLL", "RLE", "JLSL"):
        (other,) = load(shared_data / "dicom" / f"{film}_{sibling}.dcm")
        assert np.array_equal(wavelets.pixels, other.pixels)


@pytest.mark.real_data
@pytest.mark.parametrize("film", ["RG2", "RG3"])
def test_jpeg_2000_lossy_is_close_to_lossless(film: str, shared_data: Path) -> None:
    (lossy,) = load(shared_data / "dicom" / f"{film}_J2KI.dcm")
    (lossless,) = load(shared_data / "dicom" / f"{film}_J2KR.dcm")
    assert np.abs(lossy.pixels - lossless.pixels).mean() * 255 < 2


@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_native(
    syntax: str,
    photometric: str,
    signed: bool,
    depth: int,
    write_dicom: Any,
    pattern: Any,
    dcmtk_render: Any,
    grey_levels: Any,
) -> None:
    bits = 8 if depth == 8 else 12
    low = -(2 ** (bits - 1)) if signed else 0
    words = pattern(low, low + 2**bits - 1, np.dtype(f"{'i' if signed else 'u'}{depth // 8}").type)
    data = write_dicom(words, bits=bits, syntax=syntax, PhotometricInterpretation=photometric)
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+Wm")) <= 1
    assert radiograph.bits == bits


@pytest.mark.parametrize(
    ("program", "options", "decoder", "bits"),
    [
        ("dcmcrle", [], "dcm2pnm", 12),
        ("dcmcrle", [], "dcm2pnm", 8),
        ("dcmcjpeg", ["+e1"], "dcmj2pnm", 12),
        ("dcmcjpeg", ["+e1"], "dcmj2pnm", 16),
        ("dcmcjpeg", ["+e1"], "dcmj2pnm", 8),
        *[("dcmcjpeg", ["+el", "+sv", str(predictor)], "dcmj2pnm", 12) for predictor in range(1, 8)],
        ("dcmcjpeg", ["+eb", "+q", "95"], "dcmj2pnm", 8),
        ("dcmcjpeg", ["+ee", "+q", "95"], "dcmj2pnm", 12),
        ("dcmcjpls", [], "dcml2pnm", 12),
        ("dcmcjpls", [], "dcml2pnm", 8),
        ("dcmcjpls", ["+en", "+md", "2"], "dcml2pnm", 12),
    ],
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_compressed(
    program: str,
    options: list[str],
    decoder: str,
    bits: int,
    photometric: str,
    write_dicom: Any,
    pattern: Any,
    dcmtk_encode: Any,
    dcmtk_render: Any,
    grey_levels: Any,
) -> None:
    words = pattern(0, 2**bits - 1, np.uint8 if bits == 8 else np.uint16)
    window = {"WindowCenter": str(2 ** (bits - 1)), "WindowWidth": str(0.9 * 2**bits)}
    data = write_dicom(words, bits=bits, PhotometricInterpretation=photometric, **window)
    packed = dcmtk_encode(data, program, *options)
    (radiograph,) = load(packed)
    rendered = dcmtk_render(packed, "+Wi", "1", program=decoder)
    assert grey_levels(radiograph.pixels, rendered) <= 1


@pytest.mark.parametrize(
    ("program", "options", "decoder"), [("dcmcrle", [], "dcm2pnm"), ("dcmcjpeg", ["+e1"], "dcmj2pnm")]
)
def test_compressed_and_signed(
    program: str,
    options: list[str],
    decoder: str,
    write_dicom: Any,
    pattern: Any,
    dcmtk_encode: Any,
    dcmtk_render: Any,
    grey_levels: Any,
) -> None:
    data = write_dicom(pattern(-2000, 2000, np.int16), bits=12, WindowCenter="100", WindowWidth="3500")
    packed = dcmtk_encode(data, program, *options)
    (radiograph,) = load(packed)
    assert np.array_equal(radiograph.pixels, load(data)[0].pixels)
    assert grey_levels(radiograph.pixels, dcmtk_render(packed, "+Wi", "1", program=decoder)) <= 1


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("function", ["", "LINEAR", "SIGMOID"])
@pytest.mark.parametrize(("slope", "intercept"), [("1", "0"), ("0.5", "-300"), ("-1", "4095")])
@pytest.mark.parametrize("signed", [False, True])
def test_windows(
    photometric: str,
    function: str,
    slope: str,
    intercept: str,
    signed: bool,
    write_dicom: Any,
    pattern: Any,
    dcmtk_render: Any,
    grey_levels: Any,
) -> None:
    words = pattern(-2048, 2047, np.int16) if signed else pattern(0, 4095)
    middle = float(slope) * (0 if signed else 2048) + float(intercept)
    elements = {
        "PhotometricInterpretation": photometric,
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
        "WindowCenter": [str(middle), "7"],
        "WindowWidth": [str(abs(float(slope)) * 2900), "9"],
    }
    data = write_dicom(words, bits=12, **elements, **({"VOILUTFunction": function} if function else {}))
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+Wi", "1")) <= 1
    assert Note(NoteCode.WINDOWS, {"count": 2, "skipped": 0}) in radiograph.notes


def _lut(
    first: int, entries: np.ndarray, bits: int, keyword: str = "VOILUTSequence", signed: bool = False
) -> dict[str, Any]:
    item = Dataset()
    item.add_new(0x00283002, "SS" if signed else "US", [len(entries) % 65536, first, bits])
    item.add_new(0x00283006, "OW", entries.astype("<u2").tobytes())
    if keyword == "ModalityLUTSequence":
        item.ModalityLUTType = "US"
    return {keyword: Sequence([item])}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(("first", "count", "bits"), [(0, 4096, 12), (500, 2000, 16), (1000, 300, 8), (0, 4096, 10)])
def test_voi_lut(
    photometric: str,
    first: int,
    count: int,
    bits: int,
    write_dicom: Any,
    pattern: Any,
    dcmtk_render: Any,
    grey_levels: Any,
) -> None:
    entries = np.rint((np.arange(count) / (count - 1)) ** 1.8 * (2**bits - 1))
    data = write_dicom(pattern(0, 4095), PhotometricInterpretation=photometric, **_lut(first, entries, bits))
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+Wl", "1")) <= 1


def test_voi_lut_of_signed_samples(write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any) -> None:
    entries = np.rint((np.arange(3000) / 2999) ** 0.6 * 4095)
    data = write_dicom(pattern(-2048, 2047, np.int16), **_lut(-1500, entries, 12, signed=True))
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+Wl", "1")) <= 1


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("options", [("+Wm",), ("+Wi", "1"), ("+Wl", "1")])
def test_modality_lut(
    photometric: str, options: tuple[str, ...], write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    entries = np.rint(np.sqrt(np.arange(4096) / 4095) * 65535)
    elements = _lut(0, entries, 16, "ModalityLUTSequence")
    if options[0] == "+Wi":
        elements |= {"WindowCenter": "35000", "WindowWidth": "40000"}
    if options[0] == "+Wl":
        elements |= _lut(20000, np.arange(40000) // 10, 12)
    data = write_dicom(pattern(0, 4095), PhotometricInterpretation=photometric, **elements)
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, *options)) <= 1


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("signed", [False, True])
def test_high_bit_with_overlay_in_the_unused_bits(
    syntax: str, signed: bool, write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    samples = pattern(-512, 511, np.int16) if signed else pattern(0, 1023)
    overlay = pattern(0, 1, np.uint16, seed=3)
    words = ((samples.astype(np.uint16) & 1023) << 3) | overlay | (overlay << 15)
    data = write_dicom(
        words, bits=10, syntax=syntax, HighBit=12, PixelRepresentation=int(signed), WindowCenter="20", WindowWidth="900"
    )
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+Wi", "1")) <= 1


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("limit", [None, 40])
def test_padding_is_black_and_outside_the_range(
    photometric: str, limit: int | None, write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    plain = pattern(1000, 3000)
    padded = plain.copy()
    padded[:10] = 0
    padded[:5] = 0 if limit is None else limit
    elements = {"PhotometricInterpretation": photometric, "PixelPaddingValue": 0}
    if limit is not None:
        elements["PixelPaddingRangeLimit"] = limit
    (radiograph,) = load(write_dicom(padded, **elements))
    assert not radiograph.pixels[:10].any()
    rest = dcmtk_render(write_dicom(plain[10:], PhotometricInterpretation=photometric), "+Wm")
    plain_low, plain_high = plain[10:].min(), plain[10:].max()
    assert (plain_low, plain_high) == (padded[10:].min(), padded[10:].max())
    assert grey_levels(radiograph.pixels[10:], rest) <= 1


@pytest.mark.parametrize("program", ["", "dcmcrle", "dcmcjpeg", "dcmcjpls"])
def test_several_frames(
    program: str, write_dicom: Any, pattern: Any, dcmtk_encode: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    words = np.stack([pattern(0, 4095, seed=seed)[:, :: (-1) ** seed] for seed in range(3)])
    data = write_dicom(words, **WINDOW)
    decoder = {"dcmcjpeg": "dcmj2pnm", "dcmcjpls": "dcml2pnm"}.get(program, "dcm2pnm")
    data = dcmtk_encode(data, program) if program else data
    radiographs = load(data)
    instances = [radiograph.identifiers.instance for radiograph in radiographs]
    assert [instance.frame for instance in instances] == [1, 2, 3]
    assert len({instance.sop_instance_uid for instance in instances}) == 1
    for number, radiograph in enumerate(radiographs, start=1):
        rendered = dcmtk_render(data, "+F", str(number), "+Wi", "1", program=decoder)
        assert grey_levels(radiograph.pixels, rendered) <= 1


@pytest.mark.parametrize(
    ("photometric", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY"), ("MONOCHROME2", "INVERSE")]
)
def test_presentation_lut_shape(
    photometric: str, shape: str, write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    data = write_dicom(pattern(0, 4095), PhotometricInterpretation=photometric, PresentationLUTShape=shape, **WINDOW)
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+Wi", "1")) <= 1


def _colours(pattern: Any) -> np.ndarray:
    return np.stack([pattern(0, 255, np.uint8), pattern(255, 40, np.uint8, 3), pattern(90, 200, np.uint8, 5)], axis=-1)


@pytest.mark.parametrize("form", ["pixel", "plane", "rle", "jpeg", "jpeg lossless", "jpeg-ls"])
def test_colour(
    form: str, write_dicom: Any, pattern: Any, dcmtk_encode: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    colours = _colours(pattern)
    data = write_dicom(colours, bits=8)
    if form == "plane":
        data = write_dicom(colours, bits=8, PlanarConfiguration=1, PixelData=np.moveaxis(colours, -1, 0).tobytes())
    program, options, decoder = {
        "rle": ("dcmcrle", [], "dcm2pnm"),
        "jpeg": ("dcmcjpeg", ["+eb", "+q", "98", "+s4"], "dcmj2pnm"),
        "jpeg lossless": ("dcmcjpeg", ["+e1"], "dcmj2pnm"),
        "jpeg-ls": ("dcmcjpls", [], "dcml2pnm"),
    }.get(form, ("", [], "dcm2pnm"))
    data = dcmtk_encode(data, program, *options) if program else data
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+G", program=decoder)) <= 1
    assert radiograph.colourfulness > 0.1


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_luma_and_chroma(photometric: str, write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any) -> None:
    planes = [pattern(30, 220, np.uint8), pattern(120, 136, np.uint8, 3), pattern(120, 140, np.uint8, 5)]
    stacked = np.stack(planes, axis=-1)
    stored = stacked.tobytes()
    if photometric == "YBR_FULL_422":
        pairs = [planes[0][:, ::2], planes[0][:, 1::2], planes[1][:, ::2], planes[2][:, ::2]]
        stored = np.stack(pairs, axis=-1).tobytes()
    data = write_dicom(stacked, bits=8, PhotometricInterpretation=photometric, PixelData=stored)
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+G")) <= 1


def test_palette(write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any) -> None:
    ramps = [np.linspace(0, 65535, 256), np.linspace(65535, 0, 256), np.linspace(20000, 40000, 256)]
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, ramp in zip(("Red", "Green", "Blue"), ramps, strict=True):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        elements[f"{name}PaletteColorLookupTableData"] = ramp.astype("<u2").tobytes()
    data = write_dicom(pattern(0, 255, np.uint8), bits=8, **elements)
    (radiograph,) = load(data)
    assert grey_levels(radiograph.pixels, dcmtk_render(data, "+G")) <= 1


def test_pixel_aspect_ratio(write_dicom: Any, dcmtk_render: Any) -> None:
    y, x = np.mgrid[:80, :100]
    words = (1800 + 900 * np.sin(x / 17) + 700 * np.cos(y / 13)).astype(np.uint16)
    data = write_dicom(words, PixelAspectRatio=["2", "1"], **WINDOW)
    (radiograph,) = load(data)
    assert radiograph.pixels.shape == (160, 100)
    rendered = dcmtk_render(data, "+Wi", "1", "+a", "+i", "1", "+Sxv", "100")
    inner = np.abs(radiograph.pixels * 255 - rendered)[4:-4, 4:-4]
    assert inner.mean() < 1.5  # dcmtk interpolates between other points, so not to the grey level
    assert inner.max() < 4


def test_windows_beyond_dcmtk(write_dicom: Any, pattern: Callable[..., np.ndarray]) -> None:
    """Dcmtk 3.6.7 knows no LINEAR_EXACT and takes it as LINEAR: compared with the formula of PS3.3 C.11.2.1.3.2."""
    words = pattern(0, 4095)
    data = write_dicom(words, WindowCenter="2000", WindowWidth="10", VOILUTFunction="LINEAR_EXACT")
    expected = np.clip((words.astype(float) - 2000) / 10 + 0.5, 0, 1)
    assert np.abs(load(data)[0].pixels - expected).max() < 1e-6


@pytest.mark.parametrize("family", ["JPEG 2000", "High-Throughput JPEG 2000"])
@pytest.mark.parametrize("kind", ["unsigned", "signed", "colour"])
def test_wavelets(family: str, kind: str, write_dicom: Any, write_compressed: Any, pattern: Any) -> None:
    """Dcmtk has no decoder for these: made from samples that are known, and compared with those uncompressed."""
    codecs = pytest.importorskip("imagecodecs")
    words = {
        "unsigned": pattern(0, 4095),
        "signed": pattern(-2048, 2047, np.int16),
        "colour": _colours(pattern),
    }[kind]
    if family == "JPEG 2000":
        bits = 8 if kind == "colour" else 12
        stream = codecs.jpeg2k_encode(words, codecformat="j2k", bitspersample=bits, reversible=True, mct=False)
        syntax = JPEG2000Lossless
    else:
        stream, syntax = codecs.htj2k_encode(words, reversible=True), HTJ2KLossless
    window = {} if kind == "colour" else {"WindowCenter": "300", "WindowWidth": "3000"}
    bits = 8 if kind == "colour" else 16 if kind == "signed" and family != "JPEG 2000" else 12
    data = write_compressed(words, bytes(stream), syntax, bits=bits, **window)
    assert np.array_equal(load(data)[0].pixels, load(write_dicom(words, bits=bits, **window))[0].pixels)
