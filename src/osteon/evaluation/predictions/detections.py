"""What a detector found in the images of a table, beside what is marked there; from readings or from COCO's JSON.

COCO results are a list of ``{"image_id", "category_id", "bbox": [x, y, width, height], "score"}``, or a whole COCO file
(``images``, ``categories``, ``annotations``) whose annotations have a ``score``. An image is named by the id of the COCO
file, by its path in the table, or by its file's name with or without the suffix, as the YOLO family writes it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.formats.coco import slug
from osteon.data.table.table import Table
from osteon.stats.checks import Booleans
from osteon.stats.detection.boxes import Boxes, boxes, no_boxes


class Mark(NamedTuple):
    """A found box: its image's row in the table, label, corners in source pixels, score."""

    row: int
    label: str
    corners: Box
    score: float


@dataclass(frozen=True)
class Detections:
    """Found and true boxes of the same images.

    Attributes:
        names: of the classes.
        truth: true boxes; ``image`` counts rows of the table.
        found: found boxes, likewise.
        read: whether a detector looked at the image, (n,); the others are left out.
        crowds: boxes around several findings that nobody marked one by one; found boxes in them count neither way.
    """

    names: tuple[str, ...]
    truth: Boxes
    found: Boxes
    read: Booleans
    crowds: Boxes = field(default_factory=no_boxes)

    def __len__(self) -> int:
        """Number of images, also those not read."""
        return len(self.read)

    def select(self, rows: Booleans) -> Detections:
        """Some of the images, numbered from 0 again."""
        place = np.cumsum(rows) - 1

        def part(source: Boxes) -> Boxes:
            kept = source.select(rows[source.image])
            return Boxes(place[kept.image], kept.label, kept.corners, kept.score)

        return Detections(self.names, part(self.truth), part(self.found), self.read[rows], part(self.crowds))


def has_boxes(table: Table, read: Booleans, labels: Collection[str], rest: str | None = None) -> bool:
    """Whether a box of one of these labels, or of any label if others count too, is marked in an image that was read."""
    return any(read[mark.row] for mark in _marked(table, labels, rest, crowds=False))


def detections(
    table: Table,
    found: Iterable[Mark],
    read: Booleans | None = None,
    labels: Collection[str] | None = None,
    rest: str | None = None,
) -> Detections:
    """Put found boxes beside those that are marked in the table.

    Found labels that no image of the table is marked with have nothing to hit: they are refused where none meets.

    Args:
        table: of the cases.
        found: boxes.
        read: whether an image was looked at, (n,); all without.
        labels: what the detector looks for; None takes all.
        rest: label that boxes marked with others count as; None leaves them out.

    Raises:
        DataError: no label that was found is marked in the table, or nothing is marked.
    """
    marked, crowds = (_marked(table, labels, rest, crowds=crowd) for crowd in (False, True))
    listed = list(found)
    names = tuple(sorted({mark.label for mark in marked}))
    if not names:
        raise DataError("no box is marked in these cases", hint="Detection can be measured on marked cases only.")
    strange = sorted({mark.label for mark in listed} - set(names))
    if strange and not {mark.label for mark in listed} & set(names):
        raise DataError("found and marked boxes have no label in common", expected=", ".join(names), got=strange[0])
    wanted = (*names, *strange)
    return Detections(
        wanted,
        _columns(marked, wanted),
        _columns(listed, wanted),
        np.ones(len(table), bool) if read is None else read,
        _columns([crowd for crowd in crowds if crowd.label in wanted], wanted),
    )


def _marked(table: Table, labels: Collection[str] | None, rest: str | None, *, crowds: bool) -> list[Mark]:
    found: list[Mark] = []
    for row, marks in enumerate(table.frame["boxes"].to_list()):
        for mark in marks or ():
            word = str(mark["label"])
            label = word if labels is None or word in labels else rest
            if label is not None and bool(mark["crowd"]) == crowds:
                found.append(Mark(row, label, Box(mark["x0"], mark["y0"], mark["x1"], mark["y1"]), 1.0))
    return found


def _columns(marks: Sequence[Mark], names: Sequence[str]) -> Boxes:
    number = {name: i for i, name in enumerate(names)}
    return boxes(
        [mark.row for mark in marks],
        [number[mark.label] for mark in marks],
        np.array([mark.corners for mark in marks], np.float64).reshape(-1, 4),
        [mark.score for mark in marks],
    )


class _Named(BaseModel):
    """An image or a category of a COCO file."""

    model_config = ConfigDict(extra="ignore")

    id: int | str
    file_name: str = ""
    name: str = ""


class _Result(BaseModel):
    """One detection."""

    model_config = ConfigDict(extra="ignore")

    image_id: int | str
    category_id: int | str
    bbox: tuple[FiniteFloat, FiniteFloat, Annotated[FiniteFloat, Field(ge=0)], Annotated[FiniteFloat, Field(ge=0)]]
    score: Annotated[float, Field(ge=0, le=1)]


def is_detections(path: Path) -> bool:
    """Whether a file's name says that it holds detections."""
    return path.suffix.lower() == ".json"


def read_detections(path: Path, table: Table, ids: Path | None = None) -> tuple[list[Mark], int]:
    """Detections of a COCO JSON in the images of a table.

    Args:
        path: of the results.
        table: of the cases.
        ids: COCO annotations whose ids of images and categories the results use; not needed where the results name
            images and categories themselves, or there is one category only.

    Returns:
        The boxes, and how many others lie in images outside the table.

    Raises:
        DataError: the file holds no detections, an image's or category's name cannot be resolved, or no box is in the table.
    """
    content = _json(path)
    records = _records(path, content)
    source, about = (path, content) if isinstance(content, dict) else (ids, {} if ids is None else _json(ids))
    if not isinstance(about, dict) or (ids is not None and source == ids and not about.get("images")):
        named = "" if ids is None else ids.name
        raise DataError(f"{named} holds no COCO annotations", expected="an object with images and categories")
    try:
        results = [_Result.model_validate(record) for record in records]
        files = {image.id: image.file_name for image in map(_Named.model_validate, about.get("images", []))}
        labels = {
            category.id: slug(category.name) for category in map(_Named.model_validate, about.get("categories", []))
        }
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        lacks = "These look like annotations, which say what is there: " if "score" in first["loc"] else ""
        raise DataError(
            f"{path.name} holds something that is no detection",
            got=f"{place}: {first['msg']}",
            hint=f"{lacks}each detection has image_id, category_id, bbox [x, y, width, height] and a score in [0, 1].",
        ) from error
    if not labels:
        labels = _only_label(results, table)
    rows = _rows(table)
    found: list[Mark] = []
    outside = 0
    for result in results:
        if files and result.image_id not in files:
            raise DataError(
                f"a detection names an image that {source.name if source else path.name} lacks",
                expected="an id among its images",
                got=str(result.image_id),
                hint="The ids are those of another file: name that with --ids.",
            )
        name = files.get(result.image_id, str(result.image_id))
        row = _row(name, rows)
        if row is None:
            outside += 1
            continue
        label = labels.get(
            result.category_id, slug(str(result.category_id)) if isinstance(result.category_id, str) else ""
        )
        if not label:
            known = ", ".join(f"{number} ({name})" for number, name in labels.items())
            raise DataError(
                "a detection has an unknown category", expected=known or "a name", got=str(result.category_id)
            )
        x, y, width, height = result.bbox
        found.append(Mark(row, label, Box(x, y, x + width, y + height), result.score))
    if results and not found:
        raise DataError(
            "no detection lies in an image of the table",
            expected=f"images such as {table.images[0]}",
            got=str(results[0].image_id),
            hint="Name the COCO annotations that the ids come from with --ids.",
        )
    return found, outside


def _records(path: Path, content: Any) -> list[Any]:
    """The detections of a file: a list, or the annotations of a COCO file. An empty list says that nothing was found.

    Raises:
        DataError: it is neither.
    """
    records = content.get("annotations") if isinstance(content, dict) else content
    if isinstance(records, list):
        return records
    lists = (
        [str(name) for name, value in content.items() if isinstance(value, list)] if isinstance(content, dict) else []
    )
    got = (
        (f"an object with {', '.join(map(str, list(content)[:5])) or 'nothing in it'}")
        if isinstance(content, dict)
        else ""
    )
    raise DataError(
        f"{path.name} holds no detections",
        expected="a list of COCO results, or a COCO file whose annotations have scores",
        got=got or type(content).__name__,
        hint=f"Write the list under {lists[0]!r} into a file of its own." if lists else "",
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path.name}", expected="COCO JSON", got=type(error).__name__) from error


def _only_label(results: Sequence[_Result], table: Table) -> dict[int | str, str]:
    """Where there is one category and one marked label, they are the same."""
    numbers = {result.category_id for result in results if isinstance(result.category_id, int)}
    marked = {str(mark["label"]) for marks in table.frame["boxes"].to_list() for mark in marks or ()}
    if len(numbers) == 1 and len(marked) == 1:
        return {numbers.pop(): marked.pop()}
    if numbers:
        raise DataError(
            "the categories of the detections have no names",
            expected=f"{len(marked)} labels",
            got=f"{len(numbers)} numbers",
            hint="Name the COCO annotations that the ids come from with --ids.",
        )
    return {}


def _rows(table: Table) -> dict[str, int | None]:
    """Row of each image by path, file name and stem; None where a name is not unique."""
    found: dict[str, int | None] = {}
    for row, image in enumerate(table.images):
        path = Path(image)
        for name in {image, path.name, path.stem}:
            found[name] = None if name in found else row
    return found


def _row(name: str, rows: Mapping[str, int | None]) -> int | None:
    path = Path(name)
    for word in (name, path.name, path.stem):
        if rows.get(word) is not None:
            return rows[word]
    return None
