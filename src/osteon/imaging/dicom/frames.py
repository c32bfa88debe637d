"""The frames of a DICOM object: where they lie in Pixel Data, and their stored samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note
from osteon.core.errors import InputError
from osteon.imaging.codecs.codecs import CODECS, Codec, Layout
from osteon.imaging.dicom.encoding import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from osteon.imaging.grey import Samples

NATIVE: Final = frozenset({IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN})
"""Transfer syntaxes with uncompressed pixels."""


@dataclass(frozen=True)
class PixelData:
    """The Pixel Data element, not yet decoded.

    Attributes:
        layout: of each frame.
        frames: number of frames.
        native: the samples of all frames, where they are not compressed.
        compressed: one codestream for each frame, where they are.
        codec: how to decode them.
        big_endian: order of bytes in native words.
        swapped: whether 8 bit samples lie in big endian words of 16 bits.
        syntax: the transfer syntax that the pixels are in, whatever the file states.
        notes: on what was not as stated.
    """

    layout: Layout
    frames: int
    native: bytes = b""
    compressed: tuple[bytes, ...] = ()
    codec: Codec | None = None
    big_endian: bool = False
    swapped: bool = False
    syntax: str = EXPLICIT
    notes: tuple[Note, ...] = ()

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame that is not compressed."""
        per_pixel = 2 if self.layout.photometric == "YBR_FULL_422" else self.layout.samples
        return self.layout.rows * self.layout.columns * per_pixel * self.layout.word_bytes


def transfer_codec(syntax: str, name: str) -> Codec | None:
    """The codec of a transfer syntax, None where pixels are not compressed.

    Raises:
        InputError: it is not read; ``name`` says which it is.
    """
    if syntax in NATIVE:
        return None
    if syntax not in CODECS:
        raise InputError(FaultCode.TRANSFER_SYNTAX, {"name": name})
    return CODECS[syntax]


def samples(pixels: PixelData) -> Iterator[Samples]:
    """Stored samples of each frame: uint8 or uint16, (H, W) or (H, W, C).

    Raises:
        InputError: pixels are missing, truncated or damaged.
    """
    if pixels.codec is None:
        yield from _native(pixels)
        return
    if len(pixels.compressed) < pixels.frames:
        raise InputError(FaultCode.PIXELS_TRUNCATED, {"frames": pixels.frames, "found": len(pixels.compressed)})
    for frame in pixels.compressed[: pixels.frames]:
        yield pixels.codec.decode(frame, pixels.layout)


def _native(pixels: PixelData) -> Iterator[Samples]:
    layout = pixels.layout
    subsampled = layout.photometric == "YBR_FULL_422"
    size = pixels.frame_bytes
    if len(pixels.native) < size * pixels.frames:
        raise InputError(
            FaultCode.PIXELS_TRUNCATED,
            {"frames": pixels.frames, "bytes": size * pixels.frames, "found": len(pixels.native)},
        )
    raw = np.frombuffer(pixels.native, np.uint8, size * pixels.frames + (size * pixels.frames) % 2 * pixels.swapped)
    if pixels.swapped:
        raw = raw.view(np.uint16).byteswap().view(np.uint8)
    for index in range(pixels.frames):
        frame = raw[index * size : (index + 1) * size]
        if layout.word_bytes == 2:
            yield _arranged(np.asarray(frame.view(">u2" if pixels.big_endian else "<u2"), np.uint16), layout)
        else:
            yield _arranged(frame, layout, subsampled=subsampled)


def _arranged(frame: Samples, layout: Layout, *, subsampled: bool = False) -> Samples:
    if layout.samples == 1:
        return frame.reshape(layout.rows, layout.columns)
    if subsampled:  # Y0 Y1 Cb Cr for each two pixels of a row, PS3.3 section C.7.6.3.1.2
        pairs = frame.reshape(layout.rows, layout.columns // 2, 4)
        luma = pairs[..., :2].reshape(layout.rows, layout.columns)
        blue, red = (np.repeat(pairs[..., i], 2, axis=1) for i in (2, 3))
        return np.stack([luma, blue, red], axis=-1)
    if layout.planar:
        return np.ascontiguousarray(np.moveaxis(frame.reshape(layout.samples, layout.rows, layout.columns), 0, -1))
    return frame.reshape(layout.rows, layout.columns, layout.samples)
