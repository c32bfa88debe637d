"""Text that is burned into pixels: found by its strokes, without a trained network.

Characters are small, sharply bounded, of one brightness, about equally high, and stand on a line. Strokes brighter and
darker than what is around them are cut out by top-hat filters at several scales; connected components of the shape of a
character are joined to lines, upright and turned by 90 degrees. Three characters in a row make text. One or two alone
do not: a side marker ("L", "R", "RT") stays. Whether three letters are a name or the initials of a radiographer is not
told, nor is handwriting, nor what is written in a script whose characters join.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box

Grey8 = NDArray[np.uint8]

LONGEST: Final = 1600
"""Pixels of the longer edge at which the search starts; larger images are reduced to it."""

_SHORTEST: Final = 420
"""Pixels of the longer edge below which an image is not reduced further: bones would become as sharp as letters."""
_LEVELS: Final = 3
_STROKE: Final = 13
"""Side of the filter, in pixels of a level: strokes up to about half of it are cut out."""
_CONTRAST: Final = 28
"""Least difference between a stroke and what is around it, of 255."""
_EVEN: Final = 0.30
"""Largest standard deviation within a character, as a part of its contrast."""
_SHARP, _BLURRED = 0.9, 0.6
"""Least median step within three pixels across its edge, as a part of its contrast: bones fade, what is burned in does
not. A line needs sharp characters, and then takes blurred ones in, too."""
_LOW, _HIGH = 7, 44
"""Height of a character in pixels of a level."""
_CHARACTERS: Final = 3
_SLIM: Final = 0.45
"""Least median width over height of the characters of a line: rows of fingers and ribs are slimmer."""
_SHARE: Final = 0.5
"""Part of the characters of a line that must be sharp."""
_SPACE: Final = 1.4
"""Widest space between two words, in heights of a line."""
_MARGIN: Final = 0.35
"""By how much of its height a line of text is widened when it becomes a box."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text.

    Attributes:
        box: in pixels of the image, a margin included.
        characters: how many were told apart.
    """

    box: Box
    characters: int


@dataclass(frozen=True)
class _Strokes:
    """Strokes of one polarity: the level they were cut out of, their components, and OpenCV's figures of each."""

    image: Grey8
    labels: NDArray[np.int32]
    stats: NDArray[np.int32]


@dataclass(frozen=True)
class _Glyphs:
    """Components that may be characters: left, top, width, height (N, 4), their brightness (N,), sharp or not (N,)."""

    boxes: NDArray[np.float64]
    grey: NDArray[np.float64]
    sharp: NDArray[np.bool_]


def find_text(image: Grey8) -> list[Text]:
    """The lines of text in an image of 8 bits, shape (H, W), of either polarity; overlapping finds are joined."""
    found: list[Text] = []
    longest = max(image.shape)
    level = image
    if longest > LONGEST:
        level = _reduced(image, LONGEST / longest)
    for _ in range(_LEVELS):
        if max(level.shape) < _SHORTEST and level is not image:
            break
        scale = image.shape[1] / level.shape[1], image.shape[0] / level.shape[0]
        for turned in (False, True):
            picture = np.ascontiguousarray(np.rot90(level)) if turned else level
            for box, count in _lines(picture):
                upright = _turn_back(box, level.shape[1]) if turned else box
                found.append(Text(_scaled(upright, scale, image.shape), count))
        level = _reduced(level, 0.5)
    return _merge(found)


def _reduced(image: Grey8, factor: float) -> Grey8:
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _turn_back(box: Box, width: int) -> Box:
    """A box of the image turned by 90 degrees counterclockwise, in the upright image of ``width`` columns."""
    return Box(width - box.y1, box.x0, width - box.y0, box.x1)


def _scaled(box: Box, scale: tuple[float, float], shape: tuple[int, ...]) -> Box:
    margin = _MARGIN * min(box.x1 - box.x0, box.y1 - box.y0)
    return Box(
        max(0.0, float(np.floor((box.x0 - margin) * scale[0]))),
        max(0.0, float(np.floor((box.y0 - margin) * scale[1]))),
        min(float(shape[1]), float(np.ceil((box.x1 + margin) * scale[0]))),
        min(float(shape[0]), float(np.ceil((box.y1 + margin) * scale[1]))),
    )


def _lines(image: Grey8) -> list[tuple[Box, int]]:
    """Horizontal lines of characters, brighter or darker than what is around them."""
    kernel = np.ones((_STROKE, _STROKE), np.uint8)
    found: list[tuple[Box, int]] = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        response = np.asarray(cv2.morphologyEx(image, operation, kernel), np.uint8)
        strokes, glyphs = _glyphs(image, response)
        lines = _group(glyphs)
        if lines:
            brightness = _brightness(strokes)
            found += [(_extend(box, grey, strokes.stats, brightness), count) for box, grey, count in lines]
    return found


def _glyphs(image: Grey8, strokes: Grey8) -> tuple[_Strokes, _Glyphs]:
    """All strokes, and those of the size and shape of a character, of one brightness, and with sharp edges."""
    # within a stroke the response is that of its contrast, on its blurred edge half of it: cut halfway, locally
    peak = cv2.dilate(strokes, np.ones((5, 5), np.uint8))
    mask = ((strokes >= _CONTRAST) & (strokes.astype(np.uint16) * 2 > peak)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    every = _Strokes(image, np.asarray(labels, np.int32), np.asarray(stats, np.int32))
    width, height, area = (stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    fill = area / np.maximum(width * height, 1)
    shaped = (height >= _LOW) & (height <= _HIGH) & (width <= 1.6 * height) & (width >= 1) & (fill > 0.12)
    shaped &= (width > 0.25 * height) | (fill > 0.5)
    shaped[0] = False
    chosen = np.flatnonzero(shaped)
    if count <= 1 or not chosen.size:
        return every, _Glyphs(np.empty((0, 4)), np.empty(0), np.empty(0, bool))
    steps = np.asarray(cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
    edges = mask & (cv2.erode(mask, np.ones((3, 3), np.uint8)) == 0)
    greys, step = np.zeros(len(chosen)), np.zeros(len(chosen))
    for index, label in enumerate(chosen):
        left, top, wide, high = (int(stats[label, column]) for column in range(4))
        part = slice(top, top + high), slice(left, left + wide)
        here = labels[part] == label
        contrast = float(np.median(strokes[part][here]))
        values = image[part][here]
        greys[index] = float(np.median(values))
        if float(values.std()) < _EVEN * contrast + 2:
            step[index] = float(np.median(steps[part][here & (edges[part] > 0)])) / contrast
    keep = step > _BLURRED
    return every, _Glyphs(stats[chosen[keep], :4].astype(np.float64), greys[keep], step[keep] > _SHARP)


def _brightness(strokes: _Strokes) -> NDArray[np.float64]:
    """Mean brightness of each component."""
    labels = strokes.labels.ravel()
    sums = np.bincount(labels, weights=strokes.image.ravel(), minlength=len(strokes.stats))
    return sums / np.maximum(strokes.stats[:, cv2.CC_STAT_AREA], 1)


def _extend(box: Box, grey: float, stats: NDArray[np.int32], brightness: NDArray[np.float64]) -> Box:
    """Widen a line by what follows it: words after a space, narrow letters, points, letters that touch."""
    high = box.y1 - box.y0
    left, top = (stats[:, column].astype(np.float64) for column in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP))
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    beside = (np.abs(brightness - grey) < 60) & (top > box.y0 - 0.4 * high) & (bottom < box.y1 + 0.5 * high)
    beside[0] = False
    while True:
        joined = beside & (left < box.x1 + _SPACE * high) & (right > box.x0 - _SPACE * high)
        ends = Box(
            float(min(box.x0, left[joined].min(initial=box.x0))),
            float(min(box.y0, top[joined].min(initial=box.y0))),
            float(max(box.x1, right[joined].max(initial=box.x1))),
            float(max(box.y1, bottom[joined].max(initial=box.y1))),
        )
        if ends == box:
            return box
        box = ends


def _group(glyphs: _Glyphs) -> list[tuple[Box, float, int]]:
    """Join characters that stand side by side; box, brightness and number of characters of lines with enough of them."""
    boxes, grey = glyphs.boxes, glyphs.grey
    if len(boxes) < _CHARACTERS:
        return []
    left, top, width, height = boxes.T
    right, bottom = left + width, top + height
    higher = np.maximum(height[:, None], height)
    gap = left[None, :] - right[:, None]
    near = (gap > -0.25 * higher) & (gap < 0.9 * higher) & (left[None, :] > left[:, None])
    level = np.abs(bottom[:, None] - bottom) < 0.16 * higher + 1
    alike = np.minimum(height[:, None], height) > 0.55 * higher
    same = np.abs(grey[:, None] - grey) < 24
    parent = list(range(len(boxes)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in np.argwhere(near & level & alike & same):
        parent[root(int(first))] = root(int(second))
    groups: dict[int, list[int]] = {}
    for index in range(len(boxes)):
        groups.setdefault(root(index), []).append(index)
    found: list[tuple[Box, float, int]] = []
    for members in groups.values():
        if len(members) < _CHARACTERS:
            continue
        line = np.array(members)
        if glyphs.sharp[line].sum() < max(_CHARACTERS - 1, _SHARE * len(line)):
            continue
        if np.median(width[line] / height[line]) < _SLIM:
            continue
        if np.median(np.abs(height[line] - np.median(height[line]))) > 0.15 * np.median(height[line]) + 1:
            continue
        box = Box(*(float(one) for one in (left[line].min(), top[line].min(), right[line].max(), bottom[line].max())))
        found.append((box, float(np.median(grey[line])), len(members)))
    return found


def _merge(found: list[Text]) -> list[Text]:
    """Join boxes that overlap, from the top down."""
    joined: list[Text] = []
    for one in sorted(found, key=lambda text: (text.box.y0, text.box.x0)):
        box, count = one.box, one.characters
        again = True
        while again:
            again = False
            for other in joined:
                b = other.box
                if box.x0 < b.x1 and b.x0 < box.x1 and box.y0 < b.y1 and b.y0 < box.y1:
                    box = Box(min(box.x0, b.x0), min(box.y0, b.y0), max(box.x1, b.x1), max(box.y1, b.y1))
                    count = max(count, other.characters)
                    joined.remove(other)
                    again = True
                    break
        joined.append(Text(box, count))
    return joined
