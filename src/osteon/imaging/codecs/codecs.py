"""Compressed frames of a DICOM object to stored samples, one function for each family of transfer syntaxes.

The size that a frame declares must be the one of the DICOM header before a decoder is called.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.imaging.codecs.codestream import Codestream, Family, find_jpeg_2000, parse
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
        signed: whether PixelRepresentation says two's complement.
    """

    rows: int
    columns: int
    samples: int
    word_bytes: int
    photometric: str
    planar: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Codec:
    """A family of transfer syntaxes.

    Attributes:
        decode: codestream and layout to samples (H, W) or (H, W, C); signed ones are extended to their whole word.
        to_rgb: whether colours come out as RGB whatever the header says.
    """

    decode: Callable[[bytes, Layout], Samples]
    to_rgb: bool = False


def _declared(data: bytes, layout: Layout) -> Codestream:
    stream = parse(data)
    declared = (stream.rows, stream.columns, stream.components)
    if declared != (layout.rows, layout.columns, layout.samples):
        raise InputError(
            FaultCode.COMPRESSED_OTHER_SIZE,
            {
                "rows": layout.rows,
                "columns": layout.columns,
                "samples": layout.samples,
                "found": ", ".join(map(str, declared)),
            },
        )
    if not 2 <= stream.bits <= 16:
        raise InputError(FaultCode.COMPRESSED_DEPTH, {"bits": stream.bits})
    if stream.bits > 8 * layout.word_bytes:
        raise InputError(FaultCode.COMPRESSED_OTHER_DEPTH, {"bits": 8 * layout.word_bytes, "found": stream.bits})
    return stream


def _shaped(decoded: Samples, layout: Layout, stream: Codestream) -> Samples:
    shape = (layout.rows, layout.columns) if layout.samples == 1 else (layout.rows, layout.columns, layout.samples)
    if decoded.size != int(np.prod(shape)) or decoded.dtype.itemsize > 2:
        raise InputError(FaultCode.COMPRESSED_SHAPE, {"shape": str(shape), "found": str(decoded.shape)})
    words = decoded.view(np.uint8 if decoded.dtype.itemsize == 1 else np.uint16)
    if decoded.ndim == 3 and decoded.shape[0] == layout.samples != decoded.shape[2]:
        words = np.moveaxis(words, 0, -1)
    return _extended(np.ascontiguousarray(words).reshape(shape), layout, stream)


def _extended(words: Samples, layout: Layout, stream: Codestream) -> Samples:
    """Samples of the sign that the header states, in words of its size.

    PixelRepresentation says whether a sample is signed, and the codestream how many bits of two's complement it has;
    JPEG and JPEG-LS know no sign, and JPEG 2000's may be another than the header's (PS3.5 section 8.2.4: it shall not).
    """
    if not layout.signed and not stream.signed:
        return words
    wide = words.astype(np.uint16 if layout.word_bytes == 2 else np.uint8)
    bits, size = stream.bits, 8 * layout.word_bytes
    if not layout.signed:
        return np.asarray(wide & np.array((1 << bits) - 1, wide.dtype), wide.dtype)
    if bits < size:
        sign = np.array(1 << (bits - 1), wide.dtype)
        wide = ((wide & np.array((1 << bits) - 1, wide.dtype)) ^ sign) - sign
    return np.asarray(wide)


def decode_jpeg(data: bytes, layout: Layout) -> Samples:
    """JPEG baseline, extended and lossless (ITU-T T.81), 2 to 16 bits.

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from imagecodecs import Jpeg8Error, jpeg8_decode

    stream = _declared(data, layout)
    untouched = layout.samples == 3 and (stream.lossless or (layout.photometric == "RGB" and not stream.tagged))
    stated = "YCBCR" if layout.samples == 3 and layout.photometric.startswith("YBR") and not stream.tagged else None
    space, out = ("RGB", "RGB") if untouched else (stated, "RGB" if stated else None)
    try:
        return _shaped(jpeg8_decode(data, colorspace=space, outcolorspace=out), layout, stream)
    except (Jpeg8Error, ValueError, RuntimeError, TypeError) as error:
        raise InputError(FaultCode.CODESTREAM_DAMAGED, {"codec": "JPEG", "cause": str(error)}) from error


def decode_jpeg_ls(data: bytes, layout: Layout) -> Samples:
    """JPEG-LS, lossless and near-lossless (ITU-T T.87).

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from imagecodecs import JpeglsError, jpegls_decode

    stream = _declared(data, layout)
    try:
        return _shaped(jpegls_decode(data), layout, stream)
    except (JpeglsError, ValueError, RuntimeError, TypeError) as error:
        raise InputError(FaultCode.CODESTREAM_DAMAGED, {"codec": "JPEG-LS", "cause": str(error)}) from error


def decode_jpeg_2000(data: bytes, layout: Layout) -> Samples:
    """JPEG 2000, lossless and lossy (ITU-T T.800), also high throughput (T.814).

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from imagecodecs import Jpeg2kError, jpeg2k_decode

    stream = _declared(data, layout)
    try:  # without the boxes around it, whose colour spaces and palettes have no say in DICOM
        return _shaped(jpeg2k_decode(data[find_jpeg_2000(data) :]), layout, stream)
    except (Jpeg2kError, ValueError, RuntimeError, TypeError, NotImplementedError) as error:
        raise InputError(FaultCode.CODESTREAM_DAMAGED, {"codec": "JPEG 2000", "cause": str(error)}) from error


def decode_rle(data: bytes, layout: Layout) -> Samples:
    """DICOM's run lengths (PS3.5 annex G): one segment for each byte of a sample, the highest first.

    Raises:
        InputError: damaged, truncated, or not as the header says.
    """
    from rle.rle import decode_segment

    count, planes = layout.rows * layout.columns, layout.samples * layout.word_bytes
    if len(data) < 64:
        raise InputError(FaultCode.RLE_TRUNCATED, {"found": len(data)})
    segments, *offsets = struct.unpack_from("<16L", data)
    ends = [*offsets[1:segments], len(data)]
    if segments != planes or list(offsets[:planes]) != sorted(offsets[:planes]) or offsets[0] < 64:
        raise InputError(FaultCode.RLE_SEGMENTS, {"segments": planes, "found": segments})
    words = np.empty((layout.samples, count, layout.word_bytes), np.uint8)
    for index, (start, end) in enumerate(zip(offsets[:planes], ends, strict=True)):
        segment = data[start:end]
        if not segment:  # which the decoder does not survive
            raise InputError(FaultCode.RLE_TRUNCATED, {"bytes": count, "found": 0})
        try:
            plane = np.frombuffer(decode_segment(segment), np.uint8)
        except ValueError as error:
            raise InputError(FaultCode.RLE_DAMAGED, {"cause": str(error)}) from error
        if plane.size < count:
            raise InputError(FaultCode.RLE_TRUNCATED, {"bytes": count, "found": plane.size})
        sample, byte = divmod(index, layout.word_bytes)
        words[sample, :, layout.word_bytes - 1 - byte] = plane[:count]
    samples = words.view("<u2" if layout.word_bytes == 2 else np.uint8).reshape(-1, layout.rows, layout.columns)
    return np.asarray(samples[0] if layout.samples == 1 else np.moveaxis(samples, 0, -1))


_LOSSY_JPEG: Final = Codec(decode_jpeg, to_rgb=True)
_LOSSLESS_JPEG: Final = Codec(decode_jpeg)
_JPEG_LS: Final = Codec(decode_jpeg_ls)
_JPEG_2000: Final = Codec(decode_jpeg_2000)
RLE: Final = Codec(decode_rle)

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
    "1.2.840.10008.1.2.5": RLE,
}
"""Transfer syntaxes with compressed pixels that are read."""


def frame_codec(frame: bytes, stated: Codec | None) -> tuple[Codec, Codestream | None]:
    """How a compressed frame is decoded, by what it is, and what its codestream declares.

    Args:
        frame: the first one.
        stated: the codec of the transfer syntax; None where that says that pixels are not compressed.
    """
    try:
        stream = parse(frame)
    except InputError:  # the decoder will say what is wrong with it
        stream = None
    if stream is None:
        return RLE if stated is None or _is_rle(frame) else stated, None
    if stream.family is Family.JPEG:
        return (_LOSSLESS_JPEG if stream.lossless else _LOSSY_JPEG), stream
    return (_JPEG_LS if stream.family is Family.JPEG_LS else _JPEG_2000), stream


def _is_rle(frame: bytes) -> bool:
    """Whether this begins as run lengths do: the number of segments, and offsets of which the first is behind the header."""
    if len(frame) < 64:
        return False
    segments, first, *_ = struct.unpack_from("<16L", frame)
    return 1 <= segments <= 15 and first == 64


def syntax_of(stream: Codestream | None) -> str:
    """The transfer syntax of a codestream, that of run lengths without one."""
    if stream is None:
        return "1.2.840.10008.1.2.5"
    if stream.family is Family.JPEG:
        return "1.2.840.10008.1.2.4." + ("57" if stream.lossless else "50" if stream.bits == 8 else "51")
    if stream.family is Family.JPEG_LS:
        return "1.2.840.10008.1.2.4." + ("81" if stream.lossy else "80")
    return "1.2.840.10008.1.2.4.91"
