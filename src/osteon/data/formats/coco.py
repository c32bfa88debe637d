"""COCO JSON: images, categories and annotations with boxes ``[x, y, width, height]`` and outlines in pixels.

Format: https://cocodataset.org/#format-data (object detection). Programs write it in many ways: ids that are words,
images without a size, boxes without numbers. What can be read is read, and each entry that cannot is reported with its
location in the file (``annotations[3].bbox``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osteon.core.errors import DataError
from osteon.data.files.text import read_text
from osteon.data.formats.classes import ANY, Classes, slug
from osteon.data.formats.coco_entries import EntryRemarks, identifier, objects, shape, side_length
from osteon.data.table.case import LabelledBox
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode


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
    odd = EntryRemarks(name)
    entries = objects(content.get("categories"), "categories", odd)
    parents = _categories(coco, entries, classes or Classes(name), odd)
    _images(coco, content["images"], odd)
    marks = content.get("annotations") or []
    about = content.get("info")
    coco.annotated = bool(marks) or (isinstance(about, dict) and about.get("annotated") is True)
    used = _annotations(coco, marks, odd)
    coco.parents = frozenset(parents - used)
    if not coco.annotated:
        coco.remarks.append(Remark(Kind.NO_RECORD, name, RemarkCode.NO_ANNOTATIONS))
    coco.remarks += odd.remarks()
    return coco


def _categories(
    coco: Coco, entries: Iterator[tuple[str, dict[str, Any]]], classes: Classes, odd: EntryRemarks
) -> set[str]:
    """Fill in the labels; those that are the supercategory of others."""
    above: set[str] = set()
    names: dict[str, str] = {}
    for location, entry in entries:
        number, name = identifier(entry.get("id")), entry.get("name")
        if number is None or not isinstance(name, str) or not name.strip():
            odd.add(location, RemarkCode.CATEGORY_INCOMPLETE)
            continue
        if number in names and names[number] != name:
            odd.add(location, RemarkCode.CATEGORY_ID_TWICE, Kind.CONTRADICTING_LABEL, id=number)
            coco.labels[number] = ANY
            continue
        names[number] = name
        coco.labels[number] = classes.label(name)
        parent = entry.get("supercategory")
        if isinstance(parent, str) and parent.strip() and parent != name:
            above.add(slug(parent))
    coco.remarks += [remark for remark in classes.remarks() if remark not in coco.remarks]
    return above & set(coco.labels.values())


def _images(coco: Coco, entries: Any, odd: EntryRemarks) -> None:
    files: dict[str, set[str]] = {}
    for location, entry in objects(entries, "images", odd):
        number, file = identifier(entry.get("id")), entry.get("file_name")
        if not isinstance(file, str) or not file.strip():
            file = next((entry[key] for key in ("path", "coco_url", "file") if isinstance(entry.get(key), str)), "")
        if number is None or not file:
            odd.add(f"{location}.{'id' if number is None else 'file_name'}", RemarkCode.ENTRY_INCOMPLETE)
            continue
        if number in files and file in files[number]:
            odd.add(location, RemarkCode.ENTRY_REPEATED, Kind.LISTED_TWICE)
            continue
        files.setdefault(number, set()).add(file)
        coco.images.append(
            CocoImage(number, file, side_length(entry.get("width")), side_length(entry.get("height")), location)
        )
    coco.doubtful = frozenset(number for number, names in files.items() if len(names) > 1)
    for number in sorted(coco.doubtful):
        coco.remarks.append(
            Remark(
                Kind.CONTRADICTING_LABEL,
                coco.name,
                RemarkCode.ID_GIVEN_TO_SEVERAL,
                {"id": number, "count": len(files[number])},
            )
        )


def _annotations(coco: Coco, entries: Any, odd: EntryRemarks) -> set[str]:
    """Fill in the boxes; the labels that are in use."""
    known = {image.id for image in coco.images}
    named = bool(coco.labels)
    used: set[str] = set()
    for location, entry in objects(entries, "annotations", odd):
        image, category = identifier(entry.get("image_id")), identifier(entry.get("category_id"))
        if image is None or image not in known:
            odd.add(f"{location}.image_id", RemarkCode.ENTRY_WITHOUT_IMAGE, Kind.MISSING_FILE)
            continue
        label = coco.labels.get(category or "")
        if label is None and category is not None and not named:
            label = coco.labels[category] = f"category_{category}"
            odd.add(location, RemarkCode.CATEGORIES_UNNAMED, Kind.ASSUMED, label=label)
        if label is None:
            odd.add(f"{location}.category_id", RemarkCode.NO_CATEGORY_OF_ID, Kind.UNKNOWN_LABEL)
        label = label or ANY
        used.add(label)
        box, outlines = shape(entry, location, odd)
        reader = entry.get("reader")
        crowd = entry.get("iscrowd") in (1, True)
        labelled = LabelledBox(box, label, reader if isinstance(reader, str) else "", outlines, crowd)
        coco.boxes.setdefault(image, []).append(labelled)
    return used
