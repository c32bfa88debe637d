"""The comparison of a round: candidate and live bundle on both test sets, on corrupted images, in time and memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

import osteon
from osteon.bundle.archive import Bundle
from osteon.bundle.promotion.plan import LOCAL, OLD, Plan
from osteon.bundle.promotion.record import Comparison, SetFigures
from osteon.data.datasets import read
from osteon.data.duplicates.duplicates import with_clusters
from osteon.data.files.names import as_path
from osteon.data.table.table import Table
from osteon.evaluation.inference.overlap import fingerprint, refuse_training_files
from osteon.evaluation.inference.run_reader import read_table
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.promotion.cost import measure_cost
from osteon.evaluation.promotion.paired import Pair, paired_figures, subgroup_figures
from osteon.evaluation.promotion.robust import robustness
from osteon.evaluation.report.run import points_of
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.inputs.image_cache import Track
from osteon.learning.recipe import Recipe


class Facts(NamedTuple):
    """What earlier steps know.

    Attributes:
        names: images of the test sets, by set.
        trained: images in training and validation, by origin.
        share: of new images in an epoch.
        barred: images that were kept out, by reason.
        start: what each network started from.
        began: when training began.
        cautions: codes.
    """

    names: Mapping[str, list[str]]
    trained: dict[str, int]
    share: float
    barred: dict[str, int]
    start: tuple[str, ...]
    began: datetime
    cautions: tuple[str, ...]


def compare_bundles(
    folder: Path,
    candidate: tuple[Bundle, Path],
    live: tuple[Bundle, Path],
    plan: Plan,
    recipe: Recipe,
    facts: Facts,
    track: Track,
) -> Comparison:
    """Measure both on the test sets of a round.

    Args:
        folder: of the round.
        candidate: with its file.
        live: with its file.
        plan: that was fixed before.
        recipe: of the candidate: which label of the table is positive.
        facts: of the steps before.
        track: shows progress.

    Raises:
        DataError: a test image is among those that a bundle was trained on.
    """
    root = folder / "dataset"
    table = read("listed", root)
    measured: list[SetFigures] = []
    every: list[Predictions] = []
    for name in (LOCAL, OLD):
        images = facts.names.get(name, [])
        if not images:
            continue
        part, label = with_truth(with_clusters(table.select(images), root, method="hash"), recipe)
        pair = _read(candidate[0], live[0], part, root, label, track)
        every.append(pair.candidate)
        groups, small = subgroup_figures(pair, plan)
        measured.append(
            SetFigures(
                name=name,
                images=len(part),
                positives=int((pair.candidate.label == 1).sum()),
                clusters=len(np.unique(pair.candidate.cluster)),
                both=int(pair.both.sum()),
                sha256=_content(root, images),
                figures=paired_figures(pair, plan),
                subgroups=groups,
                small=small,
            )
        )
    cases = _joined(every)
    files = [as_path(root, image) for image in cases.image.tolist()]
    return Comparison(
        made=datetime.now(UTC),
        osteon=osteon.__version__,
        candidate=candidate[0].manifest.identity,
        candidate_digest=candidate[0].digest,
        live=live[0].manifest.identity,
        live_digest=live[0].digest,
        plan=plan,
        plan_digest=plan.digest,
        training_began=facts.began,
        same_task=same_task(candidate[0], live[0]),
        live_gated=live[0].manifest.gate is not None,
        start=facts.start,
        trained=facts.trained,
        share=facts.share,
        barred=facts.barred,
        sets=tuple(measured),
        robustness=robustness(candidate[0], live[0], root, cases, plan, track),
        cost=measure_cost(candidate[1], live[1], files, seed=plan.seed, level=plan.level),
        cautions=facts.cautions,
    )


def same_task(candidate: Bundle, live: Bundle) -> bool:
    """Whether a candidate gives all that the live bundle gives: labels, boxes, views."""
    mine, theirs = candidate.manifest, live.manifest
    boxes = [() if one.detector is None else one.detector.labels for one in (mine, theirs)]
    return (
        [label.name for label in mine.labels] == [label.name for label in theirs.labels]
        and (mine.graph is None) == (theirs.graph is None)
        and [label.name for label in boxes[0]] == [label.name for label in boxes[1]]
        and mine.views == theirs.views
    )


def _read(candidate: Bundle, live: Bundle, table: Table, root: Path, label: str, track: Track) -> Pair:
    paths = [as_path(root, image) for image in table.images]
    for bundle in (candidate, live):
        refuse_training_files(bundle, paths)
    said = [read_table(bundle, table, root, label, track=track) for bundle in (candidate, live)]
    points = [{name: one.threshold for name, one in points_of(bundle).items()} for bundle in (candidate, live)]
    return Pair(said[0], said[1], points[0], points[1])


def _joined(every: list[Predictions]) -> Predictions:
    """All test images as one table; clusters of different sets are different ones."""
    return predictions(
        [image for one in every for image in one.image.tolist()],
        np.concatenate([one.label for one in every]),
        np.concatenate([one.probability for one in every]),
        study=[f"{number} {name}" for number, one in enumerate(every) for name in one.study.tolist()],
        cluster=[f"{number} {name}" for number, one in enumerate(every) for name in one.cluster.tolist()],
    )


def _content(root: Path, images: list[str]) -> str:
    lines = sorted(f"{fingerprint(as_path(root, image))} {image}" for image in images)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
