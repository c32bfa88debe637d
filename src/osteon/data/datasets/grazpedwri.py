"""GRAZPEDWRI-DX: children's wrists with boxes of nine classes (Nagy et al. 2022)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN, BodyPart, View
from osteon.data.files.files import need
from osteon.data.files.images import inspect_images
from osteon.data.files.text import read_text
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY
from osteon.data.formats.yolo import fault_remarks, parse_yolo
from osteon.data.table.boxes import Usable, usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.parse import age_of, is_unknown, label_of, meaning, number_of, sex_of, side_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, by_key, read_sheet
from osteon.data.table.table import Table, from_cases

CLASSES: Final = (
    "boneanomaly",
    "bonelesion",
    "foreignbody",
    "fracture",
    "metal",
    "periostealreaction",
    "pronatorsign",
    "softtissue",
    "text",
)
"""The box classes, in the order of their numbers in the YOLO files."""

CARD: Final = DatasetCard(
    name="grazpedwri",
    title="GRAZPEDWRI-DX",
    about="Wrists of children and adolescents in 16 bit, with boxes of fractures and eight other classes.",
    licence="CC-BY-4.0",
    citation=(
        "Nagy E, Janisch M, Hržić F, Sorantin E, Tschauner S. A pediatric wrist trauma X-ray dataset (GRAZPEDWRI-DX) "
        "for machine learning. Scientific Data 9, 222 (2022). doi:10.1038/s41597-022-01328-z"
    ),
    url="https://doi.org/10.6084/m9.figshare.14825193",
    access="free",
    obtain="Fetched from figshare without an account.",
    layout=(
        "dataset.csv\nimages_part{1,2,3,4}/0001_1297860395_01_WRI-L1_M014.png\nfolder_structure/yolov5/labels/<filestem>.txt"
    ),
    expected={"images": 20327, "studies": 10643, "patients": 6091},
    identifiers=("patient", "study", "cluster"),
    label_map={"fracture_visible = 1, or a fracture box": "fracture = 1", "neither": "fracture = 0"},
    figshare=14825193,
    ages=(0, 19),
    caveats=(
        "Initial and follow-up radiographs of the same child are included: split by patient.",
        "Casts and metal correlate with fractures.",
        (
            "Blank cells of cast, metal, osteopenia and diagnosis_uncertain most likely mean no, but the publisher does not "
            "say so: they are unknown here. fracture_visible is blank on the normal images; the boxes say 0."
        ),
        "Nearly every image has a box of the class text (side marker): leave it out when training a detector.",
    ),
    unverified=("The number of annotated objects (67,771) counts other shapes than boxes; it is not compared.",),
)

_LABELS: Final = "folder_structure/yolov5/labels"
_VIEWS: Final = {"1": View.FRONTAL, "2": View.LATERAL, "3": View.OBLIQUE}


def read(root: Path) -> Table:
    """Read GRAZPEDWRI-DX from its root folder.

    The labels are ``fracture``, ``cast`` and ``osteopenia``; a blank cell of the last two is unknown. A fracture
    whose box cannot be used, or on which two rows of an image disagree, is unknown.

    Raises:
        DataError: the folder does not hold GRAZPEDWRI-DX.
    """
    need(root, "dataset.csv")
    sheet = read_sheet(root / "dataset.csv")
    sheet.need("filestem")
    remarks: list[Remark] = list(sheet.remarks)
    rows = by_key(sheet, lambda row: row.cells["filestem"], remarks, meaning)
    found = survey(root)
    remarks += found.remarks
    names = [name for name in found.images if not name.startswith("folder_structure/")]
    cases: list[Case] = []
    for name, image in inspect_images(root, names):
        if isinstance(image, Remark):
            remarks.append(image)
            continue
        row = rows.get(Path(name).stem)
        if row is None:
            remarks.append(
                Remark(Kind.NO_RECORD, name, RemarkCode.NO_ROW_LEFT_OUT, {"file": "dataset.csv"}, skipped=True)
            )
            continue
        case, odd = _case(root, name, image.facts, row)
        cases.append(case)
        remarks += odd
    present = {Path(name).stem for name in names}
    remarks += [
        Remark(Kind.MISSING_FILE, f"{stem}.png", RemarkCode.LISTED_NO_FILE, {"file": "dataset.csv"}, skipped=True)
        for stem in rows
        if stem not in present
    ]
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _case(root: Path, name: str, facts: FileFacts, sheet_row: Row) -> tuple[Case, list[Remark]]:
    remarks: list[Remark] = []
    row = sheet_row.cells
    marked_boxes, unread = _marked(root, name, facts, remarks)
    fitting = usable(marked_boxes or [], facts, name)
    remarks += fitting.remarks
    lost = fitting.lost | unread
    for column in ("fracture_visible", "cast", "osteopenia", "metal"):
        if label_of(row.get(column, "")) == UNKNOWN and not is_unknown(row.get(column, "")):
            remarks.append(
                Remark(
                    Kind.UNKNOWN_LABEL,
                    name,
                    RemarkCode.CELL_NOT_BINARY,
                    {"file": "dataset.csv", "where": sheet_row.location, "column": column},
                )
            )
    fracture = _fracture(name, sheet_row, fitting, lost, marked_boxes is not None, remarks)
    age, spacing = row.get("age", ""), number_of(row.get("pixel_spacing", ""))
    if age and age_of(age) is None:
        remarks.append(Remark(Kind.IMPLAUSIBLE_AGE, name, RemarkCode.AGE_UNCLEAR))
    if row.get("gender") and sex_of(row["gender"]) is None:
        remarks.append(Remark(Kind.IMPLAUSIBLE_SEX, name, RemarkCode.SEX_UNCLEAR))
    metal = label_of(row.get("metal", ""))
    doubt = marked_boxes is None or "metal" in lost or ANY in lost or "metal" in sheet_row.differing
    patient = row.get("patient_id") or None
    case = Case(
        image=name,
        facts=facts,
        study=f"{patient}-{row.get('study_number', '')}" if patient else name,
        patient=patient,
        view=_VIEWS.get(row.get("projection", "").removesuffix(".0")),
        laterality=side_of(row.get("laterality", "")),
        body_part=BodyPart.WRIST,
        age=age_of(age),
        sex=sex_of(row.get("gender", "")),
        labels={
            "fracture": fracture,
            "cast": label_of(row.get("cast", "")),
            "osteopenia": label_of(row.get("osteopenia", "")),
        },
        boxes=fitting.boxes,
        source=row.get("device_manufacturer") or None,
        row_spacing=spacing if spacing and spacing > 0 else None,
        column_spacing=spacing if spacing and spacing > 0 else None,
        hardware=True if metal == 1 or "metal" in fitting.present else None if metal == UNKNOWN and doubt else False,
    )
    return case, remarks


def _fracture(
    name: str, row: Row, fitting: Usable, lost: frozenset[str], has_boxes: bool, remarks: list[Remark]
) -> int:
    """1 according to row or boxes; unknown where a box is unusable or the rows differ; else 0."""
    flag = label_of(row.cells.get("fracture_visible", ""))
    seen = "fracture" in fitting.present
    if not has_boxes:
        return flag
    doubt = "fracture" in lost or ANY in lost or "fracture_visible" in row.differing
    sure = flag == 1 and "fracture_visible" not in row.differing
    fracture = 1 if seen or sure else UNKNOWN if doubt else int(flag == 1)
    if flag != UNKNOWN and flag != int(seen):
        count = sum(box.label == "fracture" for box in fitting.boxes)
        taken = "unknown" if fracture == UNKNOWN else str(fracture)
        remarks.append(
            Remark(
                Kind.CONTRADICTING_LABEL,
                name,
                RemarkCode.FLAG_AND_BOXES_DIFFER,
                {"flag": flag, "boxes": count, "taken": taken},
            )
        )
    return fracture


def _marked(
    root: Path, name: str, facts: FileFacts, remarks: list[Remark]
) -> tuple[list[LabelledBox] | None, frozenset[str]]:
    """Boxes of an image, and labels of lines that cannot be understood.

    The boxes are None where it has no label file, which is not the same as a file without boxes.
    """
    path = f"{_LABELS}/{Path(name).stem}.txt"
    if not (root / path).exists():
        remarks.append(Remark(Kind.NO_RECORD, name, RemarkCode.NO_BOXES_FILE))
        return None, frozenset()
    try:
        text, _ = read_text(root / path, path)
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, RemarkCode.BOXES_UNREAD, {"problem": error.problem}))
        return None, frozenset()
    marked_boxes, faults = parse_yolo(text, dict(enumerate(CLASSES)), *facts.annotated)
    remarks += fault_remarks(name, path, faults)
    return marked_boxes, frozenset(fault.label for fault in faults)
