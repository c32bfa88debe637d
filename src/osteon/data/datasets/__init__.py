"""The datasets that osteon reads: a module for each, registered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.data.datasets import (
    coco,
    dicom,
    elbow,
    folder,
    fracatlas,
    grazpedwri,
    listed,
    mura,
    pediurf,
    spinexr,
    voc,
    yolo,
)
from osteon.data.table.card import DatasetCard
from osteon.data.table.table import Table


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that osteon reads.

    Attributes:
        card: description of the dataset.
        read: parser: takes the root folder and returns the table.
    """

    card: DatasetCard
    read: Callable[[Path], Table]


DATASETS: Final = (
    Dataset(fracatlas.CARD, fracatlas.read),
    Dataset(pediurf.CARD, pediurf.read),
    Dataset(spinexr.CARD, spinexr.read),
    Dataset(mura.CARD, mura.read),
    Dataset(grazpedwri.CARD, grazpedwri.read),
    Dataset(elbow.CARD, elbow.read),
    Dataset(folder.CARD, folder.read),
    Dataset(coco.CARD, coco.read),
    Dataset(yolo.CARD, yolo.read),
    Dataset(voc.CARD, voc.read),
    Dataset(listed.CARD, listed.read),
    Dataset(dicom.CARD, dicom.read),
)


def find(name: str) -> Dataset:
    """The dataset of that name.

    Raises:
        DataError: there is none.
    """
    for dataset in DATASETS:
        if dataset.card.name == name:
            return dataset
    raise DataError("no such dataset", expected=", ".join(dataset.card.name for dataset in DATASETS), got=name)


def read(name: str, root: Path) -> Table:
    """Read a dataset as it comes from its publisher.

    Args:
        name: the name on its card.
        root: its folder.

    Raises:
        DataError: there is no such dataset, or the folder does not hold it.
    """
    return find(name).read(root)
