"""COCO JSON: images, categories and annotations with boxes ``[x, y, width, height]`` and outlines in pixels.

Format: https://cocodataset.org/#format-data (object detection). Programs write it in many ways: ids that are words,
images without a size, boxes without numbers. What can be read is read, and each entry that cannot is told by its place
in the file (``annotations[3].bbox``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.files.text import read_text
from osteon.data.formats.classes import ANY, Classes
from osteon.data.formats.classes import slug as slug
from osteon.data.formats.outlines import bounds, is_outline
from osteon.data.formats.rle import rle_bounds
from osteon.data.table.case import LabelledBox
from osteon.data.table.remark import Kind, Remark

_NOWHERE: Final = Box(*[math.nan] * 4)


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One image of a COCO file.

    Attributes:
        id: its id as text.
        file_name: path of the file, as it is stated.
        width: columns; 0 where it is not stated.
        height: rows; 0 where it is not stated.
        place: of the entry in the file: ``images[3]``.
    """

    id: str
    file_name: str
    width: int
    height: int
    location: str


@dataclass
class Coco:
    """A COCO file.

    Attributes:
        name: of the file, as remarks call it.
        images: those that name a file.
        labels: label of each category, by its id as text.
        boxes: what is marked in each image, by the image's id; a box that cannot be read has corners that are not
            numbers, and one of an unknown category the label ``ANY``.
        annotated: whether it holds annotations, or says (``info.annotated``) that there is nothing in its images; a
            file without any says nothing of them, as annotations of test images are withheld in this way.
        parents: labels that are only the supercategory of others: no annotation is of them.
        doubtful: ids that several images have, so that nothing says whose the annotations are.
        remarks: what was odd.
    """

    name: str
    images: list[CocoImage] = field(default_factory=list[CocoImage])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    boxes: dict[str, list[LabelledBox]] = field(default_factory=dict[str, list[LabelledBox]])
    annotated: bool = False
    parents: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()
    remarks: list[Remark] = field(default_factory=list[Remark])


def load_json(path: Path, name: str) -> Any:
    """The content of a JSON file of any usual encoding.

    Raises:
        DataError: it cannot be read, or is no JSON; the message says where it fails.
    """
    text, _ = read_text(path, name)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise DataError(f"cannot read {name} as COCO JSON: it is nested too deep") from error
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise DataError(f"cannot read {name} as COCO JSON: {position}", hint="Was it copied as a whole?") from error
    except ValueError as error:
        raise DataError(f"cannot read {name} as COCO JSON: a number is too long") from error


def why_not_coco(content: Any) -> str:
    """What speaks against this being a COCO file; empty where nothing does."""
    if not isinstance(content, dict):
        return f"it holds a {type(content).__name__}, not an object with images, annotations and categories"
    if not isinstance(content.get("images"), list):
        return "it has no list of images"
    marks, categories = content.get("annotations"), content.get("categories")
    if marks is not None and not isinstance(marks, list):
        return "its annotations are no list"
    if marks and not categories and not any("category_id" in mark for mark in marks if isinstance(mark, dict)):
        return "its annotations are of no category (captions?)"
    return ""


def read_coco(path: Path, name: str = "") -> Coco:
    """Read a COCO file.

    Args:
        path: the file.
        name: what remarks call it: its path below the root; the name of the file where empty.

    Raises:
        DataError: it is no JSON, or no COCO file.
    """
    called = name or path.name
    content = load_json(path, called)
    if why := why_not_coco(content):
        raise DataError(f"cannot read {called} as COCO JSON: {why}", expected="images, annotations, categories")
    return parse_coco(content, called)


def parse_coco(content: Mapping[str, Any], name: str, classes: Classes | None = None) -> Coco:
    """What a COCO file says.

    Args:
        content: an object for which ``why_not_coco`` has no answer.
        name: what remarks call the file.
        classes: of the whole dataset, where it has several files.

    Raises:
        DataError: two categories that mean different things would become one label.
    """
    coco = Coco(name)
    odd = _Odd(name)
    entries = _objects(content.get("categories"), "categories", odd)
    parents = _categories(coco, entries, classes or Classes(name), odd)
    _images(coco, content["images"], odd)
    marks = content.get("annotations") or []
    about = content.get("info")
    coco.annotated = bool(marks) or (isinstance(about, dict) and about.get("annotated") is True)
    used = _annotations(coco, marks, odd)
    coco.parents = frozenset(parents - used)
    if not coco.annotated:
        text = "it holds no annotations, which may have been withheld: it says nothing of its images"
        coco.remarks.append(Remark(Kind.NO_RECORD, name, text))
    coco.remarks += odd.remarks()
    return coco


class _Odd:
    """Collects what is odd in the entries of a file, and tells alike ones together."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[tuple[Kind, str], list[str]] = {}

    def add(self, location: str, text: str, kind: Kind = Kind.UNREADABLE) -> None:
        self._found.setdefault((kind, text), []).append(location)

    def remarks(self) -> list[Remark]:
        return [
            Remark(
                kind,
                self._name,
                f"{', '.join(locations[:3])}{f' and {len(locations) - 3} more' * (len(locations) > 3)}: {text}",
            )
            for (kind, text), locations in self._found.items()
        ]


def _objects(entries: Any, key: str, odd: _Odd) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of a list that are objects, each with its place."""
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield f"{key}[{number}]", entry
        else:
            odd.add(f"{key}[{number}]", "no object; left out")


def _categories(coco: Coco, entries: Iterator[tuple[str, dict[str, Any]]], classes: Classes, odd: _Odd) -> set[str]:
    """Fill in the labels; those that are the supercategory of others."""
    above: set[str] = set()
    names: dict[str, str] = {}
    for location, entry in entries:
        number, name = _id(entry.get("id")), entry.get("name")
        if number is None or not isinstance(name, str) or not name.strip():
            odd.add(location, "a category needs an id and a name; its annotations are of an unknown category")
            continue
        if number in names and names[number] != name:
            odd.add(
                location, f"id {number} is given to two categories; which is meant is unknown", Kind.CONTRADICTING_LABEL
            )
            coco.labels[number] = ANY
            continue
        names[number] = name
        coco.labels[number] = classes.label(name)
        parent = entry.get("supercategory")
        if isinstance(parent, str) and parent.strip() and parent != name:
            above.add(slug(parent))
    coco.remarks += [remark for remark in classes.remarks() if remark not in coco.remarks]
    return above & set(coco.labels.values())


def _images(coco: Coco, entries: Any, odd: _Odd) -> None:
    files: dict[str, set[str]] = {}
    for location, entry in _objects(entries, "images", odd):
        number, file = _id(entry.get("id")), entry.get("file_name")
        if not isinstance(file, str) or not file.strip():
            file = next((entry[key] for key in ("path", "coco_url", "file") if isinstance(entry.get(key), str)), "")
        if number is None or not file:
            odd.add(
                f"{location}.{'id' if number is None else 'file_name'}", "missing or no text; the image is left out"
            )
            continue
        if number in files and file in files[number]:
            odd.add(location, "the same id and file once more; taken once", Kind.LISTED_TWICE)
            continue
        files.setdefault(number, set()).add(file)
        coco.images.append(CocoImage(number, file, _side(entry.get("width")), _side(entry.get("height")), location))
    coco.doubtful = frozenset(number for number, names in files.items() if len(names) > 1)
    for number in sorted(coco.doubtful):
        text = f"id {number} is given to {len(files[number])} images: whose its annotations are is unknown"
        coco.remarks.append(Remark(Kind.CONTRADICTING_LABEL, coco.name, text))


def _annotations(coco: Coco, entries: Any, odd: _Odd) -> set[str]:
    """Fill in the boxes; the labels that are in use."""
    known = {image.id for image in coco.images}
    named = bool(coco.labels)
    used: set[str] = set()
    for location, entry in _objects(entries, "annotations", odd):
        image, category = _id(entry.get("image_id")), _id(entry.get("category_id"))
        if image is None or image not in known:
            odd.add(f"{location}.image_id", "no image has this id; left out", Kind.MISSING_FILE)
            continue
        label = coco.labels.get(category or "")
        if label is None and category is not None and not named:
            label = coco.labels[category] = f"category_{category}"
            odd.add(location, f"no categories are named; called {label}", Kind.ASSUMED)
        if label is None:
            odd.add(f"{location}.category_id", "no category has this id; what was seen is unknown", Kind.UNKNOWN_LABEL)
        label = label or ANY
        used.add(label)
        box, outlines = _shape(entry, location, odd)
        reader = entry.get("reader")
        labelled = LabelledBox(box, label, reader if isinstance(reader, str) else "", outlines)
        coco.boxes.setdefault(image, []).append(labelled)
    return used


def _shape(entry: Mapping[str, Any], location: str, odd: _Odd) -> tuple[Box, tuple[tuple[float, ...], ...]]:
    """The box of an annotation, from its outlines or mask where it states none, and its outlines."""
    stated, mask = entry.get("bbox"), entry.get("segmentation")
    outlines: list[tuple[float, ...]] = []
    lists = mask if isinstance(mask, list) else []
    for points in [lists] if lists and not isinstance(lists[0], list) else lists:
        values = _numbers(points)
        if values:
            outlines.append(values)
        elif points != []:
            odd.add(f"{location}.segmentation", "an outline is not made of numbers; left out", Kind.EMPTY_BOX)
    corners = _numbers(stated)
    if corners is not None and len(corners) == 4:
        if not all(math.isfinite(value) for value in corners):
            odd.add(f"{location}.bbox", "a number is none, or not finite; its box cannot be used", Kind.EMPTY_BOX)
        x, y, width, height = corners
        return Box(x, y, x + width, y + height), tuple(outlines)
    found = [bounds(points) for points in outlines if is_outline(points)]
    if isinstance(mask, dict) and (within := rle_bounds(mask)) is not None:
        found.append(within)
    if not found:
        odd.add(f"{location}.bbox", "expected four numbers; its box cannot be used", Kind.EMPTY_BOX)
        return _NOWHERE, tuple(outlines)
    odd.add(f"{location}.bbox", "expected four numbers; the box is taken from its outline", Kind.ASSUMED)
    whole = Box(*(min(box[i] for box in found) for i in (0, 1)), *(max(box[i] for box in found) for i in (2, 3)))
    return whole, tuple(outlines)


def _id(value: Any) -> str | None:
    """An id as text: a number or a word; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    return str(value).strip() or None if isinstance(value, int | str) else None


def _side(value: Any) -> int:
    """A stated size; 0 where it is none."""
    number = _number(value)
    return int(number) if number is not None and 0 < number < 1e9 else 0


def _numbers(values: Any) -> tuple[float, ...] | None:
    """A list of numbers; those that are none become not-a-number. None where it is not a list, or empty."""
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        return None
    found = [_number(value) for value in values]
    if all(value is None for value in found):
        return None
    return tuple(math.nan if value is None else value for value in found)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
