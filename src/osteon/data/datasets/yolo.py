"""Any dataset in the layouts of YOLO: ``images/``, ``labels/`` and ``data.yaml``, or text files next to the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from osteon.core.errors import DataError
from osteon.data.files.images import ImageFile, inspect_images
from osteon.data.files.resolve import Files, canonical, overlooked
from osteon.data.files.sidecar import complete
from osteon.data.files.text import read_text
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY, Classes, values
from osteon.data.formats.parts import part_of_folders
from osteon.data.formats.yolo import fault_remarks, parse_outlines, parse_yolo
from osteon.data.formats.yoloconfig import YoloConfig, absolute, find_config, part_paths
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
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
        "or *.txt next to the images, with data.yaml, obj.names or classes.txt"
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
        files: paths of the text files by their canonical form.
    """

    root: Path
    classes: Mapping[int, str]
    keypoints: int
    files: Mapping[str, str]

    def of(self, image: str, folder: str = "labels") -> str | None:
        """The file that belongs to an image: ``.../labels/.../x.txt``, or ``x.txt`` next to it."""
        path = label_file(image, folder)
        beside = str(PurePosixPath(image).with_suffix(".txt")) if folder == "labels" else None
        tries = (path, path and path.replace("labels/", "label/"), beside)
        return next(
            (
                self.files[canonical(candidate)]
                for candidate in tries
                if candidate and canonical(candidate) in self.files
            ),
            None,
        )


def read(root: Path) -> Table:
    """Read images and YOLO files below ``root``.

    An image with an empty file is negative; one without a file is unknown, and so are the labels of lines that cannot
    be parsed.

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
        Remark(Kind.EXTRA_FILE, name, RemarkCode.NOT_BELOW_IMAGES, skipped=True)
        for name in found.images
        if name not in set(own)
    ]
    cases: list[Case] = []
    for name, image in inspect_images(root, own):
        if isinstance(image, Remark):
            remarks.append(image)
        else:
            cases.append(_case(name, image, labels, parts.get(name), remarks))
    used = {labels.of(name) for name in own}
    remarks += [
        Remark(Kind.MISSING_FILE, name, RemarkCode.BOXES_WITHOUT_IMAGE, skipped=True)
        for name in texts
        if name not in used and _is_labels(name)
    ]
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def label_file(name: str, folder: str = "labels") -> str | None:
    """Label file of ``.../images/.../x.jpg``: ``.../labels/.../x.txt``; None without a folder ``images``."""
    *before, file = PurePosixPath(name).parts
    lower = [folder.lower() for folder in before]
    if "images" not in lower:
        return None
    before[len(before) - 1 - lower[::-1].index("images")] = folder
    return str(PurePosixPath(*before, file).with_suffix(".txt"))


def _is_labels(name: str) -> bool:
    path = PurePosixPath(name)
    aside = {"labels", "label"} & {folder.lower() for folder in path.parts[:-1]}
    return bool(aside) and path.name.lower() not in {"classes.txt", "notes.txt"}


def _parts(root: Path, config: YoloConfig, images: Sequence[str], remarks: list[Remark]) -> dict[str, str | None]:
    """The part of each image: by the configuration, otherwise by its folders.

    A configuration must name a part for training; a single one that covers all images is ignored.
    """
    paths, odd = part_paths(config, root)
    named_parts: dict[str, set[str]] = {}
    here = absolute(root)
    files = Files(root, images)
    for part, listed in paths.items():
        for path in listed:
            below = path.relative_to(here).as_posix()
            if path.is_dir():
                prefix = "" if below == "." else f"{below}/"
                found = [name for name in images if name.startswith(prefix)]
            else:
                found = _listed(files, root, below, part, remarks)
            for name in found:
                named_parts.setdefault(name, set()).add(part)
    if any(len(parts) > 1 for parts in named_parts.values()):
        first = next(name for name, parts in named_parts.items() if len(parts) > 1)
        count = sum(len(parts) > 1 for parts in named_parts.values())
        remarks.append(
            Remark(
                Kind.CONTRADICTING_LABEL,
                config.file,
                RemarkCode.IMAGES_IN_SEVERAL_PARTS,
                {"count": count, "image": first},
            )
        )
    whole = len(paths) < 2 and len(named_parts) == len(images)
    if not named_parts or whole:
        remarks += odd if any(part_of_folders(name) is None for name in images) and len(config.parts) > 1 else []
        return {name: part_of_folders(name) for name in images}
    remarks += odd
    return {
        name: (next(iter(named_parts[name])) if len(named_parts[name]) == 1 else None)
        if name in named_parts
        else part_of_folders(name)
        for name in images
    }


def _listed(files: Files, root: Path, name: str, part: str, remarks: list[Remark]) -> list[str]:
    """The images of a list of a part."""
    try:
        lines = [line.strip() for line in read_text(root / name, name)[0].splitlines()]
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, RemarkCode.UNREAD, {"problem": error.problem}))
        return []
    near = PurePosixPath(name).parent.as_posix()
    matches = [
        (line, files.find(stated, "" if near == "." else near, part)) for line, stated in enumerate(lines, 1) if stated
    ]
    remarks += overlooked(name, (match for _, match in matches))
    remarks += [
        Remark(
            Kind.MISSING_FILE,
            match.stated,
            RemarkCode.LISTED_UNMATCHED,
            {"where": f"{name}, line {line}", **match.why.values},
            skipped=True,
        )
        for line, match in matches
        if match.why is not None
    ]
    return [match.image for _, match in matches if match.image is not None]


def _case(name: str, image: ImageFile, labels: Labels, part: str | None, remarks: list[Remark]) -> Case:
    case = replace(image.case(name), split=part)
    path = labels.of(name)
    if path is None:
        remarks.append(Remark(Kind.NO_RECORD, name, RemarkCode.NO_BOXES_FILE_UNKNOWN))
        return replace(case, labels=values(labels.classes.values(), (), {ANY}))
    try:
        text, _ = read_text(labels.root / path, path)
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, RemarkCode.BOXES_UNREAD, {"problem": error.problem}))
        return replace(case, labels=values(labels.classes.values(), (), {ANY}))
    marked_boxes, faults = parse_yolo(text, labels.classes, *image.facts.annotated, labels.keypoints)
    remarks += fault_remarks(name, path, faults)
    fitting = usable(_outlined(name, image, marked_boxes, labels, remarks), image.facts, name)
    remarks += fitting.remarks
    lost = fitting.lost | {fault.label for fault in faults}
    return replace(case, labels=values(labels.classes.values(), fitting.present, lost), boxes=fitting.boxes)


def _outlined(
    name: str, image: ImageFile, marked_boxes: list[LabelledBox], labels: Labels, remarks: list[Remark]
) -> list[LabelledBox]:
    """The boxes with the outlines of ``outlines/``, which osteon's own conversion writes."""
    path = labels.of(name, "outlines")
    if path is None:
        return marked_boxes
    try:
        outlines = parse_outlines(read_text(labels.root / path, path)[0], len(marked_boxes), *image.facts.annotated)
    except DataError as error:
        remarks.append(
            Remark(Kind.UNREADABLE, name, RemarkCode.OUTLINES_UNREAD, {"file": path, "problem": error.problem})
        )
        return marked_boxes
    return [replace(box, polygons=outlines.get(index, box.polygons)) for index, box in enumerate(marked_boxes)]
