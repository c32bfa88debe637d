"""The rows of the table: one for each image, whatever became of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import polars as pl

from osteon.core.errors import InputError, OsteonError
from osteon.core.records import Radiograph, Reading
from osteon.inference.stream import Outcome

VERSION: Final = 1
"""Of the columns; it rises when one changes its meaning."""

FINDING: Final = pl.Struct(
    {
        "label": pl.String,
        "x0": pl.Float32,
        "y0": pl.Float32,
        "x1": pl.Float32,
        "y1": pl.Float32,
        "score": pl.Float32,
        "definite": pl.Boolean,
    }
)

SCHEMA: Final = pl.Schema(
    {
        "source": pl.String(),
        "frame": pl.Int32(),
        "study": pl.String(),
        "sop_instance_uid": pl.String(),
        "outcome": pl.String(),
        "fault": pl.String(),
        "refusals": pl.List(pl.String),
        "study_refusals": pl.List(pl.String),
        "call": pl.String(),
        "probability": pl.Float64(),
        "image_probability": pl.Float64(),
        "findings": pl.List(FINDING),
        "format": pl.String(),
        "body_part": pl.String(),
        "view": pl.String(),
        "laterality": pl.String(),
        "age": pl.Float32(),
        "sex": pl.String(),
        "height": pl.Int32(),
        "width": pl.Int32(),
        "row_spacing": pl.Float32(),
        "column_spacing": pl.Float32(),
        "notes": pl.List(pl.String),
        "milliseconds": pl.Float32(),
        "images": pl.Int32(),
    }
)
"""Of the table.

``source`` names the file (a member of a container as ``CONTAINER!MEMBER``), ``frame`` counts from 1 within it, ``study`` is the
StudyInstanceUID or empty. ``outcome`` see ``ImageOutcome``; ``fault`` is a ``FaultCode``, ``refusals`` are ``RefusalCode`` of the
image, ``study_refusals`` of its study. ``call`` and ``probability`` are the study's, ``image_probability`` the image's own. Boxes
are ``(x0, y0, x1, y1)`` in pixels of the stored image. ``age`` in years, spacing in mm, ``notes`` are ``NoteCode``.
``milliseconds`` is what the study took as a whole, ``images`` how many it has.
"""


class ImageOutcome(StrEnum):
    """What became of an image."""

    READ = "read"
    REFUSED = "refused"
    """It could be decoded, and may not be read: ``refusals`` or ``study_refusals`` say why."""
    FAILED = "failed"
    """It could not be decoded: ``fault`` says why."""


def rows(outcome: Outcome, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a study.

    Args:
        outcome: of reading it.
        names: of its files for people, by path.
    """
    reading = outcome.reading
    if reading is not None:
        frames: dict[str, int] = {}
        for index, radiograph in enumerate(reading.radiographs):
            frame = frames[radiograph.source] = frames.get(radiograph.source, 0) + 1
            yield _image(reading, index, radiograph) | {
                "source": names.get(radiograph.source, radiograph.source),
                "frame": max(frame, radiograph.identifiers.instance.frame),
            }
    failed = {failure.source: failure.error for failure in outcome.failures}
    whole = failed.get(outcome.study.source)
    for file in map(str, outcome.study.files):
        error = failed.get(file) or (whole if reading is None else None)
        if error is not None:
            yield failure_row(names.get(file, file), error)


def failure_row(name: str, error: OsteonError) -> dict[str, Any]:
    """The row of a file that could not be read.

    Args:
        name: of the file, for people.
        error: why.
    """
    fault = error.code.value if isinstance(error, InputError) else type(error).__name__
    return {"source": name, "outcome": ImageOutcome.FAILED.value, "fault": fault}


def frame_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a table with all columns of ``SCHEMA``."""
    return pl.DataFrame([{name: record.get(name) for name in SCHEMA} for record in records], schema=SCHEMA)


def _image(reading: Reading, index: int, radiograph: Radiograph) -> dict[str, Any]:
    probability = reading.image_probabilities[index] if index < len(reading.image_probabilities) else math.nan
    refusals = reading.image_refusals[index] if index < len(reading.image_refusals) else ()
    read = not math.isnan(probability) and not reading.refusals
    spacing = radiograph.spacing or (None, None)
    return {
        "study": reading.study,
        "sop_instance_uid": radiograph.identifiers.instance.sop_instance_uid,
        "outcome": (ImageOutcome.READ if read else ImageOutcome.REFUSED).value,
        "refusals": [refusal.code.value for refusal in refusals],
        "study_refusals": [refusal.code.value for refusal in reading.refusals],
        "call": reading.call.value,
        "probability": reading.probability,
        "image_probability": None if math.isnan(probability) else probability,
        "findings": [
            {
                "label": finding.label,
                "x0": finding.box.x0,
                "y0": finding.box.y0,
                "x1": finding.box.x1,
                "y1": finding.box.y1,
                "score": finding.score,
                "definite": finding.definite,
            }
            for finding in reading.findings
            if finding.image == index
        ],
        "format": radiograph.format,
        "body_part": None if radiograph.body_part is None else radiograph.body_part.value,
        "view": None if radiograph.view is None else radiograph.view.value,
        "laterality": None if radiograph.laterality is None else radiograph.laterality.value,
        "age": radiograph.age,
        "sex": None if radiograph.sex is None else radiograph.sex.value,
        "height": radiograph.height,
        "width": radiograph.width,
        "row_spacing": spacing[0],
        "column_spacing": spacing[1],
        "notes": [note.code.value for note in (*reading.notes, *radiograph.notes)],
        "milliseconds": reading.milliseconds.get("total"),
        "images": len(reading.radiographs),
    }
