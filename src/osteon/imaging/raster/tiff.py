"""Pages of a TIFF as they are stored, decoded by tifffile: any byte order, layout, compression and sample type.

What a page means is decided here: which value is white, what a further sample stands for, and which properties are not
read, each with its name. Source: TIFF 6.0 (Adobe, 1992), tags by their numbers.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging.limits import Limits
from osteon.imaging.orient import upright

if TYPE_CHECKING:
    from tifffile import TiffPage
    from tifffile.tifffile import TiffFormat

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _MASK, _CMYK, _YCBCR = range(7)
_COLOURS: Final = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}
"""Samples of a pixel that carry the image, by PhotometricInterpretation; more are extra samples."""
_JPEG: Final = (6, 7, 34892, 33007)
_ORIENTATION: Final = 274
_COLOUR_MAP: Final = 320
_OLD_SUBFILE: Final = 255
_UNASSOCIATED: Final = 2
_MOST_SAMPLES: Final = 8

logging.getLogger("tifffile").addFilter(lambda _record: False)  # its lines quote tags, which may name a patient


@dataclass(frozen=True, slots=True)
class Page:
    """One page, upright.

    Attributes:
        samples: (H, W), or (H, W, 3) for RGB: uint8, uint16, or any other real number for grey.
        opacity: (H, W) of the same type where colours have yet to be weighted by it, else None.
        white_is_zero: the lowest value is shown white.
        bits: of a stored sample.
        notes: what was passed over.
    """

    samples: NDArray[Any]
    opacity: NDArray[Any] | None = None
    white_is_zero: bool = False
    bits: int = 8
    notes: tuple[Note, ...] = ()


def read_pages(data: bytes, limits: Limits) -> Iterator[Page]:
    """The pages of a TIFF, without reduced copies of other pages and without masks.

    Args:
        data: the whole file.
        limits: what it may ask for.

    Raises:
        InputError: a page is damaged, above the limits, or has a property that is not read; the message names it.
    """
    from tifffile import TiffFile, TiffPage

    with TiffFile(io.BytesIO(data)) as file:
        pixels = images = 0
        seen: set[int] = set()
        following = 0
        for page in file.pages:
            if not isinstance(page, TiffPage) or page.offset in seen:
                raise InputError(FaultCode.TIFF_CIRCLE)
            seen.add(page.offset)
            following = _following(data, file.tiff, page.offset)
            rows, columns = int(page.imagelength), int(page.imagewidth)
            pixels += rows * columns
            limits.check_pixels(rows, columns)
            limits.check_pixels(1, pixels, len(seen))
            if not _is_copy(page):
                images += 1
                yield _read(page)
        if following:
            raise InputError(FaultCode.TIFF_PAGE_OUTSIDE)
        if images == 0:
            raise InputError(FaultCode.TIFF_NO_IMAGE)


def _following(data: bytes, form: TiffFormat, offset: int) -> int:
    """Where the directory behind the one at an offset lies; 0 behind the last."""
    (entries,) = struct.unpack_from(form.tagnoformat, data, offset)
    where = offset + form.tagnosize + entries * form.tagsize
    return int(struct.unpack_from(form.offsetformat, data, where)[0]) if where + form.offsetsize <= len(data) else 0


def _is_copy(page: TiffPage) -> bool:
    """Whether a page is a reduced copy or a mask of another (NewSubfileType, SubfileType, PhotometricInterpretation)."""
    return bool(int(page.subfiletype) & 0b101) or page.tags.valueof(_OLD_SUBFILE, 0) == 2 or page.photometric == _MASK


def _read(page: TiffPage) -> Page:
    kind = int(page.photometric)
    _check(page, kind)
    samples = np.asarray(page.asarray())
    if int(page.planarconfig) == 2 and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, -1)
    if samples.ndim == 2:
        samples = samples[..., None]
    if samples.shape[:2] != (page.imagelength, page.imagewidth):
        raise _not_read("shape", " x ".join(map(str, samples.shape)))
    samples = upright(samples, _orientation(page))
    colours, extra = samples[..., : _COLOURS[kind]], samples[..., _COLOURS[kind] :]
    opacity = extra[..., 0] if extra.shape[-1] and _unassociated(page) else None
    notes = (Note(NoteCode.EXTRA_SAMPLES, {"count": extra.shape[-1]}),) if _unspecified(page, extra) else ()
    if kind in (_WHITE_IS_ZERO, _BLACK_IS_ZERO):
        grey = _whole_bytes(colours[..., 0], int(page.bitspersample))
        bits = 8 if grey.dtype == np.uint8 else int(page.bitspersample)
        return Page(grey, _as_grey(opacity, grey), kind == _WHITE_IS_ZERO, bits, notes)
    rgb = _rgb(page, kind, colours)
    return Page(rgb, _as_grey(opacity, rgb), bits=8 * rgb.dtype.itemsize, notes=notes)


def _check(page: TiffPage, kind: int) -> None:
    """Refuse, before it is decoded, what would be shown wrongly or would not decode."""
    if kind not in _COLOURS:
        raise _not_read("photometric", _named(page.photometric))
    samples = int(page.samplesperpixel)
    if not _COLOURS[kind] <= samples <= _MOST_SAMPLES:
        raise _not_read("samples", f"{samples}, with PhotometricInterpretation {_named(page.photometric)}")
    if int(page.imagedepth) > 1:
        raise _not_read("depth", f"ImageDepth {int(page.imagedepth)}")
    if isinstance(page.bitspersample, tuple) or page.dtype is None:
        raise _not_read("mixed", f"BitsPerSample {page.bitspersample}")
    if page.dtype.kind not in "buif":
        raise _not_read("sample_format", _named(page.sampleformat))
    if kind not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _PALETTE) and not is_whole(page.dtype):
        raise _not_read("colour_type", f"{page.bitspersample} bit {_named(page.sampleformat)}")
    if not all(page.databytecounts):
        raise InputError(FaultCode.TIFF_NO_DATA)
    subsampled = tuple(page.subsampling or (1, 1)) != (1, 1)
    if kind == _YCBCR and subsampled and int(page.compression) not in _JPEG:
        raise _not_read("subsampling", _named(page.compression))


def _rgb(page: TiffPage, kind: int, colours: NDArray[Any]) -> NDArray[Any]:
    """RGB samples (H, W, 3) of any colour space that is read."""
    if kind == _RGB or (kind == _YCBCR and int(page.compression) in _JPEG):  # which tifffile has converted
        return colours
    if kind == _PALETTE:
        table = page.tags.valueof(_COLOUR_MAP)
        if table is None or not (is_whole(colours.dtype) or colours.dtype == np.bool_):
            raise _not_read("palette", "no ColorMap" if table is None else str(colours.dtype))
        entries = np.asarray(table, np.uint16).reshape(3, -1).T
        if entries.max() < 256:  # written as bytes by mistake, as libtiff's tools assume, too
            entries = entries * np.uint16(257)
        eight = ((entries.astype(np.uint32) + 128) // 257).astype(np.uint8)
        index = colours[..., 0].astype(np.intp)
        if int(index.max()) >= len(eight):
            raise _not_read("palette", f"{len(eight)} entries, and sample {int(index.max())}")
        return eight[index]
    from PIL import Image

    if colours.dtype != np.uint8:
        raise _not_read("colour_type", f"{page.bitspersample} bit {_named(page.photometric)}")
    mode = "CMYK" if kind == _CMYK else "YCbCr"
    return np.asarray(Image.fromarray(np.ascontiguousarray(colours), mode).convert("RGB"))


def _whole_bytes(grey: NDArray[Any], bits: int) -> NDArray[Any]:
    """Samples of fewer than 8 bits stretched to 8: their highest value becomes 255."""
    if grey.dtype == np.bool_:
        return grey.astype(np.uint8) * np.uint8(255)
    if grey.dtype != np.uint8 or bits >= 8:
        return grey
    return ((grey.astype(np.uint16) * 255 + (2**bits - 1) // 2) // (2**bits - 1)).astype(np.uint8)


def _unassociated(page: TiffPage) -> bool:
    """Whether the first extra sample is an opacity by which colours have not been multiplied."""
    return bool(page.extrasamples) and int(page.extrasamples[0]) == _UNASSOCIATED


def _unspecified(page: TiffPage, extra: NDArray[Any]) -> bool:
    return extra.shape[-1] > 0 and (not page.extrasamples or int(page.extrasamples[0]) == 0)


def _as_grey(opacity: NDArray[Any] | None, shown: NDArray[Any]) -> NDArray[Any] | None:
    """An opacity as it is used: only beside whole numbers of the same size."""
    if opacity is None or not is_whole(shown.dtype):
        return None
    return opacity if opacity.dtype == shown.dtype else (opacity != 0).astype(shown.dtype) * np.iinfo(shown.dtype).max


def is_whole(dtype: np.dtype[Any]) -> bool:
    """Whether samples are whole numbers of 8 or 16 bits without a sign."""
    return dtype.kind == "u" and dtype.itemsize <= 2


def _orientation(page: TiffPage) -> int:
    value = page.tags.valueof(_ORIENTATION, 1)
    return int(value) if isinstance(value, int) and 1 <= value <= 8 else 1


def _named(value: object) -> str:
    """A tag's value by name and number."""
    name, number = getattr(value, "name", None), getattr(value, "value", value)
    return f"{name} ({number})" if name else str(number)


def _not_read(kind: str, found: str) -> InputError:
    return InputError(FaultCode.TIFF_UNSUPPORTED, {"property": kind, "found": found})
