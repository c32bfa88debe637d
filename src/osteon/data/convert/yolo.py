"""YOLO: ``labels/`` with boxes for detectors, or with outlines for segmenters.

A line of YOLO is a box or an outline, never both. ``yolo`` writes boxes, and the outlines in ``outlines/``,
which other programs ignore. ``yolo-seg`` writes outlines: a box without one becomes its rectangle, several
outlines of one box are joined by lines of zero width, and the box is then their bounding box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from osteon.data.convert.target import Target, Written, in_images, is_unlabelled
from osteon.data.formats.outlines import bounds, is_outline
from osteon.data.formats.yolo import outline_line, yolo_line
from osteon.data.table.boxes import SMALLEST_SIDE
from osteon.data.table.case import LabelledBox


def write_boxes(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write boxes into ``labels/`` and outlines into ``outlines/``."""
    _write(written, labels, out, lambda box, number, size: yolo_line(box.box, number, *size))
    for image in written:
        lines = [
            outline_line(points, number, image.width, image.height)
            for number, box in enumerate(image.boxes)
            for points in box.polygons
            if is_outline(points)
        ]
        if lines:
            _save(out, "outlines", image.name, lines)


def write_outlines(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write outlines into ``labels/``."""
    _write(written, labels, out, lambda box, number, size: outline_line(joined_outline(box), number, *size))


def joined_outline(box: LabelledBox) -> tuple[float, ...]:
    """One outline ``x, y, x, y, ...`` for the mask of a box: its only outline, all of them joined, or its rectangle."""
    outlines = [points for points in box.polygons if _has_area(points)]
    if not outlines:
        x0, y0, x1, y1 = box.box
        return (x0, y0, x1, y0, x1, y1, x0, y1)
    if len(outlines) == 1:
        return outlines[0]
    start = outlines[0][:2]
    closed = [value for points in outlines for value in (*points, *points[:2], *start)]
    return tuple(closed)


def _has_area(points: tuple[float, ...]) -> bool:
    """Whether an outline has an area, so that its bounds are a box."""
    box = bounds(points) if is_outline(points) else None
    return box is not None and min(box.width, box.height) >= SMALLEST_SIDE


def _write(
    written: Sequence[Written],
    labels: Sequence[str],
    out: Path,
    line: Callable[[LabelledBox, int, tuple[int, int]], str],
) -> None:
    numbers = {label: number for number, label in enumerate(labels)}
    for image in written:
        if is_unlabelled(image):  # an empty file would mean a negative image
            continue
        lines = [line(box, numbers[box.label], (image.width, image.height)) for box in image.boxes]
        _save(out, "labels", image.name, lines)
    parts = sorted({image.row["split"] for image in written if image.row["split"]})
    part_lines = "".join(f"{part}: images/{part}\n" for part in parts) or "train: images\n"
    names = "".join(f"  {number}: {label}\n" for label, number in numbers.items())
    (out / "data.yaml").write_text(
        f"path: .\n{part_lines}names:\n{names}" if names else f"path: .\n{part_lines}names: []\n"
    )


def _save(out: Path, folder: str, image: str, lines: Sequence[str]) -> None:
    path = out / Path(folder, *Path(image).parts[1:]).with_suffix(".txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


BOXES: Final = Target("yolo", "YOLO with boxes; outlines in a second folder", "yolo", in_images, write_boxes)
OUTLINES: Final = Target("yolo-seg", "YOLO with outlines", "yolo", in_images, write_outlines)
