"""JPEG, PNG and TIFF to radiographs."""

from __future__ import annotations

import io
import struct
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.core.instance import InstanceRef
from osteon.core.records import Identifiers, Pixels, Radiograph
from osteon.imaging.codecs.codestream import parse
from osteon.imaging.damaged import DAMAGED
from osteon.imaging.grey import Samples, colourfulness, over_black, to_grey
from osteon.imaging.limits import Limits
from osteon.imaging.orient import read_orientation, upright
from osteon.imaging.quiet import quiet
from osteon.imaging.sniff import Kind

if TYPE_CHECKING:
    from PIL import Image

    from osteon.imaging.raster.tiff import Page

_ORIENTATION: Final = 274


@dataclass(frozen=True, slots=True)
class _Picture:
    """One image, upright and grey: samples (H, W), their depth, and how colourful they were."""

    samples: NDArray[np.uint8 | np.uint16 | np.float32]
    bits: int
    colourful: float = 0.0
    notes: tuple[Note, ...] = ()


def read_raster(data: bytes, kind: Kind, source: str, name: str, limits: Limits) -> list[Radiograph]:
    """Read a JPEG, PNG or TIFF; a TIFF gives one radiograph for each of its pages.

    8 bit samples are taken as they are. 16 bit samples are scaled by the smallest power of two that holds the image,
    since 10 and 12 bit radiographs come in 16 bit files.

    Args:
        data: the whole file.
        kind: what it is.
        source: where it came from.
        name: identifies the image, empty for none.
        limits: what it may ask for.

    Raises:
        InputError: it is truncated, damaged, above the limits, or of a kind of TIFF or PNG that is not read.
    """
    readers = {Kind.JPEG: _read_jpeg, Kind.PNG: _read_png, Kind.TIFF: _read_tiff}
    with _refusing_damage(kind):
        pictures = list(readers[kind](data, limits))
    return [
        Radiograph(
            pixels=_scaled(picture),
            source=source,
            format=kind.value,
            bits=picture.bits,
            notes=picture.notes,
            identifiers=Identifiers(file_name=name, instance=InstanceRef(frame=index)),
            colourfulness=picture.colourful,
        )
        for index, picture in enumerate(pictures, start=1)
    ]


def read_tiff(data: bytes, limits: Limits) -> list[Page]:
    """The pages of a TIFF with their stored samples, refused as `read_raster` would refuse them.

    Raises:
        InputError: it is truncated, damaged, above the limits, or of a kind of TIFF that is not read.
    """
    from osteon.imaging.raster.tiff import is_whole, read_pages

    with _refusing_damage(Kind.TIFF):
        pages = list(read_pages(data, limits))
        for page in pages:
            if not is_whole(page.samples.dtype):
                _range(page.samples)
    return pages


@contextmanager
def _refusing_damage(kind: Kind) -> Generator[None]:
    """Report what decoders raise on damaged files as one `InputError`."""
    try:
        yield
    except DAMAGED as error:
        raise InputError(FaultCode.RASTER_DAMAGED, {"format": kind.value, "error": type(error).__name__}) from error


def _scaled(picture: _Picture) -> Pixels:
    import cv2

    samples = picture.samples
    if samples.dtype == np.float32:
        return np.asarray(samples, np.float32)
    steps = np.arange(2 ** (8 * samples.dtype.itemsize), dtype=np.float64) / (2**picture.bits - 1)
    return np.asarray(cv2.LUT(samples, np.minimum(steps, 1.0).astype(np.float32)), np.float32)


def _depth(samples: Samples) -> int:
    """Bits that hold the largest sample; at least 8."""
    return 8 if samples.dtype == np.uint8 else max(8, int(samples.max()).bit_length())


def _coloured(colours: Samples, bits: int | None = None) -> _Picture:
    grey = to_grey(colours)
    return _Picture(grey, bits or _depth(grey), colourfulness(colours))


def _read_jpeg(data: bytes, limits: Limits) -> Iterator[_Picture]:
    stream = parse(data)
    limits.check_pixels(stream.rows, stream.columns)
    orientation = read_orientation(stream.exif)
    if stream.components == 4:  # CMYK, which Pillow inverts where Adobe says so
        from PIL import JpegImagePlugin

        colours = np.asarray(JpegImagePlugin.JpegImageFile(io.BytesIO(data)).convert("RGB"))
    else:
        from imagecodecs import jpeg8_decode

        colours = np.asarray(jpeg8_decode(data))
    if colours.shape[:2] != (stream.rows, stream.columns):
        raise InputError(FaultCode.RASTER_DAMAGED, {"format": "JPEG"})
    colours = upright(colours, orientation)
    if colours.ndim == 2:
        yield _Picture(colours, stream.bits)
    else:
        yield _coloured(colours, stream.bits)


def _read_png(data: bytes, limits: Limits) -> Iterator[_Picture]:
    from PIL import PngImagePlugin

    if len(data) < 33:
        raise InputError(FaultCode.RASTER_TRUNCATED, {"format": "PNG"})
    columns, rows, depth, colour_type = struct.unpack_from(">IIBB", data, 16)
    limits.check_pixels(rows, columns)
    with quiet():
        image = PngImagePlugin.PngImageFile(io.BytesIO(data))
        frames = getattr(image, "n_frames", 1)
    image.load()
    orientation = image.getexif().get(_ORIENTATION, 1)
    notes = (Note(NoteCode.ANIMATED),) if frames > 1 else ()
    if depth == 16 and colour_type in (2, 4, 6):  # Pillow would reduce these to 8 bits
        from imagecodecs import png_decode

        picture = _reduce(np.asarray(png_decode(data)))
    else:
        picture = _from_pillow(image)
    yield _Picture(upright(picture.samples, orientation), picture.bits, picture.colourful, (*picture.notes, *notes))


def _read_tiff(data: bytes, limits: Limits) -> Iterator[_Picture]:
    from osteon.imaging.raster.tiff import is_whole, read_pages

    for page in read_pages(data, limits):
        if is_whole(page.samples.dtype):
            yield replace(_reduce(shown(page)), notes=page.notes)
        else:
            yield _spread(page)


def shown(page: Page) -> Samples:
    """The samples of a page of uint8 or uint16 as they are shown: black is 0, and opacity lies over black.

    Where white is 0, the highest sample becomes the smallest power of two that holds the image, less one.
    """
    samples = page.samples
    if page.white_is_zero:
        samples = np.asarray((2 ** _depth(samples) - 1) - samples, samples.dtype)
    if page.opacity is None:
        return samples
    colours = samples[..., None] if samples.ndim == 2 else samples
    return over_black(colours, page.opacity).reshape(samples.shape)


def _from_pillow(image: Image.Image) -> _Picture:
    """A decoded picture of any of Pillow's modes."""
    mode = image.mode
    if mode.startswith("I;16"):
        samples = np.asarray(np.asarray(image), np.uint16)
        return _Picture(samples, _depth(samples))
    if mode == "1":
        image = image.convert("L")
    elif mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif mode in ("PA", "RGBa", "La"):
        image = image.convert("RGBA")
    elif mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGB")
    return _reduce(np.asarray(image))


def _reduce(samples: Samples) -> _Picture:
    """Samples (H, W), (H, W, 2), (H, W, 3) or (H, W, 4), where 2 and 4 channels end with opacity, to grey."""
    if samples.ndim == 2:
        return _Picture(samples, _depth(samples))
    if samples.ndim != 3 or samples.shape[2] > 4 or samples.dtype.kind != "u":
        raise InputError(FaultCode.SAMPLE_LAYOUT, {"shape": str(samples.shape)})
    channels = samples.shape[2]
    if channels in (2, 4):
        samples = over_black(samples[..., :-1], samples[..., -1])
    return _coloured(samples) if channels > 2 else _Picture(samples[..., 0], _depth(samples[..., 0]))


def _spread(page: Page) -> _Picture:
    """Samples without a natural range: the range of the image is spread over black to white."""
    values = page.samples.astype(np.float64)
    low, high = _range(values)
    spread = (values - low) / (high - low) if high > low else np.zeros_like(values)
    if page.white_is_zero:
        spread = 1.0 - spread
    kind = {"f": "floating-point", "i": "signed"}.get(page.samples.dtype.kind, "unsigned")
    note = Note(NoteCode.RANGE_SPREAD, {"bits": page.bits, "type": kind})
    return _Picture(spread.astype(np.float32), page.bits, notes=(note, *page.notes))


def _range(samples: NDArray[Any]) -> tuple[float, float]:
    """The smallest and the largest sample.

    Raises:
        InputError: a sample is not finite, or the difference is not.
    """
    values = samples.astype(np.float64)
    if not np.isfinite(values).all():
        raise InputError(FaultCode.NOT_FINITE)
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(high - low):
        raise InputError(FaultCode.RANGE)
    return low, high
