"""DICOM objects to radiographs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.core.records import Radiograph
from osteon.imaging.dicom import dataset
from osteon.imaging.dicom import header as head
from osteon.imaging.dicom.annotation import burned_in
from osteon.imaging.dicom.dataset import UNPARSABLE
from osteon.imaging.dicom.frames import PixelData, samples
from osteon.imaging.dicom.groups import frame_header, has_groups
from osteon.imaging.dicom.layout import read_layout
from osteon.imaging.dicom.scope import check_radiograph
from osteon.imaging.display.colour import MONOCHROME, PALETTE, to_rgb
from osteon.imaging.display.display import read_rendering
from osteon.imaging.display.palette import Palette, read_palette
from osteon.imaging.display.voi import Rendering, Stored, Window, misses, render
from osteon.imaging.grey import Samples, colourfulness, to_grey
from osteon.imaging.limits import Limits
from osteon.imaging.quiet import quiet
from osteon.imaging.square import Spacing, square

_GEOMETRY: Final = (
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "EstimatedRadiographicMagnificationFactor",
    "PixelAspectRatio",
)


@dataclass(frozen=True)
class _Shown:
    """How a frame is shown.

    Attributes:
        rendering: of its samples.
        spacing: between rows and between columns in mm, or None.
        aspect: height of a pixel over its width.
        notes: on what was unusual.
    """

    rendering: Rendering
    spacing: Spacing
    aspect: float
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Undecoded:
    """An object whose header is read and whose pixels are not yet decoded."""

    pixels: PixelData
    shown: tuple[_Shown, ...]
    stored: Stored
    palette: Palette | None
    template: Radiograph


def read_dicom(
    data: bytes, source: str, limits: Limits, shown: Callable[[Rendering], Rendering | None] | None = None
) -> list[Radiograph]:
    """Read a DICOM object, with or without preamble; one radiograph for each frame.

    Args:
        data: the whole file.
        source: where it came from.
        limits: what it may ask for.
        shown: gives another rendering than the one that the file states, or None to leave it.

    Raises:
        InputError: it is no radiograph, truncated, damaged, above the limits, or of a transfer syntax that is not read.
    """
    try:
        with quiet() as caught:
            opened = dataset.parse(data, limits)
            undecoded = _read_header(opened.header, source, limits)
            notes = opened.notes
            if caught:
                notes = (*notes, Note(NoteCode.HEADER_IRREGULAR, {"count": len(caught)}))
        undecoded = replace(undecoded, template=replace(undecoded.template, notes=(*undecoded.template.notes, *notes)))
        if shown is not None:
            undecoded = replace(undecoded, shown=tuple(_reshown(frame, shown) for frame in undecoded.shown))
    except UNPARSABLE as error:
        raise InputError(FaultCode.DICOM_DAMAGED, {"error": type(error).__name__}) from error
    return [_develop(undecoded, words, index, limits) for index, words in enumerate(samples(undecoded.pixels))]


def _reshown(frame: _Shown, shown: Callable[[Rendering], Rendering | None]) -> _Shown:
    return replace(frame, rendering=shown(frame.rendering) or frame.rendering)


def parse(data: bytes, limits: Limits) -> Dataset:
    """The data set of a file; see ``osteon.imaging.dicom.dataset.parse``."""
    return dataset.parse(data, limits).header


def _read_header(header: Dataset, source: str, limits: Limits) -> _Undecoded:
    notes = check_radiograph(header)
    pixels, stored = read_layout(header, limits)
    palette, more = None, ()
    if pixels.layout.photometric == PALETTE:
        palette, more = read_palette(header, stored, pixels.layout.word_bytes)
    count = pixels.frames if has_groups(header) else 1
    shown = [_read_shown(frame_header(header, index), pixels, stored, palette) for index in range(count)]
    template = Radiograph(
        pixels=np.zeros((1, 1), np.float32),
        source=source,
        format="DICOM",
        view=head.view(header),
        laterality=head.laterality(header),
        body_part=head.body_part(header),
        age=head.age(header),
        sex=head.sex(header),
        bits=stored.bits,
        notes=(*notes, *burned_in(header), *more, *pixels.notes),
        identifiers=head.identify(header),
    )
    return _Undecoded(pixels, tuple(shown * (pixels.frames if count == 1 else 1)), stored, palette, template)


def _read_shown(header: Dataset, pixels: PixelData, stored: Stored, palette: Palette | None) -> _Shown:
    if pixels.layout.photometric in MONOCHROME:
        rendering, notes = read_rendering(header, stored)
    else:
        size = 8 * pixels.layout.word_bytes
        rendering = _full_scale(stored.bits, size) if palette is None else _full_scale(16, 16)
        notes = (Note(NoteCode.COLOUR_REDUCED),)
    distances, where = head.spacing(header)
    notes = (*notes, *where, *head.irregular(header, *_GEOMETRY))
    return _Shown(rendering, distances, head.aspect(header, distances), notes)


def _full_scale(bits: int, size: int) -> Rendering:
    """Samples of ``bits`` bits, at the upper end of words of ``size`` bits, from black to white."""
    highest = float(((1 << bits) - 1) << (size - bits))
    return Rendering(Stored(size, size - 1), voi=Window(highest / 2, highest, "LINEAR_EXACT"))


def _colours(undecoded: _Undecoded, words: Samples) -> tuple[Samples, float]:
    """RGB of words, its samples at the upper end of their words, and how colourful it is."""
    layout, codec = undecoded.pixels.layout, undecoded.pixels.codec
    size, share = 8 * layout.word_bytes, 1.0
    if undecoded.palette is None and undecoded.stored.bits < size:
        shift = size - undecoded.stored.bits
        words = (undecoded.stored(words.astype(np.int64)) << shift).astype(np.uint16 if size == 16 else np.uint8)
        share = ((1 << undecoded.stored.bits) - 1 << shift) / ((1 << size) - 1)
    colours = to_rgb(words, layout.photometric, undecoded.palette, decoded=codec is not None and codec.to_rgb)
    return colours, colourfulness(colours) / share


def _develop(undecoded: _Undecoded, words: Samples, index: int, limits: Limits) -> Radiograph:
    """Make the radiograph of one decoded frame; ``index`` counts from 0."""
    layout, shown = undecoded.pixels.layout, undecoded.shown[index]
    colourful, rendering, notes = 0.0, shown.rendering, (*undecoded.template.notes, *shown.notes)
    if layout.photometric not in MONOCHROME:
        colours, colourful = _colours(undecoded, words)
        words = to_grey(colours)
    elif misses(words, rendering):
        rendering = replace(rendering, voi=None)
        notes = (*notes, Note(NoteCode.WINDOW_OUTSIDE))
    pixels, spacing, note = square(render(words, rendering), shown.spacing, shown.aspect, limits)
    names = undecoded.template.identifiers
    return replace(
        undecoded.template,
        pixels=pixels,
        spacing=spacing,
        notes=(*notes, *note),
        identifiers=replace(names, instance=replace(names.instance, frame=index + 1)),
        colourfulness=colourful,
    )
