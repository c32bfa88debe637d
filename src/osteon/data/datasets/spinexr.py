"""VinDr-SpineXR: spine radiographs in DICOM with thirteen kinds of lesions (Nguyen et al., MICCAI 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from osteon.core.geometry import Box
from osteon.core.labels import BodyPart
from osteon.data.boxes import usable
from osteon.data.card import DatasetCard
from osteon.data.case import Case, LabelledBox
from osteon.data.coco import slug
from osteon.data.dicom import DicomFacts, dicoms_below, inspect_dicom
from osteon.data.files import need
from osteon.data.remark import Kind, Remark
from osteon.data.rows import read_rows
from osteon.data.table import Table, from_cases
from osteon.data.words import number_of

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

DETECTOR_CLASSES: Final = (
    "osteophytes",
    "surgical_implant",
    "spondylolysthesis",
    "foraminal_stenosis",
    "disc_space_narrowing",
    "vertebral_collapse",
    "other_lesions",
)
"""The seven classes of the paper's detectors (section 2.3)."""

NO_FINDING: Final = "no_finding"

CARD: Final = DatasetCard(
    name="spinexr",
    title="VinDr-SpineXR",
    about="Cervical, thoracic and lumbar spine radiographs in DICOM, with boxes round thirteen kinds of lesions.",
    licence="PhysioNet Credentialed Health Data License 1.5.0",
    citation=(
        "Nguyen HT, Pham HH, Nguyen NT, et al. VinDr-SpineXR: A Deep Learning Framework for Spinal Lesions Detection "
        "and Classification from Radiographs. MICCAI 2021."
    ),
    url="https://physionet.org/content/vindr-spinexr/1.0.0/",
    access="apply",
    obtain="Open a PhysioNet account, finish its training, sign the data use agreement, download version 1.0.0.",
    layout=("{train,test}_images/<image_id>.dicom\nannotations/{train,test}.csv\n{train,test}_meta.csv (not needed)"),
    expected={
        "images": 10468,
        "studies": 5000,
        "train": 8390,
        "test": 2078,
        "abnormal": 5143,
        "disc_space_narrowing": 1155,
        "foraminal_stenosis": 482,
        "osteophytes": 15562,
        "spondylolysthesis": 349,
        "surgical_implant": 536,
        "vertebral_collapse": 337,
        "other_lesions": 311,
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
    ),
)


def detector_class(lesion: str) -> str:
    """The detectors' class of a lesion type: itself, or ``other_lesions``."""
    return lesion if lesion in DETECTOR_CLASSES else "other_lesions"


def read(root: Path) -> Table:
    """Read VinDr-SpineXR from its root folder.

    The labels are ``abnormal`` and the thirteen lesion types; every image was read for all of them, so that one
    without a row of a type has that label 0. Boxes keep the thirteen types.

    Raises:
        DataError: the folder does not hold VinDr-SpineXR.
    """
    need(root, "annotations/train.csv", "annotations/test.csv")
    cases: list[Case] = []
    remarks: list[Remark] = []
    for split in ("train", "test"):
        rows: dict[str, list[dict[str, str]]] = {}
        for row in read_rows(root / "annotations" / f"{split}.csv"):
            rows.setdefault(row.get("image_id", ""), []).append(row)
        names = dicoms_below(root, f"{split}_images")
        for name in names:
            facts = inspect_dicom(root / name, name)
            if isinstance(facts, Remark):
                remarks.append(facts)
                continue
            case, odd = _case(name, facts, rows.get(Path(name).stem, []), split)
            cases.append(case)
            remarks += odd
        present = {Path(name).stem for name in names}
        remarks += [
            Remark(
                Kind.MISSING_FILE, f"{split}_images/{image}.dicom", "annotated, but there is no such file", skipped=True
            )
            for image in rows
            if image not in present
        ]
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _case(
    name: str, header: DicomFacts, rows: Sequence[Mapping[str, str]], split: str
) -> tuple[Case, tuple[Remark, ...]]:
    lesions = [slug(row.get("lesion_type", "")) for row in rows]
    odd: list[Remark] = []
    if not rows:
        odd.append(Remark(Kind.NO_RECORD, name, f"no row in annotations/{split}.csv; its labels are unknown"))
    if NO_FINDING in lesions and len(set(lesions)) > 1:
        odd.append(
            Remark(Kind.CONTRADICTING_LABEL, name, "annotated both as no finding and with a lesion; lesion taken")
        )
    strange = sorted(set(lesions) - set(LESIONS) - {NO_FINDING})
    odd += [Remark(Kind.UNKNOWN_LABEL, name, f"lesion type {word} is not in the paper's list") for word in strange]
    marked = [
        LabelledBox(_box(row), lesion, row.get("rad_id", ""))
        for row, lesion in zip(rows, lesions, strict=True)
        if lesion != NO_FINDING
    ]
    boxes, broken = usable(marked, header.facts.width, header.facts.height, name)
    found = set(lesions) - {NO_FINDING}
    labels = {"abnormal": int(bool(found)), **{lesion: int(lesion in found) for lesion in LESIONS}} if rows else {}
    case = Case(
        image=name,
        facts=header.facts,
        study=(rows[0].get("study_id") if rows else "") or header.study or name,
        view=header.view,
        laterality=header.laterality,
        body_part=BodyPart.SPINE,
        age=header.age,
        sex=header.sex,
        labels=labels,
        boxes=boxes,
        split=split,
        source=header.manufacturer or None,
        row_spacing=header.spacing[0] if header.spacing else None,
        column_spacing=header.spacing[1] if header.spacing else None,
        hardware="surgical_implant" in found if rows else None,
    )
    return case, (*odd, *broken)


def _box(row: Mapping[str, str]) -> Box:
    corners = [number_of(row.get(side, "")) for side in ("xmin", "ymin", "xmax", "ymax")]
    return Box(*(float("nan") if corner is None else corner for corner in corners))
