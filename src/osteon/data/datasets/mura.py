"""MURA v1.1: studies of seven regions of the arm, normal or abnormal (Rajpurkar et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from osteon.core.labels import UNKNOWN, BodyPart
from osteon.data.files.files import need
from osteon.data.files.images import inspect_images
from osteon.data.files.walk import survey
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case
from osteon.data.table.parse import label_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import read_lists
from osteon.data.table.table import Table, from_cases

CARD: Final = DatasetCard(
    name="mura",
    title="MURA v1.1",
    about="Radiographs of elbow, finger, forearm, hand, humerus, shoulder and wrist; each study is normal or abnormal.",
    licence="Stanford University dataset research use agreement",
    citation=(
        "Rajpurkar P, Irvin J, Bagul A, Ding D, Duan T, Mehta H, et al. MURA: Large Dataset for "
        "Abnormality Detection in Musculoskeletal Radiographs. arXiv:1712.06957 (2017)"
    ),
    url="https://stanfordmlgroup.github.io/competitions/mura/",
    access="apply",
    obtain="Agree to Stanford's research use agreement on its page and download MURA-v1.1.",
    layout=(
        "{train,valid}/XR_{ELBOW,...}/patient00011/study1_{positive,negative}/image1.png\n"
        "{train,valid}_labeled_studies.csv"
    ),
    expected={
        "images": 40005,
        "studies": 14656,
        "patients": 11967,
        "patients in train": 11184,
        "patients in test": 783,
        "studies in train": 13457,
        "studies in test": 1199,
        "images in train": 36808,
        "images in test": 3197,
    },
    identifiers=("patient", "study", "cluster"),
    label_map={"positive": "abnormal = 1", "negative": "abnormal = 0"},
    caveats=(
        "Abnormal is more than fractured: hardware, arthrosis and other findings count as well.",
        "The label belongs to the study; an image of an abnormal study may look normal.",
        (
            "The competition's test part (207 studies, 556 images) is not published; the part called valid is kept as the "
            "test part here. The paper counts all three: 40,561 images, 14,863 studies, 12,173 patients."
        ),
        "Many abnormal studies show plates, casts and marks, which predict the label.",
    ),
    unverified=(
        "The competition is closed: whether the download is still offered on its page or only at Stanford AIMI.",
    ),
)

_PARTS: Final = {
    "XR_ELBOW": BodyPart.ELBOW,
    "XR_FINGER": BodyPart.FINGER,
    "XR_FOREARM": BodyPart.FOREARM,
    "XR_HAND": BodyPart.HAND,
    "XR_HUMERUS": BodyPart.HUMERUS,
    "XR_SHOULDER": BodyPart.SHOULDER,
    "XR_WRIST": BodyPart.WRIST,
}
_SPLITS: Final = {"train": "train", "valid": "test"}


def read(root: Path) -> Table:
    """Read MURA from its root folder (``MURA-v1.1``); the label is ``abnormal``.

    Raises:
        DataError: the folder does not hold MURA.
    """
    need(root, "train", "valid")
    cases: list[Case] = []
    remarks: list[Remark] = []
    for folder, split in _SPLITS.items():
        stated = _stated(root, f"{folder}_labeled_studies.csv", remarks)
        below = survey(root, folder)
        remarks += below.remarks
        reported: set[str] = set()
        for name, image in inspect_images(root, list(below.images)):
            parts = Path(name).parts
            study = "/".join(parts[:-1])
            if len(parts) != 5 or parts[1] not in _PARTS:
                remarks.append(Remark(Kind.EXTRA_FILE, name, RemarkCode.NOT_BELOW_STUDY, skipped=True))
                continue
            if isinstance(image, Remark):
                remarks.append(image)
                continue
            label, odd = _label(study, parts[3], stated)
            if odd and study not in reported:
                reported.add(study)
                remarks.append(odd)
            cases.append(
                Case(
                    image=name,
                    facts=image.facts,
                    study=study,
                    patient=parts[2],
                    body_part=_PARTS[parts[1]],
                    labels={"abnormal": label},
                    split=split,
                )
            )
        there = {"/".join(Path(name).parts[:-1]) for name in below.images}
        remarks += [
            Remark(
                Kind.MISSING_FILE,
                study,
                RemarkCode.NAMED_WITHOUT_IMAGE,
                {"file": f"{folder}_labeled_studies.csv"},
                skipped=True,
            )
            for study in stated
            if study not in there
        ]
        remarks += _missing(root, f"{folder}_image_paths.csv", set(below.images))
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _label(study: str, folder: str, stated: Mapping[str, int]) -> tuple[int, Remark | None]:
    """The label in the study's folder and in the list; unknown where they differ or neither has one."""
    label = {"positive": 1, "negative": 0}.get(folder.rsplit("_", 1)[-1], UNKNOWN)
    listed = stated.get(study, label)
    if label == UNKNOWN and listed == UNKNOWN:
        return UNKNOWN, Remark(Kind.UNKNOWN_LABEL, study, RemarkCode.NO_LABEL_STATED)
    if listed != label:
        names = {UNKNOWN: ""}  # none is known
        return UNKNOWN, Remark(
            Kind.CONTRADICTING_LABEL,
            study,
            RemarkCode.LABELS_DIFFER,
            {"folder": names.get(label, str(label)), "listed": names.get(listed, str(listed))},
        )
    return label, None


def _below_root(path: str) -> str:
    """A path of the lists from ``train`` or ``valid`` on; as published they begin with ``MURA-v1.1/``."""
    parts = path.strip().replace("\\", "/").strip("/").split("/")
    start = next((index for index, part in enumerate(parts) if part in _SPLITS), 0)
    return "/".join(parts[start:])


def _stated(root: Path, name: str, remarks: list[Remark]) -> dict[str, int]:
    """The label of each study in the list; unknown where it is contradictory or cannot be parsed."""
    if not (root / name).exists():
        return {}
    lists, odd = read_lists(root / name, name)
    remarks += odd
    found: dict[str, int] = {}
    for line, row in lists:
        if len(row) < 2 or label_of(row[1]) == UNKNOWN:
            remarks.append(Remark(Kind.UNKNOWN_LABEL, name, RemarkCode.LINE_NO_LABEL, {"line": line}))
        study, value = _below_root(row[0]), label_of(row[1]) if len(row) > 1 else UNKNOWN
        if found.setdefault(study, value) != value:
            remarks.append(
                Remark(Kind.CONTRADICTING_LABEL, name, RemarkCode.STUDY_NAMED_TWICE, {"line": line, "study": study})
            )
            found[study] = UNKNOWN
    return found


def _missing(root: Path, name: str, present: set[str]) -> list[Remark]:
    if not (root / name).exists():
        return []
    lists, remarks = read_lists(root / name, name)
    listed = {_below_root(row[0]) for _, row in lists}
    hidden = {image for image in listed if Path(image).name.startswith(".")}
    return remarks + [
        Remark(Kind.MISSING_FILE, image, RemarkCode.LISTED_NO_FILE, {"file": name}, skipped=True)
        for image in sorted(listed - present - hidden)
    ]
