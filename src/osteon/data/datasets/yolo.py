"""Any dataset in the layouts of YOLO: ``images/``, ``labels/`` and ``data.yaml``, or text files beside the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from osteon.core.errors import DataError
from osteon.data.files.images import Film, inspect_films
from osteon.data.files.resolve import Files, canonical, overlooked
from osteon.data.files.sidecar import complete
from osteon.data.files.text import read_text
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY, Classes, values
from osteon.data.formats.parts import part_of_folders
from osteon.data.formats.yolo import fault_remarks, parse_outlines, parse_yolo
from osteon.data.formats.yoloconfig import YoloConfig, absolute, find_config, part_places
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.table import Table, from_cases

CARD: Final = DatasetCard(
    name="yolo",
    title="YOLO",
    about="Any images with a text file of boxes or outlines each, and the classes in data.yaml.",
    licence="as its owner says",
    citation="",
    url="https://docs.ultralytics.com/datasets/detect/",
    access="own",
    obtain="Your own files.",
    layout=(
        "data.yaml\nimages/{train,val,test}/*, labels/{train,val,test}/*.txt\nor {train,val,test}/{images,labels}/\n"
        "or *.txt beside the images, with data.yaml, obj.names or classes.txt"
    ),
    identifiers=("cluster",),
    label_map={"any class": "label of its name = 1 where an image has a box of it, 0 where its file has none"},
)


@dataclass(frozen=True)
class Labels:
    """The label files of a dataset.

    Attributes:
        root: folder of the dataset.
        classes: labels by class number.
        keypoints: numbers that follow each box.
        files: paths of the text files, by what they compare as.
    """

    root: Path
    classes: Mapping[int, str]
    keypoints: int
    files: Mapping[str, str]

    def of(self, image: str, folder: str = "labels") -> str | None:
        """The file that belongs to an image: ``.../labels/.../x.txt``, or ``x.txt`` beside it."""
        path = label_file(image, folder)
        beside = str(PurePosixPath(image).with_suffix(".txt")) if folder == "labels" else None
        tries = (path, path and path.replace("labels/", "label/"), beside)
        return next((self.files[canonical(one)] for one in tries if one and canonical(one) in self.files), None)


def read(root: Path) -> Table:
    """Read images and YOLO files below ``root``.

    An image with an empty file was looked at and has nothing; one without a file is unknown, and so are the labels of
    lines that cannot be understood.

    Raises:
        DataError: there is no ``data.yaml``, or it names no classes.
    """
    config = find_config(root)
    names = Classes(config.file)
    numbers = {number: names.label(name) for number, name in config.names.items()}
    found = survey(root)
    remarks: list[Remark] = [*config.remarks, *names.remarks(), *found.remarks]
    texts = found.named(".txt")
    labels = Labels(root, numbers, config.keypoints, {canonical(name): name for name in texts})
    parts = _parts(root, config, found.images, remarks)
    own = [name for name in found.images if label_file(name) or labels.of(name)]
    remarks += [
        Remark(
            Kind.EXTRA_FILE, name, "it does not lie below a folder named images, nor beside a text file", skipped=True
        )
        for name in found.images
        if name not in set(own)
    ]
    cases: list[Case] = []
    for name, film in inspect_films(root, own):
        if isinstance(film, Remark):
            remarks.append(film)
        else:
            cases.append(_case(name, film, labels, parts.get(name), remarks))
    used = {labels.of(name) for name in own}
    remarks += [
        Remark(Kind.MISSING_FILE, name, "a file of boxes without an image", skipped=True)
        for name in texts
        if name not in used and _is_labels(name)
    ]
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def label_file(name: str, folder: str = "labels") -> str | None:
    """Where the boxes of ``.../images/.../x.jpg`` lie: ``.../labels/.../x.txt``; None without a folder ``images``."""
    *before, file = PurePosixPath(name).parts
    lower = [one.lower() for one in before]
    if "images" not in lower:
        return None
    before[len(before) - 1 - lower[::-1].index("images")] = folder
    return str(PurePosixPath(*before, file).with_suffix(".txt"))


def _is_labels(name: str) -> bool:
    path = PurePosixPath(name)
    aside = {"labels", "label"} & {folder.lower() for folder in path.parts[:-1]}
    return bool(aside) and path.name.lower() not in {"classes.txt", "notes.txt"}


def _parts(root: Path, config: YoloConfig, images: Sequence[str], remarks: list[Remark]) -> dict[str, str | None]:
    """The part of each image: as the configuration says, else as its folders do.

    A configuration must name a part for training; one that covers all images divides nothing.
    """
    places, odd = part_places(config, root)
    told: dict[str, set[str]] = {}
    here = absolute(root)
    files = Files(root, images)
    for part, listed in places.items():
        for place in listed:
            below = place.relative_to(here).as_posix()
            if place.is_dir():
                prefix = "" if below == "." else f"{below}/"
                found = [name for name in images if name.startswith(prefix)]
            else:
                found = _listed(files, root, below, part, remarks)
            for name in found:
                told.setdefault(name, set()).add(part)
    if any(len(parts) > 1 for parts in told.values()):
        first = next(name for name, parts in told.items() if len(parts) > 1)
        count = sum(len(parts) > 1 for parts in told.values())
        text = f"{count} images are in several parts, {first} among them; their part is unknown"
        remarks.append(Remark(Kind.CONTRADICTING_LABEL, config.file, text))
    whole = len(places) < 2 and len(told) == len(images)
    if not told or whole:
        remarks += odd if any(part_of_folders(name) is None for name in images) and len(config.parts) > 1 else []
        return {name: part_of_folders(name) for name in images}
    remarks += odd
    return {
        name: (next(iter(told[name])) if len(told[name]) == 1 else None) if name in told else part_of_folders(name)
        for name in images
    }


def _listed(files: Files, root: Path, name: str, part: str, remarks: list[Remark]) -> list[str]:
    """The images of a list of a part."""
    try:
        lines = [line.strip() for line in read_text(root / name, name)[0].splitlines()]
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, error.problem))
        return []
    near = PurePosixPath(name).parent.as_posix()
    matches = [
        (line, files.find(stated, "" if near == "." else near, part)) for line, stated in enumerate(lines, 1) if stated
    ]
    remarks += overlooked(name, (match for _, match in matches))
    remarks += [
        Remark(Kind.MISSING_FILE, match.stated, f"listed in {name}, line {line}, but {match.why}", skipped=True)
        for line, match in matches
        if match.image is None
    ]
    return [match.image for _, match in matches if match.image is not None]


def _case(name: str, film: Film, labels: Labels, part: str | None, remarks: list[Remark]) -> Case:
    case = replace(film.case(name), split=part)
    path = labels.of(name)
    if path is None:
        remarks.append(Remark(Kind.NO_RECORD, name, "no file of boxes; its labels are unknown"))
        return replace(case, labels=values(labels.classes.values(), (), {ANY}))
    try:
        text, _ = read_text(labels.root / path, path)
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, f"its boxes cannot be read: {error.problem}"))
        return replace(case, labels=values(labels.classes.values(), (), {ANY}))
    marked, faults = parse_yolo(text, labels.classes, *film.facts.annotated, labels.keypoints)
    remarks += fault_remarks(name, path, faults)
    fitting = usable(_outlined(name, film, marked, labels, remarks), film.facts, name)
    remarks += fitting.remarks
    lost = fitting.lost | {fault.label for fault in faults}
    return replace(case, labels=values(labels.classes.values(), fitting.present, lost), boxes=fitting.boxes)


def _outlined(
    name: str, film: Film, marked: list[LabelledBox], labels: Labels, remarks: list[Remark]
) -> list[LabelledBox]:
    """The boxes with the outlines of ``outlines/``, which osteon's own conversion writes beside ``labels/``."""
    path = labels.of(name, "outlines")
    if path is None:
        return marked
    try:
        outlines = parse_outlines(read_text(labels.root / path, path)[0], len(marked), *film.facts.annotated)
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, f"its outlines cannot be read: {path}: {error.problem}"))
        return marked
    return [replace(one, polygons=outlines.get(index, one.polygons)) for index, one in enumerate(marked)]
