"""A contact sheet of images chosen at random, annotated boxes next to detected ones."""

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
from osteon.data.files.names import as_path
from osteon.evaluation.detection.metrics import CONFIDENCE
from osteon.evaluation.predictions.detections import Detections
from osteon.imaging.load import load
from osteon.outputs.drawing.pen import GROUND, QUIET, RULE, TEXT, Colour, Pen
from osteon.stats.detection.boxes import Boxes

SHEET_FILE: Final = "boxes.png"
"""Name of the sheet's file."""

ANNOTATED: Final = 6
UNANNOTATED: Final = 2
"""Number of images on the sheet with annotations, and without."""

PANEL: Final = (230, 320)
"""Largest width and height of an image, pixels."""

MAX_BOXES: Final = 12
"""Maximum number of detected boxes drawn on an image, by confidence."""

MARGIN: Final = 18
GAP: Final = 4
ROOM: Final = 26
ACROSS: Final = 4
"""Pairs of images in a row."""

COLOURS: Final[tuple[Colour, ...]] = (
    (251, 146, 60), (45, 212, 191), (250, 204, 21), (147, 197, 253), (244, 114, 182), (163, 230, 53), (196, 181, 253),
    (248, 113, 113), (226, 232, 240),
)  # fmt: skip


class Points(NamedTuple):
    """Minimum confidence of the boxes that are drawn, and of those drawn with solid lines."""

    doubt: float = CONFIDENCE
    definite: float = CONFIDENCE


def box_sheet(kept: Detections, images: Sequence[str], root: Path, points: Points) -> bytes | None:
    """The sheet as PNG; None where no image can be read.

    Images with annotations are chosen at random, the classes in turn; then some without.

    Args:
        kept: detections of the images.
        images: paths below ``root``, one for each of them.
        root: folder of the images.
        points: thresholds of the confidence.
    """
    pairs = [
        pair for row in rows_shown(kept) if (pair := _pair(kept, row, as_path(root, images[row]), points)) is not None
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
            pen.text((left, top), "annotated", 14, QUIET)
            pen.text((left + pair.width // 2 + GAP // 2, top), "detected", 14, QUIET)
            sheet.paste(pair, (left, top + ROOM))
        top += tall + ROOM + MARGIN
    _legend(pen, kept.names, top, width)
    caption = f"Chosen at random. Boxes with confidence ≥ {points.doubt:.2f}, at most {MAX_BOXES} per image"
    if points.definite > points.doubt:
        caption += f"; dotted below {points.definite:.2f}"
    pen.text((MARGIN, height - 26), caption + ".", 13, QUIET)
    stream = BytesIO()
    sheet.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def rows_shown(kept: Detections, seed: int = 0) -> list[int]:
    """Rows of the images that are shown: classes in turn, then images without annotations."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(kept))
    holds = [set(kept.truth.image[kept.truth.label == number].tolist()) for number in range(len(kept.names))]
    chosen: list[int] = []
    queues = [[row for row in order.tolist() if row in images_with_class] for images_with_class in holds]
    while len(chosen) < ANNOTATED and any(queues):
        for queue in queues:
            fresh = [row for row in queue if row not in chosen]
            queue[:] = fresh[1:]
            if fresh and len(chosen) < ANNOTATED:
                chosen.append(fresh[0])
    annotated = set(kept.truth.image.tolist())
    return [*chosen, *[row for row in order.tolist() if row not in annotated][:UNANNOTATED]]


def _pair(kept: Detections, row: int, path: Path, points: Points) -> Image.Image | None:
    """An image twice: with annotated, and with detected boxes; None where it cannot be read."""
    try:
        image = load(path)[0].pixels
    except (OsteonError, OSError):
        return None
    true = kept.truth.select(kept.truth.image == row)
    found = kept.found.select((kept.found.image == row) & (kept.found.score >= points.doubt))
    found = found.select(np.argsort(-found.score, kind="stable")[:MAX_BOXES])
    left, right = _draw_image(image, true, None), _draw_image(image, found, points)
    both = Image.new("RGB", (left.width + GAP + right.width, left.height), RULE)
    both.paste(left, (0, 0))
    both.paste(right, (left.width + GAP, 0))
    return both


def _draw_image(pixels: NDArray[np.float32], boxes: Boxes, points: Points | None) -> Image.Image:
    """An image with boxes in the colours of their classes; detected ones with their confidence."""
    height, width = pixels.shape
    scale = min(PANEL[0] / width, PANEL[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grey = np.rint(np.clip(cv2.resize(pixels, size, interpolation=interpolation), 0, 1) * 255).astype(np.uint8)
    picture = Image.fromarray(grey).convert("RGB")
    pen = Pen(picture, ImageDraw.Draw(picture))
    # In rising order of confidence, so that no weaker box covers a stronger one.
    for row in range(len(boxes) - 1, -1, -1):
        x0, y0, x1, y1 = (boxes.corners[row] * scale).tolist()
        colour = COLOURS[int(boxes.label[row]) % len(COLOURS)]
        dotted = points is not None and boxes.score[row] < points.definite
        pen.box(Box(x0, y0, x1, y1), colour, dotted=dotted)
        if points is not None:
            label = f"{boxes.score[row]:.2f}"
            wide, tall = pen.plate_size(label, 9)
            above = y0 - tall - 1 if y0 > tall + 1 else min(y1 + 2, size[1] - tall)
            pen.plate((min(max(x0, 1), size[0] - wide - 1), above), label, 9, colour)
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
    """Width of a class in the legend, pixels."""
    return 44 + 8 * len(name)
