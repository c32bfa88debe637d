"""Any dataset with COCO JSON next to, above or among its images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.files.images import ImageFile, inspect_images
from osteon.data.files.resolve import Files, Match, overlooked, settle
from osteon.data.files.sidecar import complete
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY, Classes, united, values
from osteon.data.formats.coco import Coco, CocoImage, load_json, parse_coco, why_not_coco
from osteon.data.formats.parts import only, part_mentioned, part_of_folders
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Kind, Remark, sizes
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.table import Table, from_cases

CARD: Final = DatasetCard(
    name="coco",
    title="COCO JSON",
    about="Any images with one or several COCO files of boxes and polygons.",
    licence="as its owner says",
    citation="",
    url="https://cocodataset.org/#format-data",
    access="own",
    obtain="Your own files.",
    layout=(
        "*.json anywhere (its name or folder may say train, val or test)\n"
        "images below the same folder, or anywhere if their names are unique"
    ),
    identifiers=("cluster",),
    label_map={"any category": "label of its name = 1 where an image has a box of it, else 0"},
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of one COCO file, and the image it refers to.

    Attributes:
        coco: the file.
        image: the entry.
        part: of the split, from the name or folder of the file.
        match: the image that it refers to.
    """

    coco: Coco
    image: CocoImage
    part: str | None
    match: Match

    @property
    def location(self) -> str:
        """``train.json images[3]``."""
        return f"{self.coco.name} {self.image.location}"

    @property
    def silent(self) -> bool:
        """Whether the file states nothing about this image: no annotations, or ambiguous ones."""
        return not self.coco.annotated or self.image.id in self.coco.doubtful


def read(root: Path) -> Table:
    """Read images and COCO files below ``root``.

    An image listed in a COCO file with annotations was annotated: a category without a box in it is 0, one whose box
    cannot be used is unknown. Several files or entries of one image are merged. An image that no file
    lists is left out.

    Raises:
        DataError: there is no COCO file.
    """
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    found = survey(root)
    remarks: list[Remark] = list(found.remarks)
    files = _files(root, found.named(".json"), remarks)
    listings = _listings(root, files, found.images, remarks)
    unused = {
        label
        for label in {label for coco in files for label in coco.parents}
        if all(label in coco.parents for coco in files if label in coco.labels.values())
    }
    remarks += [
        Remark(Kind.ASSUMED, files[0].name, RemarkCode.SUPERCATEGORY, {"label": label}) for label in sorted(unused)
    ]
    cases: list[Case] = []
    for name, image in inspect_images(root, sorted(listings)):
        if isinstance(image, Remark):
            remarks.append(image)
        else:
            cases.append(_case(name, image, listings[name], unused, remarks))
    remarks += [
        Remark(Kind.NO_RECORD, name, RemarkCode.NO_COCO_LISTS_IT, skipped=True)
        for name in found.images
        if name not in listings
    ]
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _files(root: Path, names: Sequence[str], remarks: list[Remark]) -> list[Coco]:
    """The COCO files; the other JSON files get a remark each.

    Raises:
        DataError: none of them is a COCO file.
    """
    if not names:
        raise DataError(f"no COCO file in {root}", expected="*.json")
    contents: dict[str, Any] = {}
    reasons: list[str] = []
    for name in names:
        try:
            content = load_json(root / name, name)
        except DataError as error:
            reasons.append(str(error))
            remarks.append(Remark(Kind.UNREADABLE, name, RemarkCode.LEFT_OUT_UNREAD, {"problem": error.problem}))
            continue
        if why := why_not_coco(content):
            reasons.append(f"cannot read {name} as COCO JSON: {why}")
            remarks.append(Remark(Kind.EXTRA_FILE, name, RemarkCode.NOT_COCO, {"problem": why}))
        else:
            contents[name] = content
    if not contents:
        more = f" (and {len(reasons) - 1} more JSON files)" if len(reasons) > 1 else ""
        raise DataError(reasons[0] + more, expected="an object with images, annotations, categories")
    classes = Classes(", ".join(contents) if len(contents) < 4 else f"{len(contents)} COCO files")
    files = [parse_coco(content, name, classes) for name, content in contents.items()]
    remarks += dict.fromkeys(remark for coco in files for remark in coco.remarks)
    return files


def _listings(
    root: Path, files: Sequence[Coco], images: Sequence[str], remarks: list[Remark]
) -> dict[str, list[Listing]]:
    """The entries of each image."""
    index = Files(root, images)
    entries: list[Listing] = []
    for coco in files:
        path = PurePosixPath(coco.name)
        part = only((part_mentioned(path.stem), part_of_folders(coco.name)))
        near = "" if str(path.parent) == "." else str(path.parent)
        own = [Listing(coco, image, part, index.find(image.file_name, near, part)) for image in coco.images]
        remarks += overlooked(coco.name, (listing.match for listing in own))
        entries += own
    lost = settle(entry.match for entry in entries)
    found: dict[str, list[Listing]] = {}
    for entry in entries:
        image = entry.match.image
        why = entry.match.why if image is None else lost.get((entry.match.stated, image))
        if why is not None:
            remarks.append(
                Remark(
                    Kind.MISSING_FILE,
                    entry.image.file_name,
                    RemarkCode.LISTED_UNMATCHED,
                    {"where": entry.location, **why.values},
                    skipped=True,
                )
            )
        elif image is not None:
            found.setdefault(image, []).append(entry)
    return found


def _case(name: str, image: ImageFile, listings: Sequence[Listing], unused: set[str], remarks: list[Remark]) -> Case:
    locations = ", ".join(listing.location for listing in listings)
    parts = {listing.part for listing in listings if listing.part is not None}
    if len(listings) > 1:
        remarks.append(
            Remark(
                Kind.LISTED_TWICE, name, RemarkCode.LISTED_SEVERAL_TIMES, {"count": len(listings), "where": locations}
            )
        )
    if len(parts) > 1:
        remarks.append(
            Remark(
                Kind.CONTRADICTING_LABEL,
                name,
                RemarkCode.LISTED_IN_SEVERAL_PARTS,
                {"parts": tuple(sorted(parts)), "where": locations},
            )
        )
    boxes_marked: list[LabelledBox] = []
    known_labels: list[Mapping[str, int]] = []
    silent: dict[str, int] = {}
    for listing in listings:
        remarks += _size(name, image, listing)
        labels = dict.fromkeys(label for label in listing.coco.labels.values() if label not in unused and label != ANY)
        if listing.silent:
            if listing.coco.annotated:
                remarks.append(
                    Remark(Kind.CONTRADICTING_LABEL, name, RemarkCode.ID_OF_SEVERAL_IMAGES, {"file": listing.coco.name})
                )
            silent |= dict.fromkeys(labels, UNKNOWN)
            continue
        boxes = listing.coco.boxes.get(listing.image.id, [])
        known = [box for box in boxes if box.label != ANY]
        fitting = usable(known, image.facts, name)
        known_labels.append(
            values(labels, fitting.present, fitting.lost | {box.label for box in boxes if box.label == ANY})
        )
        boxes_marked += _new(known, boxes_marked)
    fitting = usable(boxes_marked, image.facts, name)
    remarks += fitting.remarks
    labels = {**silent, **united(known_labels)}
    return replace(image.case(name), labels=labels, boxes=fitting.boxes, split=only(parts))


def _new(boxes: Iterable[LabelledBox], known: Sequence[LabelledBox]) -> list[LabelledBox]:
    """The boxes that no other entry contains."""
    before = set(known)
    return [box for box in boxes if box not in before]


def _size(name: str, image: ImageFile, listing: Listing) -> list[Remark]:
    width, height = image.facts.annotated
    stated = listing.image.width, listing.image.height
    if not all(stated) or stated == (width, height):
        return []
    swapped = stated == (height, width)
    return [
        Remark(
            Kind.SWAPPED_SIZE if swapped else Kind.WRONG_SIZE,
            name,
            RemarkCode.SIZE_STATED,
            {"where": listing.location, **sizes(stated, (width, height))},
        )
    ]
