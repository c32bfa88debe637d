"""GRAZPEDWRI-DX: children's wrists with boxes of nine classes (Nagy et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN, BodyPart, View
from osteon.data.boxes import usable
from osteon.data.card import DatasetCard
from osteon.data.case import Case, FileFacts, LabelledBox
from osteon.data.files import images_below, inspect_all, need
from osteon.data.remark import Kind, Remark
from osteon.data.rows import read_rows
from osteon.data.table import Table, from_cases
from osteon.data.words import age_of, label_of, number_of, sex_of, side_of
from osteon.data.yolo import parse_yolo

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
        "Initial and follow-up films of one child are among them: split by patient.",
        "Casts and metal go with fractures.",
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

    The labels are ``fracture``, ``cast`` and ``osteopenia``; a blank cell of the last two is unknown.

    Raises:
        DataError: the folder does not hold GRAZPEDWRI-DX.
    """
    need(root, "dataset.csv")
    rows = {row.get("filestem", ""): row for row in read_rows(root / "dataset.csv")}
    names = [name for name in images_below(root) if not name.startswith("folder_structure/")]
    cases: list[Case] = []
    remarks: list[Remark] = []
    for name, facts in inspect_all(root, names):
        if isinstance(facts, Remark):
            remarks.append(facts)
            continue
        row = rows.get(Path(name).stem)
        if row is None:
            remarks.append(Remark(Kind.NO_RECORD, name, "no row in dataset.csv", skipped=True))
            continue
        case, odd = _case(root, name, facts, row)
        cases.append(case)
        remarks += odd
    present = {Path(name).stem for name in names}
    remarks += [
        Remark(Kind.MISSING_FILE, f"{stem}.png", "listed in dataset.csv, but there is no such file", skipped=True)
        for stem in rows
        if stem not in present
    ]
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _case(root: Path, name: str, facts: FileFacts, row: Mapping[str, str]) -> tuple[Case, list[Remark]]:
    remarks: list[Remark] = []
    marked = _marked(root, name, facts, remarks)
    boxes, broken = usable(marked or [], facts, name)
    remarks += broken
    found = {one.label for one in boxes}
    flag = label_of(row.get("fracture_visible", ""))
    if marked is None:
        fracture = flag
    else:
        fracture = int(flag == 1 or "fracture" in found)
        if flag != UNKNOWN and flag != int("fracture" in found):
            count = sum(one.label == "fracture" for one in boxes)
            text = f"fracture_visible is {flag}, but there are {count} fracture boxes; {fracture} taken"
            remarks.append(Remark(Kind.CONTRADICTING_LABEL, name, text))
    age, spacing = row.get("age", ""), number_of(row.get("pixel_spacing", ""))
    if age and age_of(age) is None:
        remarks.append(Remark(Kind.IMPLAUSIBLE_AGE, name, "its age cannot be understood; taken as unknown"))
    if row.get("gender") and sex_of(row["gender"]) is None:
        remarks.append(Remark(Kind.IMPLAUSIBLE_SEX, name, "its sex cannot be understood; taken as unknown"))
    metal = label_of(row.get("metal", ""))
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
        boxes=boxes,
        source=row.get("device_manufacturer") or None,
        row_spacing=spacing or None,
        column_spacing=spacing or None,
        hardware=None if metal == UNKNOWN and marked is None else metal == 1 or "metal" in found,
    )
    return case, remarks


def _marked(root: Path, name: str, facts: FileFacts, remarks: list[Remark]) -> list[LabelledBox] | None:
    """Boxes of an image; None where it has no label file, which is not the same as a file without boxes."""
    path = root / _LABELS / f"{Path(name).stem}.txt"
    if not path.exists():
        remarks.append(Remark(Kind.NO_RECORD, name, "no file of boxes"))
        return None
    try:
        return parse_yolo(path.read_text("utf-8"), CLASSES, *facts.annotated)
    except DataError as error:
        remarks.append(Remark(Kind.UNREADABLE, name, f"its boxes cannot be read: {error.problem}"))
        return None
