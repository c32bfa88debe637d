"""From stored samples to what is displayed: Modality LUT, VOI LUT or window, polarity, padding.

All steps of the grayscale pipeline of DICOM PS3.4 section N.2 are functions of the stored sample alone, so they are
composed into one table over the samples that can occur, and the image passes through that table once, at full depth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from osteon.core.records import Pixels
from osteon.imaging.grey import Samples

Values = NDArray[np.float64]

_END: Final = 1e-3
"""Brightness that is as good as black."""
_NEARLY_ALL: Final = 0.999
"""Share of an image."""
_LIKELY: Final = 0.98
"""The same in a sample of the image, so that all of it need not be counted."""
_SAMPLED: Final = 256
"""Rows and columns, about, of the sample."""
_SEVERAL: Final = 16
"""Values that an image has at least, if there is anything in it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window (PS3.3 section C.11.2.1.2).

    Attributes:
        center: in units of the Modality LUT's output.
        width: in the same units; at least 1 for ``LINEAR``, above 0 for the others.
        function: DICOM's word for the function.
    """

    center: float
    width: float
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR"

    def __call__(self, x: Values) -> Values:
        """Carry values to [0, 1], by the formulas of PS3.3 sections C.11.2.1.2.1 and C.11.2.1.3."""
        c, w = self.center, self.width
        if self.function == "SIGMOID":
            return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (x - c) / w, -700.0, 700.0)))
        if self.function == "LINEAR_EXACT":
            return np.clip((x - c) / w + 0.5, 0.0, 1.0)
        if w == 1:
            return (x > c - 0.5).astype(np.float64)
        return np.clip((x - (c - 0.5)) / (w - 1.0) + 0.5, 0.0, 1.0)


@dataclass(frozen=True)
class Lut:
    """A look-up table (PS3.3 sections C.11.1.1 and C.11.2.1.1).

    Attributes:
        first: the input value that is mapped to the first entry; lower ones are mapped there too.
        entries: float64, shape (n,).
        bits: depth of the entries; ``2 ** bits - 1`` is the brightest.
    """

    first: int
    entries: Values
    bits: int

    def __call__(self, x: Values) -> Values:
        """Look values up; below the first and above the last entry they take that entry's."""
        return self.entries[np.clip(np.rint(x) - self.first, 0, len(self.entries) - 1).astype(np.intp)]


@dataclass(frozen=True, slots=True)
class Stored:
    """How a sample lies in its word (PS3.3 section C.7.6.3.1).

    Attributes:
        bits: BitsStored.
        high_bit: HighBit.
        signed: whether the sample is in two's complement.
        masked: whether bits outside the sample are cut off; else, as for lossy compression, which may overshoot, samples
            fill their word, and those beyond the range of BitsStored take its nearest end.
        word_bits: bits of the word: BitsAllocated.
    """

    bits: int
    high_bit: int
    signed: bool = False
    masked: bool = True
    word_bits: int = 16

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest value of a sample."""
        half = 1 << (self.bits - 1)
        return (-half, half - 1) if self.signed else (0, 2 * half - 1)

    def __call__(self, words: NDArray[np.int64]) -> NDArray[np.int64]:
        """The values of samples, given their words."""
        if not self.masked:
            sign = 1 << (self.word_bits - 1)
            values = np.where(words >= sign, words - 2 * sign, words) if self.signed else words
            return np.clip(values, *self.ends)
        values = (words >> (self.high_bit + 1 - self.bits)) & ((1 << self.bits) - 1)
        return np.where(values >> (self.bits - 1), values - (1 << self.bits), values) if self.signed else values


@dataclass(frozen=True, slots=True)
class Padding:
    """What means "no image here".

    Attributes:
        low: the lowest such value.
        high: the highest.
        words: whether they are words, which no sample can be, and not values of samples.
    """

    low: int
    high: int
    words: bool = False

    def __call__(self, words: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where there is no image, given words and values of samples."""
        compared = words if self.words else values
        return (compared >= self.low) & (compared <= self.high)


@dataclass(frozen=True)
class Rendering:
    """Everything between a stored word and its brightness.

    Attributes:
        stored: where the sample lies in the word.
        slope: RescaleSlope.
        intercept: RescaleIntercept.
        modality: the Modality LUT, instead of slope and intercept.
        voi: window or VOI LUT; None spreads the range of the image over black to white.
        inverted: whether the lowest value is white.
        padding: what means "no image here"; shown black and kept out of the range.
    """

    stored: Stored
    slope: float = 1.0
    intercept: float = 0.0
    modality: Lut | None = None
    voi: Window | Lut | None = None
    inverted: bool = False
    padding: Padding | None = None


def render(words: Samples, rendering: Rendering) -> Pixels:
    """Brightness in [0, 1] of stored words: uint8 or uint16 (H, W) to float32 (H, W), black background."""
    import cv2

    used = _occurring(words) if rendering.voi is None else None
    highest = int(cv2.minMaxLoc(words)[1])
    table = np.zeros(2 ** (8 * words.dtype.itemsize), np.float32)
    table[: highest + 1] = _brightness(np.arange(highest + 1), rendering, used)
    return np.asarray(cv2.LUT(words, table), np.float32)


def misses(words: Samples, rendering: Rendering) -> bool:
    """Whether window or VOI LUT lie beside nearly all values of an image (H, W) that are not the same: it would be blank."""
    if rendering.voi is None:
        return False
    step = max(1, min(words.shape) // _SAMPLED)
    few = np.ascontiguousarray(words[::step, ::step])
    return _beside(few, rendering) > _LIKELY and _beside(words, rendering) > _NEARLY_ALL


def _beside(words: Samples, rendering: Rendering) -> float:
    """The largest share of an image that is shown in the same white or black, though its values are not the same."""
    counts = _counts(words).astype(np.float64)
    codes = np.flatnonzero(counts)
    stored = rendering.stored(codes)
    counts = counts[codes] if rendering.padding is None else counts[codes] * ~rendering.padding(codes, stored)
    if len(np.unique(stored[counts > 0])) < _SEVERAL:
        return 0.0
    shown = _brightness(codes, replace(rendering, padding=None), None)
    return float(max(counts[shown <= _END].sum(), counts[shown >= 1.0 - _END].sum()) / counts.sum())


def _counts(words: Samples) -> NDArray[np.float32]:
    import cv2

    size = 2 ** (8 * words.dtype.itemsize)
    return np.asarray(cv2.calcHist([words], [0], None, [size], [0, size]), np.float32).ravel()


def _occurring(words: Samples) -> NDArray[np.bool_]:
    return _counts(words) > 0


def _brightness(codes: NDArray[np.int64], rendering: Rendering, used: NDArray[np.bool_] | None) -> Values:
    """Brightness of each code; ``used`` marks those that occur, where the range of the image is wanted."""
    stored = rendering.stored(codes)
    values = stored.astype(np.float64)
    values = (
        values * rendering.slope + rendering.intercept if rendering.modality is None else rendering.modality(values)
    )
    empty = None if rendering.padding is None else rendering.padding(codes, stored)
    if rendering.voi is None:
        shown = _spread(values, used, empty)
    elif isinstance(rendering.voi, Window):
        shown = rendering.voi(values)
    else:
        shown = rendering.voi(values) / (2.0**rendering.voi.bits - 1.0)
    if rendering.inverted:
        shown = 1.0 - shown
    return shown if empty is None else np.where(empty, 0.0, shown)


def _spread(values: Values, used: NDArray[np.bool_] | None, empty: NDArray[np.bool_] | None) -> Values:
    counted = np.ones(len(values), bool) if used is None else used[: len(values)]
    if empty is not None:
        counted = counted & ~empty
    if not counted.any():
        return np.zeros_like(values)
    low, high = values[counted].min(), values[counted].max()
    return np.clip((values - low) / (high - low), 0.0, 1.0) if high > low else np.zeros_like(values)
