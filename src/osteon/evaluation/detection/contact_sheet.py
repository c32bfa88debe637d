"""A sheet of films, what is marked beside what was found: not the best and not the worst, but drawn by lot."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from osteon.core.errors import OsteonError
from osteon.core.geometry import Box
from osteon.evaluation.detection.metrics import CONFIDENCE
from osteon.evaluation.predictions.detections import Detections
from osteon.imaging.load import load
from osteon.outputs.drawing.pen import GROUND, QUIET, RULE, TEXT, Colour, Pen
from osteon.stats.detection.boxes import Boxes

FILMS: Final = "boxes.png"
"""Name of the sheet's file."""

MARKED: Final = 6
UNMARKED: Final = 2
"""Films on the sheet with marks, and without."""

PANEL: Final = (230, 320)
"""Largest width and height of a film."""

MOST: Final = 12
"""Found boxes that are drawn on a film, the surest first."""

MARGIN: Final = 18
GAP: Final = 4
ROOM: Final = 26
ACROSS: Final = 4
"""Pairs of films in a row."""

COLOURS: Final[tuple[Colour, ...]] = (
    (251, 146, 60), (45, 212, 191), (250, 204, 21), (147, 197, 253), (244, 114, 182), (163, 230, 53), (196, 181, 253),
    (248, 113, 113), (226, 232, 240),
)  # fmt: skip


class Points(NamedTuple):
    """Confidences from which boxes are drawn, and drawn whole."""

    doubt: float = CONFIDENCE
    definite: float = CONFIDENCE


def box_sheet(kept: Detections, images: Sequence[str], root: Path, points: Points) -> bytes | None:
    """The sheet as PNG; None where no film can be read.

    Films with marks are drawn by lot, so that the classes take turns; then some without.

    Args:
        kept: detections of the images.
        images: paths below ``root``, one for each of them.
        root: folder of the images.
        points: of the confidence.
    """
    pairs = [
        pair for row in drawn(kept) if (pair := _pair(kept, row, root / images[row], points)) is not None
    ]  # fmt: skip
    if not pairs:
        return None
    wide = 2 * PANEL[0] + GAP
    across = min(ACROSS, len(pairs))
    rows = [pairs[start : start + across] for start in range(0, len(pairs), across)]
    heights = [max(pair.height for pair in row) for row in rows]
    width = 2 * MARGIN + across * wide + (across - 1) * MARGIN
    lines = _legend_lines(kept.names, width)
    height = 2 * MARGIN + sum(heights) + len(rows) * (ROOM + MARGIN) + 24 * lines + 22
    sheet = Image.new("RGB", (width, height), GROUND)
    pen = Pen(sheet, ImageDraw.Draw(sheet))
    top = MARGIN
    for row, tall in zip(rows, heights, strict=True):
        for number, pair in enumerate(row):
            left = MARGIN + number * (wide + MARGIN)
            pen.text((left, top), "marked", 14, QUIET)
            pen.text((left + pair.width // 2 + GAP // 2, top), "found", 14, QUIET)
            sheet.paste(pair, (left, top + ROOM))
        top += tall + ROOM + MARGIN
    _legend(pen, kept.names, top, width)
    words = f"Drawn by lot. Found boxes with confidence from {points.doubt:.2f}, the {MOST} surest of a film"
    if points.definite > points.doubt:
        words += f"; dotted below {points.definite:.2f}"
    pen.text((MARGIN, height - 26), words + ".", 13, QUIET)
    stream = BytesIO()
    sheet.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def drawn(kept: Detections, seed: int = 0) -> list[int]:
    """Rows of the films that are shown: classes in turn, then films without a mark."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(kept))
    holds = [set(kept.truth.image[kept.truth.label == number].tolist()) for number in range(len(kept.names))]
    chosen: list[int] = []
    queues = [[row for row in order.tolist() if row in one] for one in holds]
    while len(chosen) < MARKED and any(queues):
        for queue in queues:
            fresh = [row for row in queue if row not in chosen]
            queue[:] = fresh[1:]
            if fresh and len(chosen) < MARKED:
                chosen.append(fresh[0])
    marked = set(kept.truth.image.tolist())
    return [*chosen, *[row for row in order.tolist() if row not in marked][:UNMARKED]]


def _pair(kept: Detections, row: int, path: Path, points: Points) -> Image.Image | None:
    """A film twice: with what is marked, and with what was found; None where it cannot be read."""
    try:
        film = load(path)[0].pixels
    except (OsteonError, OSError):
        return None
    true = kept.truth.select(kept.truth.image == row)
    found = kept.found.select((kept.found.image == row) & (kept.found.score >= points.doubt))
    found = found.select(np.argsort(-found.score, kind="stable")[:MOST])
    left, right = _film(film, true, None), _film(film, found, points)
    both = Image.new("RGB", (left.width + GAP + right.width, left.height), RULE)
    both.paste(left, (0, 0))
    both.paste(right, (left.width + GAP, 0))
    return both


def _film(film: NDArray[np.float32], boxes: Boxes, points: Points | None) -> Image.Image:
    """A film with boxes in the colours of their classes; found ones with their confidence."""
    height, width = film.shape
    scale = min(PANEL[0] / width, PANEL[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grey = np.rint(np.clip(cv2.resize(film, size, interpolation=how), 0, 1) * 255).astype(np.uint8)
    picture = Image.fromarray(grey).convert("RGB")
    pen = Pen(picture, ImageDraw.Draw(picture))
    # The surest last, so that no weaker one covers it.
    for row in range(len(boxes) - 1, -1, -1):
        x0, y0, x1, y1 = (boxes.corners[row] * scale).tolist()
        colour = COLOURS[int(boxes.label[row]) % len(COLOURS)]
        dotted = points is not None and boxes.score[row] < points.definite
        pen.box(Box(x0, y0, x1, y1), colour, dotted=dotted)
        if points is not None:
            words = f"{boxes.score[row]:.2f}"
            wide, tall = pen.plate_size(words, 9)
            above = y0 - tall - 1 if y0 > tall + 1 else min(y1 + 2, size[1] - tall)
            pen.plate((min(max(x0, 1), size[0] - wide - 1), above), words, 9, colour)
    return picture


def _legend_lines(names: Sequence[str], width: int) -> int:
    return 1 + max(0, (sum(_wide(name) for name in names) - 1) // max(1, width - 2 * MARGIN))


def _legend(pen: Pen, names: Sequence[str], top: int, width: int) -> None:
    left = MARGIN
    for number, name in enumerate(names):
        if left > MARGIN and left + _wide(name) > width - MARGIN:
            left, top = MARGIN, top + 24
        pen.draw.rectangle((left, top + 2, left + 12, top + 14), fill=COLOURS[number % len(COLOURS)])
        pen.text((left + 18, top), name.replace("_", " "), 14, TEXT)
        left += _wide(name)


def _wide(name: str) -> int:
    """Room for a class in the legend, in pixels."""
    return 44 + 8 * len(name)
