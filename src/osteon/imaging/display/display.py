"""What a DICOM header says of display: Modality LUT, window or VOI LUT, polarity, padding."""

from __future__ import annotations

from typing import Final, Literal, cast

import numpy as np
from pydicom.dataset import Dataset

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging.dicom import header as head
from osteon.imaging.display.lut import Table, read_table
from osteon.imaging.display.voi import Lut, Padding, Rendering, Stored, Window

_FUNCTIONS: Final = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})

BEAM: Final = frozenset({"1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"})
"""XA and XRF: their Modality LUT or rescaling leads back to the intensity of the beam (PS3.3 section C.8.7.1.1.2)."""


def read_rendering(header: Dataset, stored: Stored) -> tuple[Rendering, tuple[Note, ...]]:
    """How stored samples are shown, and notes on what was unusual.

    A VOI LUT goes before a window, and the first of several before the others; without any, the range of the image is
    spread over black to white. In XA and RF objects, Modality LUT and rescaling are for measurement and not for display.
    """
    notes = [*head.irregular(header, "RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth")]
    modality, slope, intercept = _modality(header, stored, notes)
    ends = [end * slope + intercept for end in stored.ends]
    low, high = (min(ends), max(ends)) if modality is None else _range(modality)
    voi = _voi_lut(header, low, high, notes) or _window(header, notes)
    if voi is None:
        notes.append(Note(NoteCode.WINDOW_MISSING))
    rendering = Rendering(
        stored=stored,
        slope=slope,
        intercept=intercept,
        modality=modality,
        voi=voi,
        inverted=_inverted(header, notes),
        padding=_padding(header, stored),
    )
    return rendering, tuple(notes)


def _range(modality: Lut) -> tuple[float, float]:
    return float(modality.entries.min()), float(modality.entries.max())


def _modality(header: Dataset, stored: Stored, notes: list[Note]) -> tuple[Lut | None, float, float]:
    """Modality LUT, slope and intercept; a table goes before the others (PS3.3 section C.11.1: there are not both)."""
    low, high = map(float, stored.ends)
    if _is_beam(header):
        return None, 1.0, 0.0
    for table in _tables(header, "ModalityLUTSequence", "Modality LUT", notes):
        return Lut(table.first(low, high), table.entries.astype(np.float64), max(table.bits, table.depth)), 1.0, 0.0
    slope, intercept = head.number(header, "RescaleSlope"), head.number(header, "RescaleIntercept")
    if slope == 0:
        notes.append(Note(NoteCode.RESCALE_SLOPE))
        return None, 1.0, 0.0
    return None, 1.0 if slope is None else slope, intercept or 0.0


def _is_beam(header: Dataset) -> bool:
    """Whether this is an XA or XRF image, by its class or, without one, its modality."""
    sop_class = head.text(header, "SOPClassUID")
    return sop_class in BEAM if sop_class else head.text(header, "Modality").upper() in {"XA", "RF"}


def _voi_lut(header: Dataset, low: float, high: float, notes: list[Note]) -> Lut | None:
    """The first VOI LUT; ``low`` and ``high`` are the ends of its input.

    White is the depth of the largest entry: makers write the size of the word for that of the entries.
    """
    tables = _tables(header, "VOILUTSequence", "VOI LUT", notes)
    if not tables:
        return None
    if len(tables) > 1:
        notes.append(Note(NoteCode.VOI_LUTS, {"count": len(tables)}))
    table = tables[0]
    if table.bits and table.depth != table.bits:
        notes.append(Note(NoteCode.VOI_LUT_DEPTH, {"stated": table.bits, "found": table.depth}))
    return Lut(table.first(low, high), table.entries.astype(np.float64), table.depth)


def _tables(header: Dataset, keyword: str, name: str, notes: list[Note]) -> list[Table]:
    """The tables of a sequence that can be used."""
    items = head.items(header, keyword)
    found = [table for item in items if (table := read_table(item, "LUTDescriptor", "LUTData")) is not None]
    if len(found) < len(items):
        notes.append(Note(NoteCode.LUT_UNUSABLE, {"count": len(items) - len(found), "table": name}))
    if found and len(found[0].entries) < found[0].stated:
        notes.append(
            Note(NoteCode.LUT_LENGTH, {"table": name, "stated": found[0].stated, "found": len(found[0].entries)})
        )
    return found


def _window(header: Dataset, notes: list[Note]) -> Window | None:
    """The first window that can be one."""
    pairs = list(zip(head.values(header, "WindowCenter"), head.values(header, "WindowWidth"), strict=False))
    function = head.text(header, "VOILUTFunction").upper().replace(" ", "_") or "LINEAR"
    if pairs and function not in _FUNCTIONS:
        notes.append(Note(NoteCode.VOI_FUNCTION))
        function = "LINEAR"
    usable = [
        (center, width)
        for center, width in pairs
        if center is not None and width is not None and width > 0 and (function != "LINEAR" or width >= 1)
    ]
    if any(width is not None and (center, width) not in usable for center, width in pairs if center is not None):
        notes.append(Note(NoteCode.WINDOW_TOO_NARROW))
    if not usable:
        return None
    if len(pairs) > 1:
        notes.append(Note(NoteCode.WINDOWS, {"count": len(pairs), "skipped": pairs.index(usable[0])}))
    return Window(*usable[0], cast('Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]', function))


def _inverted(header: Dataset, notes: list[Note]) -> bool:
    """Polarity: MONOCHROME1 means that low is white, and PresentationLUTShape INVERSE says the same once more.

    Where only one of them is there, it counts (PS3.3 sections C.7.6.3.1.2 and C.8.11.3).
    """
    first = head.text(header, "PhotometricInterpretation").upper() == "MONOCHROME1"
    shape = head.text(header, "PresentationLUTShape").upper()
    if shape and (shape == "INVERSE") != first:
        notes.append(Note(NoteCode.PRESENTATION_LUT_SHAPE))
    return first or shape == "INVERSE"


def _padding(header: Dataset, stored: Stored) -> Padding | None:
    value, limit = head.number(header, "PixelPaddingValue"), head.number(header, "PixelPaddingRangeLimit")
    if value is None:
        return None
    written = [int(end) for end in (value, value if limit is None else limit)]
    ends = [_as_stored(end, stored) for end in written]
    if any(end is None for end in ends):
        words = [end & ((1 << stored.word_bits) - 1) for end in written]
        return Padding(min(words), max(words), words=True)
    samples = [end for end in ends if end is not None]
    return Padding(min(samples), max(samples))


def _as_stored(value: int, stored: Stored) -> int | None:
    """A padding value in the sign of the samples, whatever the sign that it was written with; None if it is beyond them."""
    low, high = stored.ends
    for size in (0, stored.bits, stored.word_bits, 16):
        for candidate in (value, value - (1 << size), value + (1 << size)) if size else (value,):
            if low <= candidate <= high:
                return candidate
    return None
