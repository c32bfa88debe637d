"""The table of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.geometry import Box
from osteon.core.labels import BodyPart, Laterality, Sex, View
from osteon.core.snapshot import Snapshot, SnapshotImage, SnapshotStudy
from osteon.data.files.images import inspect_image
from osteon.data.table.boxes import usable
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Kind, Remark, sizes
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.table import Table, from_cases

LICENCE: Final = "as its owner says"


def table_of(snapshot: Snapshot, path_of: Callable[[SnapshotImage], Path], licence: str = LICENCE) -> Table:
    """The table of a snapshot; files that cannot be read, or whose size is another, are left out with a remark.

    Args:
        snapshot: to turn into a table.
        path_of: where the file of an image lies; its name is that of the image in the table.
        licence: of the images.

    Raises:
        DataError: no image can be read.
    """
    cases: list[Case] = []
    remarks: list[Remark] = []
    for study in snapshot.studies:
        for image in study.images:
            path = path_of(image)
            found = inspect_image(path, path.name)
            if isinstance(found, Remark):
                remarks.append(found)
                continue
            stated = (image.columns, image.rows)
            if found.facts.annotated != stated:
                values = {"where": "the snapshot", **sizes(stated, found.facts.annotated)}
                remarks.append(Remark(Kind.WRONG_SIZE, path.name, RemarkCode.SIZE_STATED, values, skipped=True))
                continue
            regions = [
                LabelledBox(Box(*one.box), one.label, one.reader, (one.outline,) if one.outline else ())
                for one in image.regions
            ]
            fitting = usable(regions, found.facts, path.name)
            remarks += fitting.remarks
            cases.append(replace(_case(path.name, found.case(path.name), study, image), boxes=fitting.boxes))
    return from_cases(cases, dataset="listed", licence=licence, remarks=remarks)


def _case(name: str, own: Case, study: SnapshotStudy, image: SnapshotImage) -> Case:
    """A row of pseudonyms; nothing of the file's header but its size."""
    rows, columns = image.spacing or (None, None)
    return Case(
        image=name,
        facts=own.facts,
        study=study.study,
        patient=study.patient or None,
        view=None if image.view is None else View(image.view),
        laterality=None if image.laterality is None else Laterality(image.laterality),
        body_part=None if image.body_part is None else BodyPart(image.body_part),
        age=study.age,
        sex=None if study.sex is None else Sex(study.sex),
        labels=dict(image.labels),
        row_spacing=rows,
        column_spacing=columns,
    )
