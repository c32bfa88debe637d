"""Compressed frames of a DICOM object to stored samples, one function for each family of transfer syntaxes.

The size that a frame declares must be the one of the DICOM header before a decoder is called.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from osteon.core.errors import InputError
from osteon.imaging.codestream import Codestream, parse
from osteon.imaging.grey import Samples


@dataclass(frozen=True, slots=True)
class Layout:
    """What the header says of a frame.

    Attributes:
        rows: Rows.
        columns: Columns.
        samples: SamplesPerPixel.
        word_bytes: BitsAllocated / 8.
        photometric: PhotometricInterpretation.
        planar: whether colours lie in planes, one after the other.
    """

    rows: int
    columns: int
    samples: int
    word_bytes: int
    photometric: str
    planar: bool = False


@dataclass(frozen=True, slots=True)
class Codec:
    """A family of transfer syntaxes.

    Attributes:
        decode: codestream and layout to samples (H, W) or (H, W, C).
        lossy: whether samples may overshoot BitsStored.
        to_rgb: whether colours come out as RGB whatever the header says.
    """

    decode: Callable[[bytes, Layout], Samples]
    lossy: bool = False
    to_rgb: bool = False


def _declared(data: bytes, layout: Layout) -> Codestream:
    stream = parse(data)
    declared = (stream.rows, stream.columns, stream.components)
    if declared != (layout.rows, layout.columns, layout.samples):
        raise InputError(
            "the compressed pixels contradict the DICOM header",
            expected=f"{layout.rows} rows, {layout.columns} columns, {layout.samples} samples a pixel",
            got="{}, {}, {}".format(*declared),
        )
    if not 2 <= stream.bits <= 16:
        raise InputError(
            "the depth of the compressed pixels is not read", expected="2 to 16 bits", got=str(stream.bits)
        )
    return stream


def _shaped(decoded: Samples, layout: Layout) -> Samples:
    shape = (layout.rows, layout.columns) if layout.samples == 1 else (layout.rows, layout.columns, layout.samples)
    if decoded.size != int(np.prod(shape)) or decoded.dtype.itemsize > 2:
        raise InputError("the compressed pixels are damaged", expected=f"shape {shape}", got=str(decoded.shape))
    words = decoded.view(np.uint8 if decoded.dtype.itemsize == 1 else np.uint16)
    if decoded.ndim == 3 and decoded.shape[0] == layout.samples != decoded.shape[2]:
        words = np.moveaxis(words, 0, -1)
    return np.ascontiguousarray(words).reshape(shape)


def decode_jpeg(data: bytes, layout: Layout) -> Samples:
    """JPEG baseline, extended and lossless (ITU-T T.81), 2 to 16 bits.

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from imagecodecs import Jpeg8Error, jpeg8_decode

    stream = _declared(data, layout)
    untouched = layout.samples == 3 and (stream.lossless or (layout.photometric == "RGB" and not stream.tagged))
    space = "RGB" if untouched else None
    try:
        return _shaped(jpeg8_decode(data, colorspace=space, outcolorspace=space), layout)
    except (Jpeg8Error, ValueError, RuntimeError, TypeError) as error:
        raise InputError("the JPEG is damaged", got=str(error)) from error


def decode_jpeg_ls(data: bytes, layout: Layout) -> Samples:
    """JPEG-LS, lossless and near-lossless (ITU-T T.87).

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from imagecodecs import JpeglsError, jpegls_decode

    _declared(data, layout)
    try:
        return _shaped(jpegls_decode(data), layout)
    except (JpeglsError, ValueError, RuntimeError, TypeError) as error:
        raise InputError("the JPEG-LS is damaged", got=str(error)) from error


def decode_jpeg_2000(data: bytes, layout: Layout) -> Samples:
    """JPEG 2000, lossless and lossy (ITU-T T.800), also high throughput (T.814).

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from imagecodecs import Jpeg2kError, jpeg2k_decode

    _declared(data, layout)
    try:
        return _shaped(jpeg2k_decode(data), layout)
    except (Jpeg2kError, ValueError, RuntimeError, TypeError, NotImplementedError) as error:
        raise InputError("the JPEG 2000 is damaged", got=str(error)) from error


def decode_rle(data: bytes, layout: Layout) -> Samples:
    """DICOM's run lengths (PS3.5 annex G): one segment for each byte of a sample, the highest first.

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from rle.rle import decode_segment

    count, planes = layout.rows * layout.columns, layout.samples * layout.word_bytes
    if len(data) < 64:
        raise InputError("the run-length pixels are truncated", expected="a header of 64 bytes", got=f"{len(data)}")
    segments, *offsets = struct.unpack_from("<16L", data)
    ends = [*offsets[1:segments], len(data)]
    if segments != planes or list(offsets[:planes]) != sorted(offsets[:planes]) or offsets[0] < 64:
        raise InputError(
            "the run-length pixels contradict the DICOM header", expected=f"{planes} segments", got=str(segments)
        )
    words = np.empty((layout.samples, count, layout.word_bytes), np.uint8)
    for index, (start, end) in enumerate(zip(offsets[:planes], ends, strict=True)):
        segment = data[start:end]
        if not segment:  # which the decoder does not survive
            raise InputError("the run-length pixels are truncated", expected=f"{count} bytes", got="an empty segment")
        try:
            plane = np.frombuffer(decode_segment(segment), np.uint8)
        except ValueError as error:
            raise InputError("the run-length pixels are truncated or damaged", got=str(error)) from error
        if plane.size < count:
            raise InputError("the run-length pixels are truncated", expected=f"{count} bytes", got=str(plane.size))
        sample, byte = divmod(index, layout.word_bytes)
        words[sample, :, layout.word_bytes - 1 - byte] = plane[:count]
    samples = words.view("<u2" if layout.word_bytes == 2 else np.uint8).reshape(-1, layout.rows, layout.columns)
    return np.asarray(samples[0] if layout.samples == 1 else np.moveaxis(samples, 0, -1))


_LOSSY_JPEG: Final = Codec(decode_jpeg, lossy=True, to_rgb=True)
_LOSSLESS_JPEG: Final = Codec(decode_jpeg)
_JPEG_LS: Final = Codec(decode_jpeg_ls)
_JPEG_2000: Final = Codec(decode_jpeg_2000)

CODECS: Final[dict[str, Codec]] = {
    "1.2.840.10008.1.2.4.50": _LOSSY_JPEG,  # JPEG baseline, 8 bits
    "1.2.840.10008.1.2.4.51": _LOSSY_JPEG,  # JPEG extended, 8 and 12 bits
    "1.2.840.10008.1.2.4.57": _LOSSLESS_JPEG,  # JPEG lossless, any predictor
    "1.2.840.10008.1.2.4.70": _LOSSLESS_JPEG,  # JPEG lossless, first predictor
    "1.2.840.10008.1.2.4.80": _JPEG_LS,  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.81": _JPEG_LS,  # JPEG-LS near-lossless
    "1.2.840.10008.1.2.4.90": _JPEG_2000,  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.91": _JPEG_2000,  # JPEG 2000
    "1.2.840.10008.1.2.4.201": _JPEG_2000,  # High-Throughput JPEG 2000 lossless
    "1.2.840.10008.1.2.4.202": _JPEG_2000,  # the same, ordered by resolution
    "1.2.840.10008.1.2.4.203": _JPEG_2000,  # High-Throughput JPEG 2000
    "1.2.840.10008.1.2.5": Codec(decode_rle),
}
"""Transfer syntaxes with compressed pixels that are read."""
