"""Cases of a table, read with the deployed inference pipeline: predictions, and what was refused or failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.core.codes.refusal import Refusal
from osteon.core.errors import DataError, OsteonError
from osteon.core.labels import BodyPart, Call
from osteon.core.records import Reading
from osteon.data.files.names import as_path
from osteon.data.formats.coco import slug
from osteon.data.splits.leakage import group_rows, known_groups
from osteon.data.table.table import Table
from osteon.evaluation.binary.subgroups import age_bands
from osteon.evaluation.html.section import Track
from osteon.evaluation.predictions.classes import Classes, truths
from osteon.evaluation.predictions.detections import Mark
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.predictions.refused import failed_columns, refusal_columns
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import Outcome, read_studies
from osteon.inference.studies import Study
from osteon.stats.checks import Booleans, Floats

ATTRIBUTES: Final = ("body_part", "view", "laterality", "sex", "hardware", "source", "format")
"""Columns of the table that subgroups are made of; the age is added in bands."""


def untracked(items: Iterable[Any], _what: str, _count: int) -> Iterable[Any]:
    """The track that shows nothing."""
    return items


class Read(NamedTuple):
    """What a bundle said of a table.

    Attributes:
        predictions: one row for each image.
        marks: all boxes that it found, before thresholds and decision rule, under the labels of the table.
        classifier: probability by the classifier alone of each image, NaN where it was not read; None where the bundle
            has not both networks.
    """

    predictions: Predictions
    marks: tuple[Mark, ...]
    classifier: Floats | None


def read_table(
    bundle: Bundle, table: Table, root: Path, label: str, *, jobs: int = 1, track: Track = untracked
) -> Predictions:
    """The predictions of :func:`read_cases`.

    Raises:
        DataError: as :func:`read_cases`.
        BundleError: the bundle's graph cannot be run.
    """
    return read_cases(bundle, table, root, label, jobs=jobs, track=track).predictions


def read_cases(
    bundle: Bundle,
    table: Table,
    root: Path,
    label: str,
    *,
    jobs: int = 1,
    track: Track = untracked,
) -> Read:
    """Read every study of a table with a bundle.

    The table says what is true of a case; inference gets the files, and the body part as a sender states it, so that the
    bundle's indication is checked as it is for a DICOM file. An image of unknown or several body parts is read.

    Args:
        bundle: verified.
        table: of the cases.
        root: folder that the table's paths start from.
        label: name of the label that the bundle's positive labels stand for.
        jobs: studies read at the same time.
        track: shows progress.

    Returns:
        Predictions, whose attributes say why an image has no probability (see ``predictions.refused``), with those of all
        labels where the bundle has several; boxes; and what the classifier alone said.

    Raises:
        DataError: there is no such label, or none of the files exists.
        BundleError: the bundle's graph cannot be run.
    """
    truth = table.label(label)
    groups = _studies(table)
    paths = [as_path(root, image) for image in table.images]
    if not any(paths[rows[0]].is_file() for rows in groups):
        raise DataError(
            "the images of the table are not there",
            expected=f"files below {root}",
            hint="Name their folder with --root.",
        )
    engine = InferenceEngine(bundle, threads=1 if jobs > 1 else None, all_boxes=True)
    both = bundle.manifest.graph is not None and bundle.manifest.detector is not None
    words = box_labels(bundle, table)
    parts = [None if part is None else BodyPart(part) for part in table.frame["body_part"].to_list()]
    studies = (
        Study(tuple(paths[row] for row in rows), body_parts=tuple(parts[row] for row in rows)) for rows in groups
    )
    probability, classifier = np.full(len(table), np.nan), np.full(len(table), np.nan)
    every = np.full((len(table), len(bundle.manifest.labels)), np.nan)
    marks: list[Mark] = []
    refused: list[tuple[Refusal, ...]] = [()] * len(table)
    failed: list[OsteonError | None] = [None] * len(table)
    outcomes = track(_light(engine, studies, jobs), "reading", len(groups))
    for rows, outcome in zip(groups, outcomes, strict=True):
        broken = {failure.source: failure.error for failure in outcome.failures}
        whole = [row for row in rows if str(paths[row]) not in broken]
        for row in rows:
            failed[row] = broken.get(str(paths[row]))
        reading = outcome.reading
        if reading is None:
            continue
        if both:
            classifier[whole] = _per_file(reading, reading.image_classifier, len(whole))
        probability[whole] = _per_file(reading, reading.image_probabilities, len(whole))
        for row, refusals in zip(whole, _refusals_per_file(reading, len(whole)), strict=True):
            if np.isnan(probability[row]):
                refused[row] = refusals
        for row, values in zip(whole, _labels_per_file(reading, len(whole), every.shape[1]), strict=True):
            every[row] = values
        marks += _marks(reading, whole, words)
    columns = attributes(table)
    columns |= {**refusal_columns(refused), **failed_columns(failed)}
    said = predictions(
        table.images,
        truth,
        probability,
        study=table.frame["study"].to_list(),
        cluster=clusters(table),
        attributes=columns,
    )
    said = replace(said, classes=_classes(bundle, table, every))
    return Read(said, tuple(marks), classifier if both else None)


def _classes(bundle: Bundle, table: Table, every: Floats) -> Classes | None:
    """What was said of each label, beside the table's labels of the same names; None for a bundle of one label."""
    names = tuple(label.name for label in bundle.manifest.labels)
    if len(names) < 2:
        return None
    exclusive = bundle.manifest.activation == "softmax"
    known = {name: table.label(slug(name)) for name in names if slug(name) in table.labels}
    detector = bundle.manifest.detector
    if detector is not None and detector.rest is not None and detector.rest in known:
        # Other kinds were learnt as this one, and are looked for as this one.
        others = _marked_otherwise(table, {label.name for label in detector.labels})
        known[detector.rest] = np.where(others, np.int8(1), known[detector.rest])
    return Classes(names, truths(names, known, len(table), exclusive=exclusive), every, exclusive)


def _marked_otherwise(table: Table, names: set[str]) -> Booleans:
    """Whether an image has a box of another label than these, (n,)."""
    own = names | {slug(name) for name in names}
    return np.array(
        [any(str(mark["label"]) not in own for mark in marks or ()) for marks in table.frame["boxes"].to_list()], bool
    )


def _labels_per_file(reading: Reading, files: int, labels: int) -> Floats:
    """Probability of each label in each file, (files, labels); of a file of several frames, those of its highest."""
    values = np.array(reading.image_labels, np.float64).reshape(-1, labels)
    if reading.call is Call.ABSTAIN or len(values) < files:
        return np.full((files, labels), np.nan)
    return values if len(values) == files else values[[int(np.nanargmax(reading.image_probabilities))]]


def box_labels(bundle: Bundle, table: Table) -> dict[str, str]:
    """The table's word for each label of the detector: the same, its slug, or the only one where both have only one."""
    detector = bundle.manifest.detector
    if detector is None:
        return {}
    marked = {str(mark["label"]) for marks in table.frame["boxes"].to_list() for mark in marks or ()}
    if len(detector.labels) == len(marked) == 1:
        return {detector.labels[0].name: marked.pop()}
    names = [label.name for label in detector.labels]
    return {name: name if name in marked else slug(name) for name in names}


def _marks(reading: Reading, rows: list[int], words: Mapping[str, str]) -> list[Mark]:
    """Boxes of a reading; those of several frames of one file lie on that file."""
    frames = len(reading.image_probabilities)
    return [
        Mark(rows[one.image] if frames == len(rows) else rows[0], words[one.label], one.box, one.score)
        for one in reading.findings
    ]


def _light(engine: InferenceEngine, studies: Iterator[Study], jobs: int) -> Iterator[Outcome]:
    """Outcomes without pixels, so that thousands of them fit in memory."""

    def drop(reading: Reading, _study: Study) -> Reading:
        return replace(reading, radiographs=(), heat_maps=())

    return read_studies(engine, studies, jobs, drop)


def _per_file(reading: Reading, images: Sequence[float], files: int) -> list[float]:
    """Probability of each file of a study from those of its images; several frames of one file count as their highest."""
    values = np.array(images)
    if reading.call is Call.ABSTAIN or len(values) < files:
        return [float("nan")] * files
    if len(values) == files:
        return values.tolist()
    if files == 1:
        return [float(np.nanmax(values))]
    raise DataError(
        "a study mixes files of one and of several frames", expected=f"{files} images", got=f"{len(values)}"
    )


def _refusals_per_file(reading: Reading, files: int) -> list[tuple[Refusal, ...]]:
    """Why each file of a study was not read; of a file of several frames, all that is said of its frames."""
    images = reading.image_refusals
    if len(images) == files:
        return [refusals or reading.refusals for refusals in images]
    joint = tuple(dict.fromkeys(refusal for refusals in images for refusal in refusals))
    return [joint or reading.refusals] * files


def _studies(table: Table) -> list[list[int]]:
    """Rows of each study, in the order in which studies first occur."""
    groups: dict[str, list[int]] = {}
    for row, study in enumerate(table.frame["study"].to_list()):
        groups.setdefault(study, []).append(row)
    return list(groups.values())


def clusters(table: Table) -> list[str]:
    """What intervals resample: rows that share a patient, study, near-duplicate cluster or run, also through others."""
    return [f"group {number}" for number in group_rows(table, known_groups(table)).tolist()]


def attributes(table: Table) -> dict[str, list[str]]:
    """Columns that make subgroups, as text; columns without any value are left out."""
    columns: dict[str, list[str]] = {}
    for name in ATTRIBUTES:
        values = table.frame[name].to_list()
        if any(value is not None for value in values):
            columns[name] = ["" if value is None else _word(value) for value in values]
    ages = table.frame["age"].to_list()
    if any(age is not None for age in ages):
        columns["age_band"] = age_bands(ages).tolist()
    return columns


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
