"""JPEG, PNG and TIFF pictures without Exif, XMP, comments, profiles, thumbnails and trailing bytes."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import InputError
from osteon.core.geometry import Box
from osteon.imaging.codestream import parse
from osteon.imaging.deidentify.codestreams import strip_jpeg
from osteon.imaging.deidentify.text import find_text
from osteon.imaging.limits import Limits
from osteon.imaging.orient import read_orientation, upright
from osteon.imaging.raster import read_raster
from osteon.imaging.sniff import Kind

Picture = NDArray[np.uint8 | np.uint16]

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_NEEDED: Final = (b"IHDR", b"PLTE", b"tRNS")
_QUALITY: Final = 95
_ORIENTATION: Final = 274


def strip(data: bytes, kind: Kind, limits: Limits, *, blank: bool) -> tuple[bytes, tuple[tuple[Box, ...], ...]]:
    """A picture with its pixels only, and the boxes of the text found in each of its pages.

    Pixels stay as they are, bit by bit, unless text is blanked or Exif turns a picture: then it is encoded anew, JPEG
    with quality 95.

    Args:
        data: the file.
        kind: its format.
        limits: what it may ask for.
        blank: fill the boxes with black.

    Raises:
        InputError: it is truncated, damaged, above the limits, or a TIFF of unusual samples.
    """
    films = read_raster(data, kind, "<picture>", "", limits)  # refuses what is damaged
    text = tuple(tuple(line.box for line in find_text(_eight_bits(film.pixels))) for film in films)
    if kind is Kind.TIFF:
        return _tiff(data, text if blank else ((),) * len(films)), text
    orientation = _orientation(data, kind)
    if orientation == 1 and not (blank and any(text)):
        return (strip_jpeg(data) if kind is Kind.JPEG else _png(data)), text
    picture = upright(_decode(data), orientation).copy()
    return _encode(_blanked(picture, text[0] if blank else ()), kind), text


def _eight_bits(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(pixels.min()), float(pixels.max())
    return np.asarray((pixels - low) * (255.0 / max(high - low, 1e-6)), np.uint8)


def _orientation(data: bytes, kind: Kind) -> int:
    if kind is Kind.JPEG:
        return read_orientation(parse(data).exif)
    from PIL import PngImagePlugin

    image = PngImagePlugin.PngImageFile(io.BytesIO(data))
    image.load()
    orientation = image.getexif().get(_ORIENTATION, 1)
    return orientation if orientation in range(1, 9) else 1


def _decode(data: bytes) -> Picture:
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if picture is None:
        raise InputError("the picture cannot be decoded to be turned or blanked", hint="Convert it to a grey PNG.")
    return np.asarray(picture, np.uint16 if picture.dtype == np.uint16 else np.uint8)


def _encode(picture: Picture, kind: Kind) -> bytes:
    suffix, settings = (".jpg", [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]) if kind is Kind.JPEG else (".png", [])
    done, encoded = cv2.imencode(suffix, picture, settings)
    if not done:
        raise InputError("the picture cannot be encoded anew", hint="Convert it to a grey PNG.")
    return encoded.tobytes()


def _blanked(picture: Picture, boxes: tuple[Box, ...]) -> Picture:
    for box in boxes:
        part = picture[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
        part[...] = 0
        if part.ndim == 3 and part.shape[2] == 4:
            part[..., 3] = np.iinfo(part.dtype).max
    return picture


def _png(data: bytes) -> bytes:
    """The header, palette, transparency and compressed samples of a PNG; of an animation its first picture."""
    kept: list[bytes] = []
    packed: list[bytes] = []
    position = len(_PNG)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        if kind in _NEEDED:
            kept.append(_chunk(kind, body))
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"IEND":
            break
        position += 12 + length
    # inflating and deflating again leaves out what may follow the end of the compressed samples
    plain = zlib.decompressobj().decompress(b"".join(packed))
    return b"".join([_PNG, *kept, _chunk(b"IDAT", zlib.compress(plain, 6)), _chunk(b"IEND", b"")])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _tiff(data: bytes, boxes: tuple[tuple[Box, ...], ...]) -> bytes:
    """The pages of a TIFF, grey or RGB, written anew without compression loss."""
    from PIL import Image, TiffImagePlugin

    source = TiffImagePlugin.TiffImageFile(io.BytesIO(data))
    pages: list[Image.Image] = []
    index = 0
    while len(pages) < len(boxes):
        source.seek(index)
        index += 1
        if int(source.tag_v2.get(254, 0)) & 1:  # a reduced copy of another page
            continue
        white = source.tag_v2.get(262) == 0
        source.load()
        if source.mode not in ("L", "RGB", "I;16"):
            raise InputError(
                "the samples of the TIFF are not rewritten",
                expected="8 or 16 bit grey, or 8 bit RGB",
                hint="Convert it to a 16 bit grey PNG or TIFF.",
            )
        picture = np.array(source)
        if white and picture.dtype == np.uint16:  # Pillow has inverted those of 8 bits
            picture = np.asarray(picture.max() - picture, np.uint16)
        pages.append(Image.fromarray(np.ascontiguousarray(_blanked(picture, boxes[len(pages)]))))
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=len(pages) > 1, append_images=pages[1:], compression="tiff_adobe_deflate")
    return stream.getvalue()
