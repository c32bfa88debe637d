"""VinDr-SpineXR: spine radiographs in DICOM with thirteen kinds of lesions (Nguyen et al., MICCAI 2021)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN, BodyPart
from osteon.data.files.files import need
from osteon.data.files.images import ImageFile, inspect_images
from osteon.data.files.sidecar import complete
from osteon.data.files.walk import survey
from osteon.data.formats.classes import slug
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.parse import number_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, read_sheet
from osteon.data.table.table import Table, from_cases

LESIONS: Final = (
    "ankylosis",
    "disc_space_narrowing",
    "enthesophytes",
    "foraminal_stenosis",
    "fracture",
    "osteophytes",
    "sclerotic_lesion",
    "spondylolysthesis",
    "subchondral_sclerosis",
    "surgical_implant",
    "vertebral_collapse",
    "foreign_body",
    "other_lesions",
)
"""The thirteen lesion types of the paper's Table 2, in its order and spelling."""

NO_FINDING: Final = "no_finding"
_SIDES: Final = ("xmin", "ymin", "xmax", "ymax")

_PARTS: Final = ("", " in train", " in test")
_BOXES: Final = (
    ("ankylosis", 7, 6, 1),
    ("disc_space_narrowing", 1155, 924, 231),
    ("enthesophytes", 67, 54, 13),
    ("foraminal_stenosis", 482, 387, 95),
    ("fracture", 12, 10, 2),
    ("osteophytes", 15562, 12562, 3000),
    ("sclerotic_lesion", 29, 24, 5),
    ("spondylolysthesis", 349, 280, 69),
    ("subchondral_sclerosis", 110, 87, 23),
    ("surgical_implant", 536, 429, 107),
    ("vertebral_collapse", 337, 268, 69),
    ("foreign_body", 21, 17, 4),
    ("other_lesions", 311, 248, 63),
)
"""Boxes by lesion type in the paper's Table 2: in all, in the training part, in the test part."""

CARD: Final = DatasetCard(
    name="spinexr",
    title="VinDr-SpineXR",
    about="Cervical, thoracic and lumbar spine radiographs in DICOM, with boxes around thirteen kinds of lesions.",
    licence="PhysioNet Restricted Health Data License 1.5.0",
    citation=(
        "Nguyen HT, Pham HH, Nguyen NT, Nguyen HQ, Huynh TQ, Dao M, Vu V. VinDr-SpineXR: A deep learning framework for "
        "spinal lesions detection and classification from radiographs. MICCAI 2021, arXiv:2106.12930. Data: Pham HH, "
        "Nguyen Trung H, Nguyen HQ. VinDr-SpineXR (version 1.0.0). PhysioNet 2021. doi:10.13026/q45h-5h59"
    ),
    url="https://physionet.org/content/vindr-spinexr/1.0.0/",
    access="apply",
    obtain="Register at PhysioNet and sign the data use agreement of version 1.0.0 (restricted access), then download.",
    layout=("{train,test}_images/<image_id>.dicom\nannotations/{train,test}.csv\n{train,test}_meta.csv (not needed)"),
    expected={
        "studies": 5000,
        "studies in train": 4000,
        "studies in test": 1000,
        "images": 10468,
        "images in train": 8390,
        "images in test": 2078,
        "images without abnormal": 5325,
        "images without abnormal in train": 4257,
        "images without abnormal in test": 1068,
        "images of abnormal": 5143,
        "images of abnormal in train": 4133,
        "images of abnormal in test": 1010,
        "mean rows in train": 2455,
        "mean columns in train": 1606,
        "mean rows in test": 2439,
        "mean columns in test": 1587,
        "mean age": 49,
        "male %": 37.83,
        "female %": 62.17,
        "GiB": 36.21,
        "GiB in train": 29.04,
        "GiB in test": 7.17,
        **{
            f"boxes of {lesion}{part}": count
            for lesion, *counts in _BOXES
            for part, count in zip(_PARTS, counts, strict=True)
        },
    },
    identifiers=("study", "cluster"),
    label_map={
        "No finding": "abnormal = 0",
        "any lesion": "abnormal = 1, and the label of its name = 1",
        "the six rare lesions": "other_lesions for the detectors",
    },
    caveats=(
        "Some boxes have a side under a thousandth of a pixel; they are dropped and counted.",
        "Patients are not named: the official split is by study.",
        (
            "The number of images differs by source: 10,468 in the paper's tables, 10,469 in its introduction and on the "
            "project's page, 10,466 on PhysioNet's page of version 1.0.0."
        ),
        "Table 2 prints a mean size of 2542 x 1602 for all images, which cannot be, as both parts have means below 2456 rows.",
        "Spondylolysthesis is spelled as the publisher spells it.",
    ),
    unverified=(
        "The number of the licence: PhysioNet's page says restricted access; the number is from a third party's table.",
        (
            "The released annotations: several public programs that read them know the seven classes of the detectors and "
            "No finding only, so that the six rare types may have been merged into Other lesions before release."
        ),
    ),
)


def read(root: Path) -> Table:
    """Read VinDr-SpineXR from its root folder.

    The labels are ``abnormal`` and the thirteen lesion types; every image was annotated for all of them, so that
    one without a row of a type has that label 0. Boxes keep the thirteen types.

    Raises:
        DataError: the folder does not hold VinDr-SpineXR.
    """
    need(root, "annotations/train.csv", "annotations/test.csv")
    cases: list[Case] = []
    remarks: list[Remark] = []
    for split in ("train", "test"):
        rows = _rows(root, split, remarks)
        found = survey(root, f"{split}_images")
        remarks += found.remarks
        names = list(found.images)
        for name, image in inspect_images(root, names):
            if isinstance(image, Remark):
                remarks.append(image)
                continue
            case, odd = _case(name, image, rows.get(Path(name).stem, []), split)
            cases.append(case)
            remarks += odd
        present = {Path(name).stem for name in names}
        remarks += [
            Remark(Kind.MISSING_FILE, f"{split}_images/{image}.dicom", RemarkCode.ANNOTATED_NO_FILE, skipped=True)
            for image in rows
            if image not in present
        ]
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _rows(root: Path, split: str, remarks: list[Remark]) -> dict[str, list[Row]]:
    """The rows of each image."""
    sheet = read_sheet(root / "annotations" / f"{split}.csv", f"annotations/{split}.csv")
    sheet.need("image_id", "lesion_type")
    remarks += sheet.remarks
    rows: dict[str, list[Row]] = {}
    for row in sheet.rows:
        if row.cells["image_id"]:
            rows.setdefault(row.cells["image_id"], []).append(row)
        else:
            remarks.append(Remark(Kind.UNREADABLE, sheet.name, RemarkCode.NAMES_NO_IMAGE, {"where": row.location}))
    return rows


def _case(name: str, image: ImageFile, sheet_rows: Sequence[Row], split: str) -> tuple[Case, tuple[Remark, ...]]:
    rows = [row.cells for row in sheet_rows]
    lesions = [slug(row["lesion_type"]) if row["lesion_type"] else "" for row in rows]
    odd: list[Remark] = []
    if not rows:
        odd.append(Remark(Kind.NO_RECORD, name, RemarkCode.NO_ROW, {"file": f"annotations/{split}.csv"}))
    if NO_FINDING in lesions and len(set(lesions)) > 1:
        odd.append(Remark(Kind.CONTRADICTING_LABEL, name, RemarkCode.NO_FINDING_AND_LESION))
    strange = sorted(set(lesions) - set(LESIONS) - {NO_FINDING, ""})
    odd += [Remark(Kind.UNKNOWN_LABEL, name, RemarkCode.LESION_UNLISTED, {"lesion": word}) for word in strange]
    blank = [row.location for row, lesion in zip(sheet_rows, lesions, strict=True) if not lesion]
    if blank:
        odd.append(
            Remark(
                Kind.UNKNOWN_LABEL,
                name,
                RemarkCode.LESION_BLANK,
                {"file": f"annotations/{split}.csv", "where": tuple(blank)},
            )
        )
    marked_boxes = [
        LabelledBox(_box(row.cells), lesion, row.cells.get("rad_id", ""), _outlines(row, name, split, odd))
        for row, lesion in zip(sheet_rows, lesions, strict=True)
        # a finding of the whole image has no box
        if lesion not in {NO_FINDING, ""} and any(row.cells.get(side) for side in _SIDES)
    ]
    fitting = usable(marked_boxes, image.facts, name)
    found = set(lesions) - {NO_FINDING, ""}
    own = image.case(name)
    case = replace(
        own,
        study=(rows[0].get("study_id") if rows else "") or own.study,
        patient=None,  # the meaning of PatientID in the published files is not documented
        body_part=BodyPart.SPINE,
        labels=_labels(found, bool(strange or blank)) if rows else {},
        boxes=fitting.boxes,
        split=split,
        hardware=_hardware(found, bool(strange or blank)) if rows else None,
    )
    return case, (*odd, *fitting.remarks)


def _labels(found: set[str], doubt: bool) -> dict[str, int]:
    """The labels of an image that was read; where a lesion type could not be parsed, the others are unknown."""
    absent = UNKNOWN if doubt else 0
    return {"abnormal": 1 if found else absent, **{lesion: 1 if lesion in found else absent for lesion in LESIONS}}


def _hardware(found: set[str], doubt: bool) -> bool | None:
    seen = "surgical_implant" in found
    return None if doubt and not seen else seen


def _box(row: Mapping[str, str]) -> Box:
    corners = [number_of(row.get(side, "")) for side in _SIDES]
    return Box(*(float("nan") if corner is None else corner for corner in corners))


def _outlines(row: Row, name: str, split: str, odd: list[Remark]) -> tuple[tuple[float, ...], ...]:
    """Outlines of the mask, from the column that osteon's own conversion adds."""
    text = row.cells.get("polygons", "")
    try:
        return tuple(tuple(float(value) for value in points) for points in json.loads(text)) if text else ()
    except (ValueError, TypeError, RecursionError, OverflowError):
        location = f"annotations/{split}.csv, {row.location}"
        odd.append(Remark(Kind.EMPTY_BOX, name, RemarkCode.OUTLINE_UNCLEAR, {"where": location}))
        return ()
