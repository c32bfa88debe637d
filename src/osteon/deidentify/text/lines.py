"""Adjacent characters, joined to lines of text."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box
from osteon.deidentify.text.glyphs import Glyphs, Grey8, Strokes, cut_out, medians

_CHARACTERS: Final = 3
_SLIM: Final = 0.45
"""Least median width over height of the characters of a line: rows of fingers and ribs are slimmer."""
_SHARE: Final = 0.5
"""Part of the characters of a line that must be sharp."""
_MAX_GAP, _MAX_OVERLAP = 0.9, 0.25
"""Widest gap between two characters of a word, and by how much they may overlap, in heights of the higher one."""
_SPACE: Final = 1.4
"""Widest space between two words, in heights of a line."""
_PAIRS_PER_BLOCK: Final = 1 << 16
"""Pairs of characters that are compared at the same time."""


def find_lines(image: Grey8) -> list[tuple[Box, int]]:
    """Horizontal lines of characters, brighter or darker than what is around them, and their number of characters."""
    found: list[tuple[Box, int]] = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes, glyphs = cut_out(image, operation)
        lines = _group(glyphs)
        if lines:
            found += _extend(lines, strokes)
    return found


def _group(glyphs: Glyphs) -> list[tuple[Box, float, int]]:
    """Join adjacent characters; box, brightness and number of characters of lines with enough of them."""
    boxes, grey = glyphs.boxes, glyphs.grey
    if len(boxes) < _CHARACTERS:
        return []
    left, top, width, height = boxes.T
    line = _line_numbers(glyphs)
    sizes = np.bincount(line)
    sharp = np.bincount(line, weights=glyphs.sharp)
    high = medians(line, height, len(sizes))
    chosen = (sizes >= _CHARACTERS) & (sharp >= np.maximum(_CHARACTERS - 1, _SHARE * sizes))
    chosen &= medians(line, width / height, len(sizes)) >= _SLIM
    chosen &= medians(line, np.abs(height - high[line]), len(sizes)) <= 0.15 * high + 1
    ends = np.empty((len(sizes), 4))
    ends[:, :2], ends[:, 2:] = np.inf, -np.inf
    np.minimum.at(ends[:, 0], line, left)
    np.minimum.at(ends[:, 1], line, top)
    np.maximum.at(ends[:, 2], line, left + width)
    np.maximum.at(ends[:, 3], line, top + height)
    greys = medians(line, grey, len(sizes))
    return [
        (Box(*(float(edge) for edge in ends[index])), float(greys[index]), int(sizes[index]))
        for index in np.flatnonzero(chosen)
    ]


def _line_numbers(glyphs: Glyphs) -> NDArray[np.intp]:
    """The line of each character, numbered from 0.

    Each is compared only with nearby ones: sorted by their left edges, the next ones up to the widest gap.
    """
    order = np.lexsort((glyphs.boxes[:, 0], _rows(glyphs)))
    left, top, width, height = glyphs.boxes[order].T
    right, bottom, grey, row = left + width, top + height, glyphs.grey[order], _rows(glyphs)[order]
    reach = _MAX_GAP * height.max() + width.max()
    span = float(left.max() - left.min() + 2 * reach + 1)
    position = row * span + left - left.min()  # rows one after the other, far enough apart not to interact
    parent = np.arange(len(left))
    for below in (0, 1):  # of the same row, and of the next
        start = np.searchsorted(position, position + below * span + (0 if below == 0 else -reach), "left")
        start = np.maximum(start, np.arange(len(left)) + 1) if below == 0 else start
        counts = np.maximum(np.searchsorted(position, position + below * span + reach, "right") - start, 0)
        first = 0
        while first < len(left):
            last = first + max(1, int(np.searchsorted(np.cumsum(counts[first:]), _PAIRS_PER_BLOCK)))
            share = counts[first:last]
            left_index = np.repeat(np.arange(first, first + len(share)), share)
            right_index = (
                np.arange(len(left_index))
                - np.repeat(np.cumsum(share) - share, share)
                + np.repeat(start[first:last], share)
            )
            first = last
            left_index, right_index = (
                np.where(left[left_index] <= left[right_index], left_index, right_index),
                np.where(left[left_index] <= left[right_index], right_index, left_index),
            )
            higher = np.maximum(height[left_index], height[right_index])
            gap = left[right_index] - right[left_index]
            near = (gap > -_MAX_OVERLAP * higher) & (gap < _MAX_GAP * higher) & (left[right_index] > left[left_index])
            near &= np.abs(bottom[left_index] - bottom[right_index]) < 0.16 * higher + 1
            near &= np.minimum(height[left_index], height[right_index]) > 0.55 * higher
            near &= np.abs(grey[left_index] - grey[right_index]) < 24
            parent = _union(parent, left_index[near], right_index[near])
    found = np.empty(len(left), np.intp)
    found[order] = np.unique(parent, return_inverse=True)[1]
    return found


def _rows(glyphs: Glyphs) -> NDArray[np.intp]:
    """Bands in which characters end; those of one line end in the same or in neighbouring ones."""
    bottom = glyphs.boxes[:, 1] + glyphs.boxes[:, 3]
    return (bottom // (0.16 * glyphs.boxes[:, 3].max() + 1)).astype(np.intp)


def _union(parent: NDArray[np.intp], left_index: NDArray[np.intp], right_index: NDArray[np.intp]) -> NDArray[np.intp]:
    """Join pairs: every member of a connected component gets its lowest number."""
    while True:
        low = np.minimum(parent[left_index], parent[right_index])
        lowest = parent.copy()
        np.minimum.at(lowest, parent[left_index], low)
        np.minimum.at(lowest, parent[right_index], low)
        while True:
            further = lowest[lowest]
            if np.array_equal(further, lowest):
                break
            lowest = further
        if np.array_equal(lowest, parent):
            return parent
        parent = lowest


def _extend(lines: list[tuple[Box, float, int]], strokes: Strokes) -> list[tuple[Box, int]]:
    """Extend lines: words after a space, narrow letters, points, touching letters."""
    order = np.argsort(strokes.boxes[:, 3])
    boxes, brightness = strokes.boxes[order], strokes.grey[order]
    found: list[tuple[Box, int]] = []
    for box, grey, count in lines:
        high = box.y1 - box.y0
        level = slice(
            int(np.searchsorted(boxes[:, 3], box.y0 - 0.4 * high)),
            int(np.searchsorted(boxes[:, 3], box.y1 + 0.5 * high)),
        )
        near = boxes[level]
        near = near[(np.abs(brightness[level] - grey) < 60) & (near[:, 1] > box.y0 - 0.4 * high)]
        found.append((_chained(box, near, _SPACE * high), count))
    return found


def _chained(box: Box, near: NDArray[np.float64], space: float) -> Box:
    """A box extended left and right by strokes without a gap as wide as a space."""
    every = np.vstack([np.array([[box.x0, box.y0, box.x1, box.y1]]), near])
    order = np.argsort(every[:, 0], kind="stable")
    ordered = every[order]
    reach = np.maximum.accumulate(ordered[:, 2])
    chain = np.concatenate([[0], np.cumsum(ordered[1:, 0] >= reach[:-1] + space)])
    members = ordered[chain == chain[int(np.flatnonzero(order == 0)[0])]]
    low, high = members[:, :2].min(axis=0), members[:, 2:].max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
