"""PediURF: children's fractures of ulna and radius, a front and a side view of each case (Tang et al.)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.labels import BodyPart, View
from osteon.data.files.files import need
from osteon.data.files.images import inspect_images
from osteon.data.files.walk import survey
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.parse import age_of, sex_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, by_key, read_sheet
from osteon.data.table.table import Table, from_cases

CARD: Final = DatasetCard(
    name="pediurf",
    title="PediURF",
    about="Children's forearms, each with a fracture in the proximal, middle or distal third, in two views.",
    licence="as on its figshare page",
    citation=(
        "Tang S, Ou L, Li W, Xiong Z, Li N, Liu H, Liang Y, Zhao Z. A Comprehensive X-ray Dataset for Pediatric Ulna and "
        "Radius Fractures Analysis. Scientific Data (2026). doi:10.1038/s41597-026-06666-w"
    ),
    url="https://doi.org/10.6084/m9.figshare.29998954",
    access="free",
    obtain="Fetched from figshare without an account.",
    layout=(
        "{train,test}/{Proximal|Midshaft|Distal ulna and radius fractures}/<case>/{front,side}.jpg\n"
        "{train,test}.csv (class, case, sex, age; here or one folder above)"
    ),
    expected={
        "studies": 5265,
        "studies in train": 4212,
        "studies in test": 1053,
        "images": 10530,
        "images in train": 8424,
        "images in test": 2106,
        "studies of proximal": 572,
        "studies of midshaft": 1319,
        "studies of distal": 3374,
        "images of proximal in train": 922,
        "images of midshaft in train": 2108,
        "images of distal in train": 5394,
        "images of proximal in test": 222,
        "images of midshaft in test": 530,
        "images of distal in test": 1354,
    },
    identifiers=("study", "cluster"),
    label_map={
        "Proximal ulna and radius fractures": "proximal = 1",
        "Midshaft ulna and radius fractures": "midshaft = 1",
        "Distal ulna and radius fractures": "distal = 1",
    },
    figshare=29998954,
    ages=(0, 18),
    caveats=(
        "Every case is fractured: it is for localising fractures, not for detecting whether there is one.",
        (
            "A case number identifies a study; it is not stated whether two cases are of one child. The authors say that they "
            "kept each patient in one part."
        ),
        "The paper's text gives counts by class for the parts in images; Fig. 2(d) gives them in cases.",
        "Images are JPEG: the bit depth of the detector is lost.",
    ),
    unverified=(
        "The licence: one public listing of datasets says CC BY 4.0, its other figures are wrong; read the figshare page.",
        (
            "The headers of train.csv and test.csv: public code that reads them renames four columns by position (class, "
            "case, sex, age). They are found by name, otherwise by content."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Age and sex of a case, as written in the CSV file."""

    age: str = ""
    sex: str = ""


NOBODY: Final = Person()
CLASSES: Final = ("proximal", "midshaft", "distal")
_VIEWS: Final = {"front": View.FRONTAL, "side": View.LATERAL}


def read(root: Path) -> Table:
    """Read PediURF from its root folder; the labels are ``proximal``, ``midshaft`` and ``distal``, one of them 1.

    A case without one of its two views stays in the table, with a remark; images that are neither view are left out.

    Raises:
        DataError: the folder does not hold PediURF.
    """
    need(root, "train", "test")
    cases: list[Case] = []
    remarks: list[Remark] = []
    for split in ("train", "test"):
        found = survey(root, split)
        remarks += found.remarks
        people = _people(root, f"{split}.csv", {Path(name).parent.name for name in found.images}, remarks)
        seen: dict[str, set[View]] = {}
        for name, image in inspect_images(root, list(found.images)):
            facts = image if isinstance(image, Remark) else image.facts
            case = _case(name, facts, split, people, seen)
            if isinstance(case, Remark):
                remarks.append(case)
            else:
                cases.append(case)
        remarks += _study_remarks(split, seen, people)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _case(
    name: str,
    facts: FileFacts | Remark,
    split: str,
    people: Mapping[str, Person],
    seen: dict[str, set[View]],
) -> Case | Remark:
    """The row of one image, or why it is left out; ``seen`` collects the views of each study."""
    path = Path(name)
    label = next((word for word in CLASSES if len(path.parts) == 4 and path.parts[1].lower().startswith(word)), None)
    if label is None:
        return Remark(Kind.UNKNOWN_LABEL, name, RemarkCode.NOT_BELOW_CASE, skipped=True)
    study = path.parent.as_posix()
    views = seen.setdefault(study, set())
    view = _VIEWS.get(path.stem.lower())
    if view is None or view in views:
        if view is None:
            return Remark(Kind.EXTRA_VIEW, name, RemarkCode.VIEW_NEITHER, skipped=True)
        return Remark(Kind.EXTRA_VIEW, name, RemarkCode.VIEW_SECOND, {"view": str(view)}, skipped=True)
    if isinstance(facts, Remark):
        return facts
    views.add(view)
    person = people.get(path.parts[2], NOBODY)
    return Case(
        image=name,
        facts=facts,
        study=study,
        view=view,
        body_part=BodyPart.FOREARM,
        age=age_of(person.age),
        sex=sex_of(person.sex),
        labels={word: int(word == label) for word in CLASSES},
        split=split,
    )


def _study_remarks(split: str, seen: Mapping[str, set[View]], people: Mapping[str, Person]) -> list[Remark]:
    remarks: list[Remark] = []
    for study, views in seen.items():
        if len(views) < 2:
            there = next(iter(views), "no")
            remarks.append(Remark(Kind.MISSING_VIEW, study, RemarkCode.VIEW_ALONE, {"view": there}))
        person = people.get(Path(study).name)
        if people and person is None:
            remarks.append(Remark(Kind.NO_RECORD, study, RemarkCode.NO_ROW_OF_PERSON, {"file": f"{split}.csv"}))
        if person and person.age and age_of(person.age) is None:
            remarks.append(Remark(Kind.IMPLAUSIBLE_AGE, study, RemarkCode.AGE_UNCLEAR))
        if person and person.sex and sex_of(person.sex) is None:
            remarks.append(Remark(Kind.IMPLAUSIBLE_SEX, study, RemarkCode.SEX_UNCLEAR))
    folders = {Path(study).name for study in seen}
    return remarks + [
        Remark(Kind.MISSING_FILE, f"{split}.csv", RemarkCode.ROW_WITHOUT_FOLDER, skipped=True)
        for number in people
        if number not in folders
    ]


def _people(root: Path, file: str, cases: Collection[str], remarks: list[Remark]) -> dict[str, Person]:
    """Age and sex by case, from a CSV file in the dataset's folder or the one above (it is published separately).

    The header is not published: columns are found by words in their names, otherwise by the content of most
    of their cells: a folder's name, a sex, an age.
    """
    path = next((path for path in (root / file, root.parent / file) if path.exists()), None)
    if path is None:
        remarks.append(Remark(Kind.NO_RECORD, file, RemarkCode.NO_FILE_OF_PEOPLE))
        return {}
    sheet = read_sheet(path)
    remarks += sheet.remarks
    rows = [row.cells for row in sheet.rows]
    number = _column(rows, frozenset({"id", "case", "folder", "name"}), lambda cell: cell in cases)
    if rows and not number:
        remarks.append(
            Remark(Kind.NO_RECORD, file, RemarkCode.NO_COLUMN_OF_CASES, {"columns": tuple(sheet.columns[:12])})
        )
        return {}
    others = [{name: cell for name, cell in row.items() if name != number} for row in rows]
    sex = _column(others, frozenset({"sex", "gender"}), lambda cell: sex_of(cell) is not None)
    age = _column(others, frozenset({"age"}), lambda cell: age_of(cell) is not None)

    def person(row: Row) -> Person:
        return Person(row.cells.get(age, ""), row.cells.get(sex, ""))

    people = by_key(sheet, lambda row: row.cells.get(number, ""), remarks)
    return {case: person(row) for case, row in people.items()}


def _column(rows: Sequence[Mapping[str, str]], keywords: Collection[str], looks: Callable[[str], bool]) -> str:
    """Name of the column with such a name, or with such content in most rows; empty where there is none."""
    names = list(rows[0]) if rows else []
    called = next((name for name in names if set(keywords) & set(name.split("_"))), "")
    like = {name: sum(looks(row.get(name, "")) for row in rows) for name in names}
    best = max(like, key=lambda name: like[name], default="")
    return called or (best if 2 * like.get(best, 0) > len(rows) else "")
