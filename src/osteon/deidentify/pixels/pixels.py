"""Pixel data: searched for text, blanked on request, and written with nothing but the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from osteon.core.geometry import Box
from osteon.deidentify.pixels.blank import blank
from osteon.deidentify.pixels.codestreams import strip_jpeg, strip_jpeg_2000
from osteon.deidentify.pixels.scans import trim_scans
from osteon.deidentify.text.frame_views import search_frame
from osteon.imaging.codecs.codecs import CODECS, Codec, decode_jpeg_2000, decode_rle
from osteon.imaging.dicom.frames import EXPLICIT, PixelData, samples
from osteon.imaging.dicom.groups import frame_header
from osteon.imaging.dicom.layout import read_layout
from osteon.imaging.display.colour import INDEXED, MONOCHROME, PALETTE, to_rgb
from osteon.imaging.display.voi import Stored
from osteon.imaging.grey import Samples
from osteon.imaging.limits import Limits

_RLE: Final = next(codec for codec in CODECS.values() if codec.decode is decode_rle)


@dataclass(frozen=True)
class DecodedImage:
    """The decoded pixels of an object.

    Attributes:
        pixels: location of the samples.
        stored: layout of a sample in its word.
        frames: words of each frame, (H, W) or (H, W, C).
        text: lines of text found in each frame, in pixels of the frame.
        stray: whether bits outside the samples were set; ``frames`` are without them.
    """

    pixels: PixelData
    stored: Stored
    frames: tuple[Samples, ...]
    text: tuple[tuple[Box, ...], ...]
    stray: bool


def decode_pixels(header: Dataset, limits: Limits) -> DecodedImage:
    """Decode all frames and search each for text.

    Raises:
        InputError: the pixels are missing, truncated, damaged, or above the limits.
    """
    pixels, stored = read_layout(header, limits)
    frames: list[Samples] = []
    text: list[tuple[Box, ...]] = []
    stray = False
    for index, words in enumerate(samples(pixels)):
        plain, found = _within(words, stored, pixels)
        stray |= found
        frames.append(plain)
        text.append(tuple(line.box for line in search_frame(frame_header(header, index), plain, pixels, stored)))
    return DecodedImage(pixels, stored, tuple(frames), tuple(text), stray)


def _within(words: Samples, stored: Stored, pixels: PixelData) -> tuple[Samples, bool]:
    """Words without bits outside the sample, where older overlays were hidden (PS3.5 section 8.1.1); and whether any were set."""
    if not stored.masked or pixels.layout.photometric not in MONOCHROME | INDEXED:
        return words, False
    size, shift = 8 * words.dtype.itemsize, stored.high_bit + 1 - stored.bits
    mask = np.array(((1 << stored.bits) - 1) << shift, words.dtype)
    inside = words & mask
    if stored.signed:
        sign = np.array(1 << stored.high_bit, words.dtype)
        above = np.array(((1 << size) - 1) & ~((1 << (stored.high_bit + 1)) - 1), words.dtype)
        extended = np.where(inside & sign, inside | above, inside)
        stray = (words != inside) & (words != extended)
        return (np.asarray(extended, words.dtype), True) if stray.any() else (words, False)
    return (np.asarray(inside, words.dtype), True) if (words != inside).any() else (words, False)


def write_pixels(image: DecodedImage, new: Dataset, *, blank_text: bool) -> str:
    """Set the pixel data of ``new``; returns the transfer syntax.

    Compressed frames stay compressed, stripped of all but their samples. Where pixels change, they are written
    uncompressed in Explicit VR Little Endian.

    Args:
        image: decoded.
        new: data set to write to.
        blank_text: fill the boxes of text with black.

    Raises:
        InputError: a codestream is damaged.
    """
    blanked = blank_text and any(image.text)
    if image.pixels.codec is not None and not blanked and not image.stray:
        new.PixelData = encapsulate([_bare(frame, image, index) for index, frame in enumerate(_streams(image))])
        new["PixelData"].VR = "OB"
        new["PixelData"].is_undefined_length = True
        return image.pixels.syntax
    if image.pixels.layout.photometric == "YBR_FULL_422" and not blanked and image.pixels.codec is None:
        _set_native(new, _subsampled(image.pixels), 1)
        return EXPLICIT
    _write_native(image, new, blanked=blanked)
    return EXPLICIT


def _streams(image: DecodedImage) -> tuple[bytes, ...]:
    return image.pixels.compressed[: image.pixels.frames]


def _bare(frame: bytes, image: DecodedImage, index: int) -> bytes:
    codec = image.pixels.codec
    if codec is None or codec.decode is decode_jpeg_2000:
        return strip_jpeg_2000(frame)
    if _is_rle(codec):
        return _run_lengths(image, index)
    return trim_scans(strip_jpeg(frame), lambda stream: codec.decode(stream, image.pixels.layout))


def _is_rle(codec: Codec | None) -> bool:
    return codec is not None and codec.decode is _RLE.decode


def _run_lengths(image: DecodedImage, index: int) -> bytes:
    """A re-encoded frame: between and after run lengths other bytes could be hidden."""
    from rle.rle import encode_frame

    words, layout = image.frames[index], image.pixels.layout
    little = np.ascontiguousarray(words.astype(words.dtype.newbyteorder("<"))).tobytes()
    return bytes(encode_frame(little, layout.rows, layout.columns, layout.samples, 8 * layout.word_bytes, "<"))


def _black(words: Samples, image: DecodedImage) -> int:
    """The word of the darkest sample in a frame, on display: the highest for MONOCHROME1."""
    photometric = image.pixels.layout.photometric
    if photometric not in MONOCHROME:
        return int(np.bincount(words.ravel()).argmax()) if photometric == PALETTE else 0
    values = image.stored(words.astype(np.int64))
    index_of_black = values.argmax() if photometric == "MONOCHROME1" else values.argmin()
    return int(words.ravel()[int(index_of_black)])


def _write_native(image: DecodedImage, new: Dataset, *, blanked: bool) -> None:
    layout, codec = image.pixels.layout, image.pixels.codec
    frames = list(image.frames)
    if codec is not None:
        new.HighBit = image.stored.high_bit
        frames = [_clipped(words, image) for words in frames]
    if layout.samples == 3:
        new.PlanarConfiguration = 0
        if layout.photometric != "RGB" and (blanked or codec is not None):
            decoded = codec is not None and codec.to_rgb
            frames = [to_rgb(words, layout.photometric, None, decoded=decoded) for words in frames]
            new.PhotometricInterpretation = "RGB"
    if blanked:
        frames = [
            blank(words.copy(), boxes, black=_black(words, image))
            for words, boxes in zip(frames, image.text, strict=True)
        ]
    wide = [words.astype(f"<u{layout.word_bytes}") for words in frames]
    _set_native(new, b"".join(words.tobytes() for words in wide), layout.word_bytes)


def _clipped(words: Samples, image: DecodedImage) -> Samples:
    """Words of a lossy codec, clipped to the range of the samples, as on display.

    Otherwise they would wrap around: uncompressed pixels are read without the bits beyond BitsStored.
    """
    if image.stored.masked or image.pixels.layout.photometric not in MONOCHROME:
        return words
    values = image.stored(words.astype(np.int64))
    return np.asarray(values & ((1 << image.stored.word_bits) - 1), words.dtype)


def _subsampled(pixels: PixelData) -> bytes:
    """The native samples of all frames, in which two pixels of a row share their colour, as they are."""
    size = pixels.frame_bytes * pixels.frames
    if not pixels.swapped:
        return pixels.native[:size]
    return np.frombuffer(pixels.native[: size + size % 2], np.uint16).byteswap().tobytes()[:size]


def _set_native(new: Dataset, data: bytes, word_bytes: int) -> None:
    new.PixelData = data + b"\0" * (len(data) % 2)
    new["PixelData"].VR = "OW" if word_bytes == 2 else "OB"
