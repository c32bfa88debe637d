"""YOLO: ``labels/`` with boxes for detectors, or with outlines for segmenters.

A line of YOLO is a box or an outline, never both. ``yolo`` writes boxes, and the outlines beside them in ``outlines/``,
which other programs do not look at. ``yolo-seg`` writes outlines: a box without one becomes its rectangle, several
outlines of one box are joined by lines without width, and the box is then what bounds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from osteon.data.convert.target import Target, Written, in_images, says_nothing
from osteon.data.formats.outlines import bounds, is_outline
from osteon.data.formats.yolo import outline_line, yolo_line
from osteon.data.table.boxes import SMALLEST_SIDE
from osteon.data.table.case import LabelledBox


def write_boxes(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write boxes into ``labels/`` and outlines into ``outlines/``."""
    _write(written, labels, out, lambda one, number, size: yolo_line(one.box, number, *size))
    for one in written:
        lines = [
            outline_line(points, number, one.width, one.height)
            for number, marked in enumerate(one.boxes)
            for points in marked.polygons
            if is_outline(points)
        ]
        if lines:
            _save(out, "outlines", one.name, lines)


def write_outlines(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write outlines into ``labels/``."""
    _write(written, labels, out, lambda one, number, size: outline_line(joined(one), number, *size))


def joined(one: LabelledBox) -> tuple[float, ...]:
    """One outline ``x, y, x, y, ...`` for the mask of a box: its only one, all of them joined, or its rectangle."""
    outlines = [points for points in one.polygons if _encloses(points)]
    if not outlines:
        x0, y0, x1, y1 = one.box
        return (x0, y0, x1, y0, x1, y1, x0, y1)
    if len(outlines) == 1:
        return outlines[0]
    start = outlines[0][:2]
    closed = [value for points in outlines for value in (*points, *points[:2], *start)]
    return tuple(closed)


def _encloses(points: tuple[float, ...]) -> bool:
    """Whether an outline has an area: else its bounds would be no box."""
    box = bounds(points) if is_outline(points) else None
    return box is not None and min(box.width, box.height) >= SMALLEST_SIDE


def _write(
    written: Sequence[Written],
    labels: Sequence[str],
    out: Path,
    line: Callable[[LabelledBox, int, tuple[int, int]], str],
) -> None:
    numbers = {label: number for number, label in enumerate(labels)}
    for one in written:
        if says_nothing(one):  # an empty file would say that there is nothing
            continue
        lines = [line(marked, numbers[marked.label], (one.width, one.height)) for marked in one.boxes]
        _save(out, "labels", one.name, lines)
    parts = sorted({one.row["split"] for one in written if one.row["split"]})
    places = "".join(f"{part}: images/{part}\n" for part in parts) or "train: images\n"
    names = "".join(f"  {number}: {label}\n" for label, number in numbers.items())
    (out / "data.yaml").write_text(f"path: .\n{places}names:\n{names}" if names else f"path: .\n{places}names: []\n")


def _save(out: Path, folder: str, image: str, lines: Sequence[str]) -> None:
    path = out / Path(folder, *Path(image).parts[1:]).with_suffix(".txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


BOXES: Final = Target("yolo", "YOLO with boxes; outlines beside them", "yolo", in_images, write_boxes)
OUTLINES: Final = Target("yolo-seg", "YOLO with outlines", "yolo", in_images, write_outlines)
