"""PediURF: children's fractures of ulna and radius, a front and a side view of each case (Tang et al.)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from osteon.core.labels import BodyPart, View
from osteon.data.card import DatasetCard
from osteon.data.case import Case, FileFacts
from osteon.data.files import images_below, inspect_all, need
from osteon.data.remark import Kind, Remark
from osteon.data.rows import first_of, read_rows
from osteon.data.table import Table, from_cases
from osteon.data.words import age_of, sex_of

CARD: Final = DatasetCard(
    name="pediurf",
    title="PediURF",
    about="Children's forearms, each with a fracture in the proximal, middle or distal third, in two views.",
    licence="as on its figshare page",
    citation=(
        "Tang S, Ou L, Li W, et al. A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures Analysis. "
        "figshare 29998954."
    ),
    url="https://doi.org/10.6084/m9.figshare.29998954",
    access="free",
    obtain="Fetched from figshare without an account.",
    layout=(
        "{train,test}/{Proximal|Midshaft|Distal ulna and radius fractures}/<case>/{front,side}.jpg\n{train,test}.csv"
    ),
    expected={
        "images": 10530,
        "studies": 5265,
        "train": 8424,
        "test": 2106,
        "proximal": 1144,
        "midshaft": 2638,
        "distal": 6748,
    },
    identifiers=("study", "cluster"),
    label_map={
        "Proximal ulna and radius fractures": "proximal = 1",
        "Midshaft ulna and radius fractures": "midshaft = 1",
        "Distal ulna and radius fractures": "distal = 1",
    },
    figshare=29998954,
    caveats=(
        "Every case is fractured: it teaches where a fracture is, not whether there is one.",
        "A case number stands for a study; nothing says whether two cases are of one child.",
    ),
)

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
        people = _people(root / f"{split}.csv")
        seen: dict[str, set[View]] = {}
        for name, facts in inspect_all(root, images_below(root, split)):
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
    people: Mapping[str, Mapping[str, str]],
    seen: dict[str, set[View]],
) -> Case | Remark:
    """The row of one image, or why it is left out; ``seen`` collects the views of each study."""
    path = Path(name)
    label = next((word for word in CLASSES if len(path.parts) == 4 and path.parts[1].lower().startswith(word)), None)
    if label is None:
        return Remark(Kind.UNKNOWN_LABEL, name, "it does not lie below a class and a case", skipped=True)
    study = path.parent.as_posix()
    views = seen.setdefault(study, set())
    view = _VIEWS.get(path.stem.lower())
    if view is None or view in views:
        what = "neither front nor side" if view is None else f"a second {view} view"
        return Remark(Kind.EXTRA_VIEW, name, f"{what} of its case", skipped=True)
    if isinstance(facts, Remark):
        return facts
    views.add(view)
    person = people.get(path.parts[2], {})
    return Case(
        image=name,
        facts=facts,
        study=study,
        view=view,
        body_part=BodyPart.FOREARM,
        age=age_of(first_of(person, "age", "patient_age")),
        sex=sex_of(first_of(person, "gender", "sex", "patient_gender", "patient_sex")),
        labels={word: int(word == label) for word in CLASSES},
        split=split,
    )


def _study_remarks(split: str, seen: Mapping[str, set[View]], people: Mapping[str, Mapping[str, str]]) -> list[Remark]:
    remarks: list[Remark] = []
    for study, views in seen.items():
        if len(views) < 2:
            there = next(iter(views), "no")
            remarks.append(Remark(Kind.MISSING_VIEW, study, f"only the {there} view can be read"))
        person = people.get(Path(study).name)
        if people and person is None:
            remarks.append(Remark(Kind.NO_RECORD, study, f"no row in {split}.csv; age and sex unknown"))
        if person and (age := first_of(person, "age", "patient_age")) and age_of(age) is None:
            remarks.append(Remark(Kind.IMPLAUSIBLE_AGE, study, "its age cannot be understood; taken as unknown"))
    folders = {Path(study).name for study in seen}
    return remarks + [
        Remark(Kind.MISSING_FILE, f"{split}.csv", "a row whose case has no folder", skipped=True)
        for number in people
        if number not in folders
    ]


def _people(path: Path) -> dict[str, dict[str, str]]:
    """Rows of the CSV by case; its header spellings are not published, so several are understood."""
    if not path.exists():
        return {}
    rows = read_rows(path)
    return {first_of(row, "id", "case", "case_id", "folder", "patient_id", "name"): row for row in rows}
