"""Elbow radiographs in the layout of the MobileNetV2 paper: normal, hairline or displaced (Paradava et al.)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from osteon.data.datasets.folder import read_classes
from osteon.data.table.card import DatasetCard
from osteon.data.table.table import Table

CARD: Final = DatasetCard(
    name="elbow",
    title="Elbow radiographs of the MobileNetV2 paper",
    about="Folders of normal, hairline and displaced fractures; the paper's network classifies fracture or not.",
    licence="as its publisher says",
    citation=(
        "Paradava T, Jain R, Patania H, Patel T. Real-Time Bone Fracture Detection Using MobileNetV2 and Explainable "
        "AI for Clinical Integration."
    ),
    url="",
    access="own",
    obtain="The paper names a public repository without an address; bring the folder that you have.",
    layout="{train,val,test}/{normal,hairline,displaced}/*.{jpg,png}\nor {normal,hairline,displaced}/*.{jpg,png}",
    identifiers=("cluster",),
    label_map={"normal": "fracture = 0", "hairline": "fracture = 1", "displaced": "fracture = 1"},
    caveats=(
        "No patient is named: images of one patient may lie in two parts of a split by near-duplicate cluster.",
        "The paper's public source also holds hands and shoulders.",
    ),
    unverified=("Which repository the paper means, its licence and its counts: the paper names none of them.",),
)


def read(root: Path) -> Table:
    """Read the folders of classes; the labels are each class and ``fracture``.

    Raises:
        DataError: there are no folders of classes with images.
    """
    return read_classes(root, CARD)
