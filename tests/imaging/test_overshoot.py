"""Samples of lossy compression beyond BitsStored, and signs that header and codestream do not share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from imagecodecs import jpeg2k_encode, jpegls_encode
from pydicom.uid import (
    JPEG2000,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging import load

WINDOW = {"WindowCenter": "2047.5", "WindowWidth": "4096"}


def _edges(low: int, high: int, dtype: Any) -> np.ndarray:
    """Steps between the ends of a range, around which lossy compression overshoots."""
    y, x = np.mgrid[:64, :96]
    return np.where((x // 8 + y // 8) % 2, high, low).astype(dtype)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("form", ["wavelet", "reversible wavelet cut short", "near-lossless"])
@pytest.mark.parametrize("stated", ["right", "lossless"])
def test_unsigned_overshoot_is_clipped(
    photometric: str, bits: int, form: str, stated: str, write_dicom: Any, write_compressed: Any
) -> None:
    """Codestreams of 16 bits over samples of 10 or 12: what lies above the highest is the highest."""
    high = 2**bits - 1
    words = _edges(0, high, np.uint16)
    words[::5] = high // 2
    elements: dict[str, Any] = {"PhotometricInterpretation": photometric, "LossyImageCompression": "01"}
    elements |= {"WindowCenter": str(high / 2), "WindowWidth": str(high + 1)}
    if form == "near-lossless":
        stream, syntax = jpegls_encode(words, level=3), JPEGLSNearLossless if stated == "right" else JPEGLSLossless
    else:
        reversible = form != "wavelet"
        stream = jpeg2k_encode(words, codecformat="j2k", bitspersample=16, level=70, reversible=reversible)
        syntax = JPEG2000 if stated == "right" else JPEG2000Lossless
    (found,) = load(write_compressed(words, bytes(stream), syntax, bits=bits, **elements))
    (exact,) = load(write_dicom(words, bits=bits, **elements))
    assert np.abs(found.pixels - exact.pixels).max() < 0.2


@pytest.mark.parametrize("sign", ["of the codestream", "of the header alone"])
def test_signed_overshoot_is_clipped(sign: str, write_dicom: Any, write_compressed: Any) -> None:
    words = _edges(-2048, 2047, np.int16)
    coded = words if sign == "of the codestream" else words.view(np.uint16)
    if sign == "of the codestream":
        stream, syntax = jpeg2k_encode(coded, codecformat="j2k", bitspersample=16, level=60, reversible=False), JPEG2000
    else:
        coded = np.where(coded == 2047, 2050, coded).astype(np.uint16)  # as if by overshoot
        coded[:, -1] = (-2050) % 65536
        stream, syntax = jpegls_encode(coded, level=1), JPEGLSNearLossless
    display = {"WindowCenter": "0", "WindowWidth": "4096"}
    (found,) = load(write_compressed(words, bytes(stream), syntax, bits=12, **display))
    (exact,) = load(write_dicom(words, bits=12, **display))
    assert np.abs(found.pixels - exact.pixels)[:, :-1].max() < 0.2
    assert found.pixels[:, -1].max() < 0.2 or sign == "of the codestream"


@pytest.mark.parametrize("codec", ["jpeg 2000", "jpeg-ls"])
def test_bits_above_the_sample_are_cut_off_where_nothing_was_lost(
    codec: str, write_dicom: Any, write_compressed: Any, pattern: Any
) -> None:
    """Overlays in the high bits of losslessly compressed words are no overshoot."""
    words = pattern(0, 4095)
    hidden = words | (pattern(0, 1, seed=3) << 14)
    if codec == "jpeg 2000":
        stream = jpeg2k_encode(hidden, codecformat="j2k", bitspersample=16, reversible=True)
        syntax = JPEG2000Lossless
    else:
        stream, syntax = jpegls_encode(hidden), JPEGLSLossless
    (found,) = load(write_compressed(words, bytes(stream), syntax, **WINDOW))
    assert np.array_equal(found.pixels, load(write_dicom(words, **WINDOW))[0].pixels)


@pytest.mark.parametrize("codec", ["jpeg 2000", "high throughput", "jpeg-ls"])
@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_the_header_says_signed_and_the_codestream_unsigned(
    codec: str, bits: int, photometric: str, write_dicom: Any, write_compressed: Any, pattern: Any
) -> None:
    """Samples are two's complement of the codestream's bits, as for pydicom; GDCM takes them as they are."""
    words = pattern(-2048, 2047, np.int16)
    unsigned = words.view(np.uint16) & 4095
    if codec == "jpeg-ls":
        unsigned[0, 0] = 4095  # so that the encoder takes 12 bits
        stream, syntax = jpegls_encode(unsigned), JPEGLSLossless
        if bits == 16:
            pytest.skip("this encoder writes 16 bits, of which the sign is the highest")
    elif codec == "high throughput":
        imagecodecs = pytest.importorskip("imagecodecs")
        stream, syntax = imagecodecs.htj2k_encode(words.view(np.uint16), reversible=True), HTJ2KLossless
    else:
        stream = jpeg2k_encode(unsigned, codecformat="j2k", bitspersample=12, reversible=True)
        syntax = JPEG2000Lossless
    display = {"WindowCenter": "0", "WindowWidth": "4096", "PhotometricInterpretation": photometric}
    (found,) = load(write_compressed(words, bytes(stream), syntax, bits=bits, **display))
    (exact,) = load(write_dicom(words, bits=bits, **display))
    same = found.pixels == exact.pixels
    same[0, 0] |= codec == "jpeg-ls"
    assert same.all()
    assert any(note.code is NoteCode.SIGN for note in found.notes) == (codec != "jpeg-ls")


@pytest.mark.parametrize("bits", [12, 16])
def test_the_header_says_unsigned_and_the_codestream_signed(
    bits: int, write_dicom: Any, write_compressed: Any, pattern: Any
) -> None:
    words = pattern(0, 4095)
    signed = np.where(words >= 2048, words.astype(np.int32) - 4096, words).astype(np.int16)
    stream = jpeg2k_encode(signed, codecformat="j2k", bitspersample=12, reversible=True)
    (found,) = load(write_compressed(words, bytes(stream), JPEG2000Lossless, bits=bits, **WINDOW))
    assert np.array_equal(found.pixels, load(write_dicom(words, bits=bits, **WINDOW))[0].pixels)
    assert Note(NoteCode.SIGN, {"signed": False}) in found.notes


@pytest.mark.dcmtk
@pytest.mark.parametrize("program", [("dcmcrle",), ("dcmcjpeg", "+e1"), ("dcmcjpls",)])
def test_signed_samples_in_fewer_bits_than_their_word(
    program: tuple[str, ...], write_dicom: Any, pattern: Any, dcmtk_encode: Any
) -> None:
    data = write_dicom(pattern(-2000, 2000, np.int16), bits=12, WindowCenter="100", WindowWidth="3500")
    assert np.array_equal(load(dcmtk_encode(data, *program))[0].pixels, load(data)[0].pixels)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("form", ["native", "high bits", "lossless", "lossy", "luma and chroma"])
def test_colour_of_every_depth(bits: int, form: str, write_dicom: Any, write_compressed: Any, pattern: Any) -> None:
    """Colours are of the depth that is stored, whatever lies above it."""
    high = 2**bits - 1
    colours = np.dstack([_edges(0, high, np.uint16), pattern(0, high)[:60, :84].repeat(2, 0)[:64].repeat(2, 1)[:, :96]])
    colours = np.dstack([colours, colours[..., 0]])
    elements: dict[str, Any] = {"bits": bits}
    if form in ("native", "high bits"):
        extra = 0 if form == "native" or bits == 16 else 1 << 15
        data = write_dicom(colours | np.uint16(extra), **elements)
    elif form == "luma and chroma":
        planes = np.dstack([colours[..., 1], *[np.full(colours.shape[:2], 2 ** (bits - 1), np.uint16)] * 2])
        data = write_dicom(planes, PhotometricInterpretation="YBR_FULL", **elements)
    else:
        lossy = form == "lossy"
        depth = 16 if lossy else bits
        stream = jpeg2k_encode(
            colours,
            codecformat="j2k",
            bitspersample=depth,
            reversible=not lossy,
            mct=False,
            planar=False,
            level=70 if lossy else None,
        )
        data = write_compressed(colours, bytes(stream), JPEG2000 if lossy else JPEG2000Lossless, **elements)
    (found,) = load(data)
    weights = (0.0, 1.0, 0.0) if form == "luma and chroma" else (0.299, 0.587, 0.114)
    expected = (colours * weights).sum(-1) / high
    assert np.abs(found.pixels - expected).max() < (0.25 if form == "lossy" else 0.01)
    assert (found.colourfulness < 0.02) if form == "luma and chroma" else (found.colourfulness > 0.3)
