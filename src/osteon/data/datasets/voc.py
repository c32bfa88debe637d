"""Any dataset with a Pascal VOC file for each image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.files.images import ImageFile, inspect_images
from osteon.data.files.resolve import Files, canonical
from osteon.data.files.sidecar import complete
from osteon.data.files.text import read_text
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY, Classes, values
from osteon.data.formats.parts import PART_WORDS, part_of_folders
from osteon.data.formats.voc import VocImage, read_voc
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Kind, Remark, sizes
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.table import Table, from_cases

CARD: Final = DatasetCard(
    name="voc",
    title="Pascal VOC",
    about="Any images with an XML file of boxes each.",
    licence="as its owner says",
    citation="",
    url="http://host.robots.ox.ac.uk/pascal/VOC/",
    access="own",
    obtain="Your own files.",
    layout=(
        "Annotations/*.xml and images with the same names anywhere below\nImageSets/Main/{train,val,test}.txt (may be absent)"
    ),
    identifiers=("cluster",),
    label_map={"any name": "label of its name = 1 where an image has a box of it, 0 where its file has none"},
)


_CONTAINERS: Final = re.compile(
    r"annotations?|labels?|xmls?|jpegimages|images?|imgs?|pascal[_ -]?voc|voc\d*", re.IGNORECASE
)
"""Folders that only separate annotation files from images."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A VOC file and its path below the root."""

    path: str
    voc: VocImage


def read(root: Path) -> Table:
    """Read images and VOC files below ``root``; they are matched by name.

    An image whose file has no object is negative; one without a file, or with one that cannot be
    read, is unknown.

    Raises:
        DataError: there is no XML file.
    """
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    found = survey(root)
    remarks: list[Remark] = list(found.remarks)
    files = found.named(".xml")
    if not files:
        raise DataError(f"no Pascal VOC file below {root}", expected="*.xml")
    owners = _owners(files, found.images)
    known: dict[str, list[Annotation]] = {}
    broken: set[str] = set()
    index = Files(root, found.images)
    for path in files:
        try:
            voc = read_voc(root / path)
        except DataError as error:
            remarks.append(Remark(Kind.UNREADABLE, path, RemarkCode.UNREAD, {"problem": str(error)}))
            broken |= set(owners.get(path, ()))
            continue
        image = _image_of(path, voc, owners.get(path, ()), index, remarks)
        if image is not None:
            known.setdefault(image, []).append(Annotation(path, voc))
        remarks += [Remark(Kind.EMPTY_BOX, path, code, {"object": number}) for code, number in voc.odd]
    classes = Classes("the XML files")
    labels = sorted(
        {
            classes.label(box.label)
            for reads in known.values()
            for annotation in reads
            for box in annotation.voc.boxes
            if box.label != ANY
        }
    )
    remarks += classes.remarks()
    parts = _parts(root, found.named(".txt"), found.images, remarks)
    cases: list[Case] = []
    for name, image in inspect_images(root, list(found.images)):
        if isinstance(image, Remark):
            remarks.append(image)
            continue
        part = parts[name] if name in parts else part_of_folders(name)
        reads = known.get(name, [])
        if not reads:
            code = RemarkCode.XML_UNREAD if name in broken else RemarkCode.NO_XML
            remarks.append(Remark(Kind.NO_RECORD, name, code))
            cases.append(replace(image.case(name), split=part, labels=dict.fromkeys(labels, UNKNOWN)))
        else:
            case = _case(name, image, reads, labels, classes, remarks)
            cases.append(replace(case, split=part))
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _reduced(path: str) -> str:
    """A path without suffix and without the folders that separate annotations from images."""
    *folders, file = PurePosixPath(path).with_suffix("").parts
    return canonical("/".join([*(folder for folder in folders if not _CONTAINERS.fullmatch(folder)), file]))


def _owners(files: Sequence[str], images: Sequence[str]) -> dict[str, list[str]]:
    """The images that may belong to each file: those with its path and name, otherwise all with its name."""
    by_place: dict[str, list[str]] = {}
    by_stem: dict[str, list[str]] = {}
    for image in images:
        by_place.setdefault(_reduced(image), []).append(image)
        by_stem.setdefault(canonical(PurePosixPath(image).stem), []).append(image)
    placed = {file: by_place.get(_reduced(file), []) for file in files}
    taken = {image for owners in placed.values() for image in owners}
    return {
        file: owners or [image for image in by_stem.get(canonical(PurePosixPath(file).stem), []) if image not in taken]
        for file, owners in placed.items()
    }


def _image_of(path: str, voc: VocImage, owners: Sequence[str], files: Files, remarks: list[Remark]) -> str | None:
    """The image that a file annotates: the one with its own name, otherwise the one that it states."""
    stated = PurePosixPath(voc.file.replace("\\", "/")).name
    if len(owners) > 1:
        owners = [image for image in owners if PurePosixPath(image).name == stated] or owners
    if len(owners) > 1:
        remarks.append(
            Remark(Kind.CONTRADICTING_LABEL, path, RemarkCode.NAME_OF_SEVERAL_IMAGES, {"count": len(owners)})
        )
        return None
    if owners:
        named_image = files.find(voc.file).image if stated else None
        if named_image is not None and canonical(PurePosixPath(named_image).stem) != canonical(
            PurePosixPath(owners[0]).stem
        ):
            remarks.append(
                Remark(
                    Kind.CONTRADICTING_LABEL,
                    path,
                    RemarkCode.OTHER_IMAGE_NAMED,
                    {"image": owners[0], "named": named_image},
                )
            )
            return None
        return owners[0]
    match = files.find(voc.file)
    if match.image is None:
        remarks.append(
            Remark(Kind.MISSING_FILE, voc.file or path, RemarkCode.OF_NO_IMAGE, {"file": path}, skipped=True)
        )
    return match.image


def _case(
    name: str,
    image: ImageFile,
    reads: Sequence[Annotation],
    labels: Iterable[str],
    classes: Classes,
    remarks: list[Remark],
) -> Case:
    if len(reads) > 1:
        remarks.append(
            Remark(
                Kind.LISTED_TWICE,
                name,
                RemarkCode.FILES_MERGED,
                {"count": len(reads), "files": tuple(one.path for one in reads)},
            )
        )
    marked_boxes: list[LabelledBox] = []
    for annotation in reads:
        remarks += _size(name, image, annotation)
        boxes = [
            box if box.label == ANY else replace(box, label=classes.label(box.label)) for box in annotation.voc.boxes
        ]
        marked_boxes += [box for box in boxes if len(reads) == 1 or box not in marked_boxes]
    fitting = usable([box for box in marked_boxes if box.label != ANY], image.facts, name)
    remarks += fitting.remarks
    lost = fitting.lost | {box.label for box in marked_boxes if box.label == ANY}
    return replace(image.case(name), labels=values(labels, fitting.present, lost), boxes=fitting.boxes)


def _size(name: str, image: ImageFile, annotation: Annotation) -> list[Remark]:
    width, height = image.facts.annotated
    stated = annotation.voc.width, annotation.voc.height
    if not all(stated) or stated == (width, height):
        return []
    return [
        Remark(
            Kind.SWAPPED_SIZE if stated == (height, width) else Kind.WRONG_SIZE,
            name,
            RemarkCode.SIZE_STATED,
            {"where": annotation.path, **sizes(stated, (width, height))},
        )
    ]


def _parts(root: Path, texts: Sequence[str], images: Sequence[str], remarks: list[Remark]) -> Mapping[str, str | None]:
    """The part of each image that a list in ``ImageSets`` names (``train.txt``, ``val.txt``, ``test.txt``)."""
    lists = [
        (name, part)
        for name in texts
        if "imagesets" in name.lower() and (part := PART_WORDS.get(PurePosixPath(name).stem.lower()))
    ]
    stems: dict[str, list[str]] = {}
    for image in images:
        stems.setdefault(canonical(PurePosixPath(image).stem), []).append(image)
        stems.setdefault(canonical(str(PurePosixPath(image).with_suffix(""))), []).append(image)
    named_parts: dict[str, set[str]] = {}
    for name, part in lists:
        try:
            lines = read_text(root / name, name)[0].splitlines()
        except DataError as error:
            remarks.append(Remark(Kind.UNREADABLE, name, RemarkCode.UNREAD, {"problem": error.problem}))
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            entry = line.strip()
            tries = (
                entry,
                entry.rsplit(".", 1)[0],
                entry.split()[0],
            )  # names may contain blanks, or be followed by -1 or 1
            found = next(
                (set(stems[canonical(candidate)]) for candidate in tries if canonical(candidate) in stems), set[str]()
            )
            if len(found) != 1:
                code = RemarkCode.LINE_AMBIGUOUS if found else RemarkCode.LINE_WITHOUT_IMAGE
                remarks.append(Remark(Kind.MISSING_FILE, name, code, {"line": number}, skipped=True))
            for image in found if len(found) == 1 else ():
                named_parts.setdefault(image, set()).add(part)
    for image, several in named_parts.items():
        if len(several) > 1:
            remarks.append(
                Remark(
                    Kind.CONTRADICTING_LABEL,
                    image,
                    RemarkCode.LISTS_NAME_SEVERAL_PARTS,
                    {"parts": tuple(sorted(several))},
                )
            )
    return {image: next(iter(several)) if len(several) == 1 else None for image, several in named_parts.items()}
