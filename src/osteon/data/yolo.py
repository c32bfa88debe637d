"""YOLO label files: lines ``class cx cy width height``, or ``class x y x y ...`` for outlines, as fractions.

A sixth number after a box is the confidence of a detector, as results are written: it is read over.
"""

from __future__ import annotations

from collections.abc import Sequence

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.case import LabelledBox


def parse_yolo(text: str, classes: Sequence[str], width: int, height: int) -> list[LabelledBox]:
    """Boxes of a label file, in pixels.

    Args:
        text: its content.
        classes: names by class number.
        width: columns of the image.
        height: rows of the image.

    Raises:
        DataError: a line has neither five or six numbers nor an outline, or names a class that does not exist.
    """
    found: list[LabelledBox] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            number, *values = (float(word) for word in line.split())
            label = classes[int(number)] if number >= 0 else ""
        except (ValueError, IndexError):
            label, values = "", []
        if len(values) == 5:
            values = values[:4]
        if not label or (len(values) != 4 and (len(values) < 6 or len(values) % 2)):
            raise DataError(
                "a line of a YOLO file cannot be understood", expected=f"class (of {len(classes)}) and numbers"
            )
        if len(values) == 4:
            x, y, w, h = values
            box = Box((x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height)
            found.append(LabelledBox(box, label))
        else:
            points = tuple(value * (height if index % 2 else width) for index, value in enumerate(values))
            box = Box(min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2]))
            found.append(LabelledBox(box, label, polygons=(points,)))
    return found


def parse_outlines(text: str, boxes: int, width: int, height: int) -> dict[int, tuple[tuple[float, ...], ...]]:
    """Outlines in pixels by the number of their box, from lines ``number x y x y ...`` of fractions.

    Args:
        text: content of a file in ``outlines/``.
        boxes: how many there are.
        width: columns of the image.
        height: rows of the image.

    Raises:
        DataError: a line names no box or is no outline.
    """
    found: dict[int, list[tuple[float, ...]]] = {}
    for line in filter(str.strip, text.splitlines()):
        try:
            number, *values = (float(word) for word in line.split())
        except ValueError:
            number, values = -1.0, []
        if not 0 <= number < boxes or len(values) < 6 or len(values) % 2:
            raise DataError("a line of outlines cannot be understood", expected=f"number (of {boxes}) and outline")
        points = tuple(value * (height if index % 2 else width) for index, value in enumerate(values))
        found.setdefault(int(number), []).append(points)
    return {number: tuple(outlines) for number, outlines in found.items()}


def yolo_line(box: Box, number: int, width: int, height: int) -> str:
    """The line of one box, with all the digits that a float has."""
    values = (box.x0 + box.x1) / 2 / width, (box.y0 + box.y1) / 2 / height, box.width / width, box.height / height
    return " ".join([str(number), *(repr(value) for value in values)])


def outline_line(points: Sequence[float], number: int, width: int, height: int) -> str:
    """The line of one outline ``x, y, x, y, ...`` in pixels."""
    return " ".join([str(number), *(repr(value / (height if i % 2 else width)) for i, value in enumerate(points))])
