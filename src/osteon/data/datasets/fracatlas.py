"""FracAtlas: fractures of hand, leg, hip and shoulder, with boxes and masks (Abedeen et al. 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.labels import UNKNOWN, BodyPart, View
from osteon.core.values import Value
from osteon.data.files.files import need
from osteon.data.files.images import inspect_images
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY
from osteon.data.formats.coco import CocoImage, read_coco
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.parse import meaning
from osteon.data.table.remark import Kind, Remark, sizes
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, by_key, read_sheet
from osteon.data.table.table import Table, from_cases

CARD: Final = DatasetCard(
    name="fracatlas",
    title="FracAtlas",
    about="Radiographs of hand, leg, hip and shoulder, fractured or not, with boxes and masks.",
    licence="CC-BY-4.0",
    citation=(
        "Abedeen I, Rahman MA, Prottyasha FZ, et al. FracAtlas: A Dataset for Fracture Classification, "
        "Localization and Segmentation of Musculoskeletal Radiographs. Scientific Data 10, 521 (2023). "
        "doi:10.1038/s41597-023-02432-4"
    ),
    url="https://doi.org/10.6084/m9.figshare.22363012",
    access="free",
    obtain="Fetched from figshare without an account.",
    layout=(
        "images/{Fractured,Non_fractured}/IMG0000000.jpg\n"
        "dataset.csv\n"
        "Annotations/COCO JSON/COCO_fracture_masks.json (boxes and outlines)\n"
        "Annotations/{YOLO,PASCAL VOC,VGG JSON}/... (the same boxes; not read)\n"
        "Utilities/Fracture Split/{train,valid,test}.csv"
    ),
    expected={"images": 4083, "images of fracture": 717, "images without fracture": 3366, "boxes": 922},
    identifiers=("run", "cluster", "lookalike"),
    together=("run", "cluster", "lookalike"),
    label_map={"Fractured": "fracture = 1", "Non_fractured": "fracture = 0"},
    figshare=22363012,
    caveats=(
        (
            "There is no patient identifier, but the image numbers run within a patient: of two images with neighbouring "
            "numbers 64 % show the same parts, and 85 % of the neighbours of a fractured image of those parts are fractured. "
            "A split keeps together runs of numbers with the same parts, near duplicates, and look-alikes."
        ),
        "59 or more JPEGs are truncated, all of them labelled as not fractured; they are skipped.",
        "Grey or RGB storage, size and source correlate with the class: reduce every image to one channel.",
        "The official split lists hold fractured images only: a result on them ignores false positives on normal images.",
        "Boxes refer to the upright image, after EXIF orientation.",
        (
            "Five pairs of near-duplicate images have opposite labels: IMG0002886 and IMG0004243, IMG0002998 and "
            "IMG0004280, IMG0003034 and IMG0004314, IMG0003034 and IMG0004341, IMG0004262 and IMG0002952 (the first of each "
            "is labelled fractured)."
        ),
        "The official split divides near duplicates: 15 pairs of one radiograph are in two of its parts.",
        (
            "Some copies were truncated and then re-encoded, so that no decoder reports it: IMG0004113, IMG0004117 and "
            "IMG0004232 end in a stripe."
        ),
        (
            "The published counts of regions (hand 1,538, leg 2,273, hip 338, shoulder 349) count an image of several regions "
            "in each; the table gives such an image no region."
        ),
    ),
)

_COCO: Final = "Annotations/COCO JSON/COCO_fracture_masks.json"
_FOLDERS: Final = ("Fractured", "Non_fractured")
_SPLITS: Final = {"train": "train", "valid": "val", "test": "test"}
_PARTS: Final = {
    "hand": BodyPart.HAND,
    "leg": BodyPart.LEG,
    "hip": BodyPart.HIP,
    "shoulder": BodyPart.SHOULDER,
}
_VIEWS: Final = {"frontal": View.FRONTAL, "lateral": View.LATERAL, "oblique": View.OBLIQUE}


def read(root: Path) -> Table:
    """Read FracAtlas from its root folder.

    The label is the majority of the folder, the row of ``dataset.csv`` and the boxes; where they differ
    there is a remark. Region and view are null where one image shows several.

    Raises:
        DataError: the folder does not hold FracAtlas.
    """
    need(root, "images", "dataset.csv")
    remarks: list[Remark] = []
    sheet = read_sheet(root / "dataset.csv")
    sheet.need("image_id", "fractured")
    remarks += sheet.remarks
    rows = by_key(sheet, lambda row: row.cells["image_id"], remarks, meaning)
    marks, sizes = _annotations(root, remarks)
    splits = _official(root, remarks)
    cases: list[Case] = []
    found = survey(root, "images")
    remarks += found.remarks
    names = found.images
    for name, image in inspect_images(root, list(names)):
        if isinstance(image, Remark):
            remarks.append(image)
            continue
        if Path(name).parent.name not in _FOLDERS:
            remarks.append(
                Remark(Kind.UNKNOWN_LABEL, name, RemarkCode.IN_NO_FOLDER, {"folders": tuple(_FOLDERS)}, skipped=True)
            )
            continue
        case, odd = _case(name, image.facts, rows, marks, sizes, splits)
        cases.append(case)
        remarks.extend(odd)
    present = {Path(name).name for name in names}
    remarks += [
        Remark(Kind.MISSING_FILE, file, RemarkCode.LISTED_NO_FILE, {"file": "dataset.csv"}, skipped=True)
        for file in rows
        if file not in present
    ]
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _case(
    name: str,
    facts: FileFacts,
    rows: Mapping[str, Row],
    marks: Mapping[str, list[LabelledBox]] | None,
    sizes: Mapping[str, CocoImage],
    splits: Mapping[str, str],
) -> tuple[Case, list[Remark]]:
    file, folder = Path(name).name, Path(name).parent.name
    remarks: list[Remark] = []
    row = rows.get(file)
    if row is None:
        remarks.append(Remark(Kind.NO_RECORD, name, RemarkCode.NO_ROW_FOLDER_TAKEN, {"file": "dataset.csv"}))
    marked_boxes = marks.get(file, []) if marks is not None else []
    boxes, odd, _ = usable([box for box in marked_boxes if box.label != ANY], facts, name)
    remarks += odd
    remarks += _size_remarks(name, facts, sizes.get(file))
    counts = (len(boxes), len(marked_boxes) - len(boxes)) if marks is not None else None
    label = _label(name, folder, row, counts, remarks)
    row = row.cells if row else {}
    parts = [part for column, part in _PARTS.items() if row.get(column) == "1"]
    views = [view for column, view in _VIEWS.items() if row.get(column) == "1"]
    case = Case(
        image=name,
        facts=facts,
        study=name,
        view=views[0] if len(views) == 1 else None,
        body_part=parts[0] if len(parts) == 1 else None,
        labels={"fracture": label},
        boxes=boxes,
        split=splits.get(file),
        hardware=row["hardware"] == "1" if row.get("hardware") in {"0", "1"} else None,
    )
    return case, remarks


def _label(name: str, folder: str, row: Row | None, counts: tuple[int, int] | None, remarks: list[Remark]) -> int:
    """The majority of folder, CSV and boxes; without a row, the folder. With unusable boxes it is never 0.

    Args:
        name: of the image.
        folder: that contains it.
        row: of ``dataset.csv``.
        counts: of usable and of unusable boxes; None where there is not a file of boxes, and so no majority.
        remarks: inconsistencies are added here.
    """
    by_folder = int(folder == "Fractured")
    stated = row.cells.get("fractured", "") if row else ""
    if row is not None and stated not in {"0", "1"}:
        remarks.append(
            Remark(
                Kind.UNKNOWN_LABEL,
                name,
                RemarkCode.CELL_NOT_BINARY_FOLDER_TAKEN,
                {"file": "dataset.csv", "where": row.location, "column": "fractured"},
            )
        )
    boxes, lost = counts or (0, 0)
    votes = [by_folder, *([int(stated)] if stated in {"0", "1"} else [])]
    odd = len(set(votes)) > 1 or (counts is not None and stated in {"0", "1"} and votes != [int(boxes > 0)] * 2)
    odd = odd or ((boxes or lost) > 0 and not by_folder)
    if stated not in {"0", "1"}:
        label = by_folder
    elif counts is None:
        label = by_folder if len(set(votes)) == 1 else UNKNOWN
    else:
        label = int(sum(votes) + int(boxes > 0) >= 2)
    if lost and not label:
        label = UNKNOWN
    if odd:
        votes_cast: dict[str, Value] = {"folder": by_folder, "stated": stated}
        votes_cast |= {} if counts is None else {"boxes": boxes}
        votes_cast |= {"unusable": lost} if lost else {}
        votes_cast["taken"] = "unknown" if label == UNKNOWN else label
        remarks.append(Remark(Kind.CONTRADICTING_LABEL, name, RemarkCode.VOTES_DIFFER, votes_cast))
    return label


def _size_remarks(name: str, facts: FileFacts, stated: CocoImage | None) -> list[Remark]:
    if stated is None or (stated.width, stated.height) == facts.stored:
        return []
    found = sizes((stated.width, stated.height), facts.stored)
    if (stated.width, stated.height) == (facts.width, facts.height):
        return [Remark(Kind.SWAPPED_SIZE, name, RemarkCode.SIZE_TURNED, {**found, "orientation": facts.orientation})]
    swapped = (stated.height, stated.width) == (facts.width, facts.height)
    return [Remark(Kind.SWAPPED_SIZE if swapped else Kind.WRONG_SIZE, name, RemarkCode.SIZE_STORED, found)]


def _annotations(root: Path, remarks: list[Remark]) -> tuple[dict[str, list[LabelledBox]] | None, dict[str, CocoImage]]:
    """Boxes and stated sizes by the name of the file; an annotation of any category is a fracture.

    The boxes are None where there is not a file of them.
    """
    if not (root / _COCO).exists():
        remarks.append(Remark(Kind.NO_RECORD, _COCO, RemarkCode.NO_FILE_OF_BOXES_AT_ALL))
        return None, {}
    coco = read_coco(root / _COCO, _COCO)
    remarks += coco.remarks
    boxes: dict[str, list[LabelledBox]] = {}
    for image in coco.images:
        found = coco.boxes.get(image.id, [])
        # The boxes of an ambiguous id cannot be assigned: they cannot be used, but the image is not negative either.
        label = ANY if image.id in coco.doubtful else "fracture"
        boxes.setdefault(image.file_name, []).extend(replace(box, label=label) for box in found)
    return boxes, {image.file_name: image for image in coco.images}


def _official(root: Path, remarks: list[Remark]) -> dict[str, str]:
    """Part of each image in the official lists; they hold fractured images only."""
    found: dict[str, str] = {}
    for file, part in _SPLITS.items():
        name = f"Utilities/Fracture Split/{file}.csv"
        if (root / name).exists():
            sheet = read_sheet(root / name, name)
            sheet.need("image_id")
            remarks += sheet.remarks
            for row in sheet.rows:
                image = row.cells["image_id"]
                if found.setdefault(image, part) != part:
                    remarks.append(
                        Remark(
                            Kind.CONTRADICTING_LABEL,
                            image,
                            RemarkCode.IN_TWO_LISTS,
                            {"taken": found[image], "other": part},
                        )
                    )
    return found
