"""MURA v1.1: studies of seven regions of the arm, normal or abnormal (Rajpurkar et al. 2017)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from osteon.core.labels import UNKNOWN, BodyPart
from osteon.data.card import DatasetCard
from osteon.data.case import Case
from osteon.data.files import images_below, inspect_all, need
from osteon.data.remark import Kind, Remark
from osteon.data.rows import read_lists
from osteon.data.table import Table, from_cases
from osteon.data.words import label_of

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
        "Plates, casts and marks are seen in many abnormal studies and give them away.",
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
        stated = _stated(root / f"{folder}_labeled_studies.csv")
        names = images_below(root, folder)
        told: set[str] = set()
        for name, facts in inspect_all(root, names):
            parts = Path(name).parts
            study = "/".join(parts[:-1])
            if len(parts) != 5 or parts[1] not in _PARTS:
                remarks.append(
                    Remark(Kind.EXTRA_FILE, name, "it does not lie below a region, patient and study", skipped=True)
                )
                continue
            if isinstance(facts, Remark):
                remarks.append(facts)
                continue
            label = {"positive": 1, "negative": 0}.get(parts[3].rsplit("_", 1)[-1], UNKNOWN)
            said = stated.get(study, label)
            if said != label:
                if study not in told:
                    told.add(study)
                    text = f"the study's folder says {label}, the list says {said}; taken as unknown"
                    remarks.append(Remark(Kind.CONTRADICTING_LABEL, study, text))
                label = UNKNOWN
            cases.append(
                Case(
                    image=name,
                    facts=facts,
                    study=study,
                    patient=parts[2],
                    body_part=_PARTS[parts[1]],
                    labels={"abnormal": label},
                    split=split,
                )
            )
        remarks += _missing(root / f"{folder}_image_paths.csv", set(names))
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _below_root(path: str) -> str:
    """The lists' paths begin with ``MURA-v1.1/``."""
    return path.strip().strip("/").split("/", 1)[-1]


def _stated(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    return {_below_root(row[0]): label_of(row[1]) for row in read_lists(path) if len(row) > 1}


def _missing(path: Path, present: set[str]) -> list[Remark]:
    if not path.exists():
        return []
    listed = {_below_root(row[0]) for row in read_lists(path)}
    hidden = {name for name in listed if Path(name).name.startswith(".")}
    return [
        Remark(Kind.MISSING_FILE, name, f"listed in {path.name}, but there is no such file", skipped=True)
        for name in sorted(listed - present - hidden)
    ]
