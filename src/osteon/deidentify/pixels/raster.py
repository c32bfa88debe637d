"""JPEG, PNG and TIFF images without Exif, XMP, comments, profiles, thumbnails and trailing bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.geometry import Box
from osteon.deidentify.pixels.blank import blank
from osteon.deidentify.pixels.codestreams import strip_jpeg
from osteon.deidentify.pixels.png import has_opacity, strip_png
from osteon.deidentify.pixels.scans import trim_scans
from osteon.deidentify.text.views import search_colours, search_text
from osteon.imaging.codecs.codestream import parse
from osteon.imaging.grey import over_black
from osteon.imaging.limits import Limits
from osteon.imaging.orient import read_orientation, upright
from osteon.imaging.raster.raster import read_raster, read_tiff, shown
from osteon.imaging.raster.tiff import is_whole
from osteon.imaging.sniff import Kind

if TYPE_CHECKING:
    from osteon.imaging.raster.tiff import Page

RasterSamples = NDArray[np.uint8 | np.uint16]

_QUALITY: Final = 95
_ORIENTATION: Final = 274


def strip(data: bytes, kind: Kind, limits: Limits, *, clean: bool) -> tuple[bytes, tuple[tuple[Box, ...], ...]]:
    """An image with its pixels only, and the boxes of the text found in each of its pages.

    Pixels are unchanged, bit by bit, unless text is blanked, Exif rotates the image, or it has opacity: then it is
    re-encoded, JPEG with quality 95. Content hidden by opacity is removed: the image is composed over black, as
    displayed, and loses its opacity. Rows beyond the declared height are cut off.

    Args:
        data: the file.
        kind: its format.
        limits: for the file.
        clean: fill the boxes with black.

    Raises:
        InputError: it is truncated, damaged, above the limits, or a TIFF of unusual samples.
    """
    if kind is Kind.TIFF:
        pages = read_tiff(data, limits)
        text = tuple(_search(page.samples) for page in pages)
        return _tiff(pages, text if clean else ((),) * len(pages)), text
    radiographs = read_raster(data, kind, "<image>", "", limits)  # refuses what is damaged
    orientation = _orientation(data, kind)
    image = upright(_decode(data), orientation) if radiographs[0].colourfulness > 0 else None
    text = (_search(radiographs[0].pixels if image is None else image),)
    boxes = text[0] if clean else ()
    plain = kind is Kind.JPEG or not has_opacity(data)
    if orientation == 1 and plain and not boxes:
        return (_jpeg(data) if kind is Kind.JPEG else strip_png(data)), text
    if image is None:
        image = upright(_decode(data), orientation)
    return _encode(blank(image.copy(), boxes), kind), text


def _search(samples: NDArray[Any]) -> tuple[Box, ...]:
    """Boxes of the text in grey samples (H, W), or in colours (H, W, 3)."""
    found = search_colours(samples) if samples.ndim == 3 else search_text(samples)
    return tuple(line.box for line in found)


def _jpeg(data: bytes) -> bytes:
    """A JPEG with only the segments and samples that its image needs."""
    from imagecodecs import jpeg8_decode

    try:
        return trim_scans(strip_jpeg(data), jpeg8_decode)
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(FaultCode.NEEDS_METADATA) from error


def _orientation(data: bytes, kind: Kind) -> int:
    if kind is Kind.JPEG:
        return read_orientation(parse(data).exif)
    from PIL import PngImagePlugin

    image = PngImagePlugin.PngImageFile(io.BytesIO(data))
    image.load()
    orientation = image.getexif().get(_ORIENTATION, 1)
    return orientation if orientation in range(1, 9) else 1


def _decode(data: bytes) -> RasterSamples:
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None or not is_whole(image.dtype):
        raise InputError(FaultCode.NOT_DECODED_TO_CHANGE)
    samples = np.asarray(image, np.uint16 if image.dtype == np.uint16 else np.uint8)
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        samples = over_black(samples[..., :-1], samples[..., -1])
    return samples[..., 0] if samples.ndim == 3 and samples.shape[2] == 1 else samples


def _encode(image: RasterSamples, kind: Kind) -> bytes:
    suffix, settings = (".jpg", [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]) if kind is Kind.JPEG else (".png", [])
    succeeded, encoded = cv2.imencode(suffix, image, settings)
    if not succeeded:
        raise InputError(FaultCode.NOT_ENCODED)
    return encoded.tobytes()


def _tiff(pages: Sequence[Page], boxes: tuple[tuple[Box, ...], ...]) -> bytes:
    """The pages of a TIFF, grey or RGB, re-encoded losslessly, and without opacity."""
    from tifffile import TiffWriter

    stream = io.BytesIO()
    with TiffWriter(stream) as file:
        for page, text in zip(pages, boxes, strict=True):
            inverted = page.white_is_zero and page.opacity is None
            samples = np.array(page.samples if page.opacity is None else shown(page))
            file.write(
                blank(samples, text, white_is_zero=inverted),
                photometric="rgb" if samples.ndim == 3 else "miniswhite" if inverted else "minisblack",
                compression="zlib",
                metadata=None,
                software=False,
            )
    return stream.getvalue()
