"""YOLO label files: lines ``class cx cy width height``, or ``class x y x y ...`` for outlines, as fractions.

A sixth number after a box is the confidence of a detector, in files of predictions: it is ignored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.formats.classes import ANY
from osteon.data.formats.outlines import bounds
from osteon.data.table.case import LabelledBox
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a label file that cannot be parsed.

    Attributes:
        line: its number.
        code: reason.
        label: of its class; ``ANY`` where that is unknown, too.
        count: of what there are too many or too few.
    """

    line: int
    code: RemarkCode
    label: str
    count: int = 0


def parse_yolo(
    text: str, classes: Mapping[int, str], width: int, height: int, keypoints: int = 0
) -> tuple[list[LabelledBox], list[Fault]]:
    """Boxes of a label file, in pixels, and the lines that cannot be parsed.

    Args:
        text: its content.
        classes: labels by class number.
        width: columns of the image.
        height: rows of the image.
        keypoints: numbers that follow the four of each box, where the dataset has key points.
    """
    found: list[LabelledBox] = []
    faults: list[Fault] = []
    for line, content in enumerate(text.splitlines(), start=1):
        if content.strip():
            box = _line(line, content, classes, width, height, keypoints)
            if isinstance(box, Fault):
                faults.append(box)
            else:
                found.append(box)
    return found, faults


def _line(
    line: int, text: str, classes: Mapping[int, str], width: int, height: int, keypoints: int
) -> LabelledBox | Fault:
    if "," in text or ";" in text:
        return Fault(line, RemarkCode.LINE_SEPARATORS, ANY)
    try:
        number, *values = (float(word) for word in text.split())
    except ValueError:
        return Fault(line, RemarkCode.LINE_NO_NUMBERS, ANY)
    label = classes.get(int(number)) if math.isfinite(number) and number == int(number) else None
    if label is None:
        return Fault(line, RemarkCode.LINE_CLASS, ANY, len(classes))
    if not all(math.isfinite(value) for value in values):
        return Fault(line, RemarkCode.LINE_NOT_FINITE, label)
    if len(values) == 5 or (keypoints and len(values) == 4 + keypoints):
        values = values[:4]
    if len(values) == 4:
        x, y, w, h = values
        box = Box((x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height)
        return LabelledBox(box, label)
    if keypoints or len(values) < 6 or len(values) % 2:
        return Fault(line, RemarkCode.LINE_LENGTH, label, len(values))
    points = tuple(value * (height if index % 2 else width) for index, value in enumerate(values))
    return LabelledBox(bounds(points), label, polygons=(points,))


def fault_remarks(name: str, path: str, faults: Sequence[Fault]) -> list[Remark]:
    """Remarks on an image with lines that cannot be parsed."""
    return [
        Remark(Kind.UNREADABLE, name, fault.code, {"file": path, "line": fault.line, "count": fault.count})
        for fault in faults
    ]


def parse_outlines(text: str, boxes: int, width: int, height: int) -> dict[int, tuple[tuple[float, ...], ...]]:
    """Outlines in pixels by the number of their box, from lines ``number x y x y ...`` of fractions.

    Args:
        text: content of a file in ``outlines/``.
        boxes: number of boxes of the image.
        width: columns of the image.
        height: rows of the image.

    Raises:
        DataError: a line has no valid box number or outline.
    """
    found: dict[int, list[tuple[float, ...]]] = {}
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            continue
        try:
            number, *values = (float(word) for word in content.split())
        except ValueError:
            number, values = -1.0, []
        if not 0 <= number < boxes or len(values) < 6 or len(values) % 2:
            raise DataError(f"line {line}: it cannot be parsed", expected=f"number (of {boxes}) and outline")
        points = tuple(value * (height if index % 2 else width) for index, value in enumerate(values))
        found.setdefault(int(number), []).append(points)
    return {number: tuple(outlines) for number, outlines in found.items()}


def yolo_line(box: Box, number: int, width: int, height: int) -> str:
    """The line of one box, in full precision."""
    values = (box.x0 + box.x1) / 2 / width, (box.y0 + box.y1) / 2 / height, box.width / width, box.height / height
    return " ".join([str(number), *(repr(value) for value in values)])


def outline_line(points: Sequence[float], number: int, width: int, height: int) -> str:
    """The line of one outline ``x, y, x, y, ...`` in pixels."""
    return " ".join([str(number), *(repr(value / (height if i % 2 else width)) for i, value in enumerate(points))])
