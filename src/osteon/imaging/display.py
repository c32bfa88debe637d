"""What a DICOM header says of display: Modality LUT, window or VOI LUT, polarity, padding."""

from __future__ import annotations

from typing import Final, Literal, cast

import numpy as np
from pydicom.dataset import Dataset

from osteon.imaging import header as head
from osteon.imaging.voi import Lut, Rendering, Stored, Window

_FUNCTIONS: Final = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})


def read_rendering(header: Dataset, stored: Stored) -> tuple[Rendering, tuple[str, ...]]:
    """How stored samples are shown, and notes on what was unusual.

    A VOI LUT goes before a window, and the first of several before the others; without any, the range of the image is
    spread over black to white.
    """
    notes: list[str] = []
    modality = _first_lut(header, "ModalityLUTSequence", signed=stored.signed)
    slope, intercept = _rescale(header, notes)
    below_zero = modality is None and (stored.signed or intercept < 0)
    voi = _first_lut(header, "VOILUTSequence", signed=below_zero) or _window(header, notes)
    if voi is None:
        notes.append("no window in the file: the whole range of the image is shown")
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


def _rescale(header: Dataset, notes: list[str]) -> tuple[float, float]:
    slope, intercept = head.numbers(header, "RescaleSlope"), head.numbers(header, "RescaleIntercept")
    if slope and slope[0] == 0:
        notes.append("RescaleSlope is 0: ignored")
        return 1.0, 0.0
    return (slope[0] if slope else 1.0), (intercept[0] if intercept else 0.0)


def _window(header: Dataset, notes: list[str]) -> Window | None:
    centers, widths = head.numbers(header, "WindowCenter"), head.numbers(header, "WindowWidth")
    if not centers or not widths:
        return None
    function = head.text(header, "VOILUTFunction").upper() or "LINEAR"
    if function not in _FUNCTIONS:
        notes.append("the VOI LUT function is unknown: taken as linear")
        function = "LINEAR"
    if widths[0] <= 0 or (function == "LINEAR" and widths[0] < 1):
        notes.append("the window is too narrow to be one: ignored")
        return None
    if min(len(centers), len(widths)) > 1:
        notes.append(f"{min(len(centers), len(widths))} windows in the file: the first is used")
    return Window(centers[0], widths[0], cast('Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]', function))


def _inverted(header: Dataset, notes: list[str]) -> bool:
    """Polarity: MONOCHROME1 means that low is white, and PresentationLUTShape INVERSE says the same once more.

    Where only one of them is there, it counts (PS3.3 sections C.7.6.3.1.2 and C.8.11.3).
    """
    first = head.text(header, "PhotometricInterpretation").upper() == "MONOCHROME1"
    shape = head.text(header, "PresentationLUTShape").upper()
    if shape and (shape == "INVERSE") != first:
        notes.append("PresentationLUTShape contradicts the photometric interpretation: low values are shown white")
    return first or shape == "INVERSE"


def _padding(header: Dataset, stored: Stored) -> tuple[int, int] | None:
    value, limit = head.numbers(header, "PixelPaddingValue"), head.numbers(header, "PixelPaddingRangeLimit")
    if not value:
        return None
    ends = [_as_stored(int(end), stored) for end in (value[0], limit[0] if limit else value[0])]
    return min(ends), max(ends)


def _as_stored(value: int, stored: Stored) -> int:
    """A padding value in the sign of the samples, whatever the sign that it was written with."""
    if stored.signed:
        return value - 2**16 if value >= 2**15 else value
    return value & 0xFFFF


def _first_lut(header: Dataset, keyword: str, *, signed: bool) -> Lut | None:
    """The first table of a sequence that is whole; None where there is none."""
    for item in head.items(header, keyword):
        descriptor = [int(one) for one in head.numbers(item, "LUTDescriptor")]
        if len(descriptor) != 3:
            continue
        count, first, bits = descriptor[0] or 2**16, descriptor[1], descriptor[2]
        entries = _entries(item, count)
        if entries is None or not 1 <= bits <= 16:
            continue
        if signed and first >= 2**15:
            first -= 2**16
        return Lut(first, entries, max(bits, int(entries.max()).bit_length()))
    return None


def _entries(item: Dataset, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    data = item.get("LUTData")
    if isinstance(data, bytes):
        packed = count < len(data) + 1 < 2 * count
        little = item.original_encoding[1] is not False
        words = np.frombuffer(
            data[: count if packed else 2 * count], np.uint8 if packed else "<u2" if little else ">u2"
        )
    else:
        words = np.asarray(head.numbers(item, "LUTData"))
        if len(words) < count <= 2 * len(words):
            words = words.astype("<u2").view(np.uint8)[:count]
    return words.astype(np.float64) if len(words) == count else None
