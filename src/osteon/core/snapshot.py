"""A snapshot of annotations: what was decided of each image, as a record that the clinic writes and datasets are made of.

It holds pseudonyms, no names, dates or identifiers of DICOM. Boxes and outlines are in pixels of the stored image.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from osteon.core.part import Part

SNAPSHOT_VERSION: Final = 1
"""Of the record; newer ones are refused."""

SNAPSHOT_FILE: Final = "snapshot.json"
"""Its name within a folder."""


class SnapshotRegion(Part):
    """A region of an image.

    Attributes:
        label: of the schema.
        box: ``(x0, y0, x1, y1)``; of an outline what encloses it.
        outline: ``x, y, x, y, ...``; empty where only a box was drawn.
        reader: who drew it; ``consensus`` where it was decided.
    """

    label: str
    box: tuple[float, float, float, float]
    outline: tuple[float, ...] = ()
    reader: str = ""


class SnapshotImage(Part):
    """An image.

    Attributes:
        name: of its file, without suffix; unique.
        digest: SHA-256 of the file of the store.
        rows: height of the stored image in pixels.
        columns: width.
        format: of that file: ``DICOM``, ``JPEG``, ``PNG`` or ``TIFF``.
        labels: 1, 0 or -1 (unknown), by label.
        regions: that were decided.
    """

    name: str
    digest: str
    rows: int
    columns: int
    format: str = "DICOM"
    view: str | None = None
    laterality: str | None = None
    body_part: str | None = None
    spacing: tuple[float, float] | None = None
    labels: dict[str, int]
    regions: tuple[SnapshotRegion, ...] = ()


class SnapshotStudy(Part):
    """A study.

    Attributes:
        study: identifier within the store.
        patient: pseudonym; empty where unknown.
        decided: how: ``person``, ``majority`` ... as a consensus says, or ``one_reader``.
        readers: how many read it.
    """

    study: str
    patient: str = ""
    age: float | None = None
    sex: str | None = None
    year: int = 0
    decided: str
    readers: int
    images: tuple[SnapshotImage, ...]


class Snapshot(Part):
    """What a project was at a moment.

    Attributes:
        version: of this record.
        project: name.
        schema_name: of the label schema.
        schema_version: of the project's schema.
        labels: all that images have, in the order of the schema.
        created: when it was taken.
        seed: that the split is made with.
        studies: in the order of the project.
        left_out: studies and regions that are not in it, by reason.
    """

    version: int = SNAPSHOT_VERSION
    project: str
    schema_name: str
    schema_version: int
    labels: tuple[str, ...]
    created: datetime
    seed: int = 0
    studies: tuple[SnapshotStudy, ...]
    left_out: dict[str, int]

    @property
    def digest(self) -> str:
        """SHA-256 of all but the time: the same project gives the same snapshot."""
        text = self.model_dump_json(exclude={"created"})
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def images(self) -> int:
        """Number of images."""
        return sum(len(study.images) for study in self.studies)
