"""From a bundle, or from another system's predictions, to an evaluation and what must be said beside it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

import osteon
from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import OperatingPoint
from osteon.data.table import Table
from osteon.evaluation.checklist import checklist
from osteon.evaluation.failures import pictures, worst
from osteon.evaluation.measure import Settings
from osteon.evaluation.operating import at_sensitivity, at_specificity, youden
from osteon.evaluation.overlap import check_overlap
from osteon.evaluation.predictions import Predictions
from osteon.evaluation.reading import Track, read_table, untracked
from osteon.evaluation.result import Evaluation, Story, evaluate
from osteon.evaluation.subgroups import SMALL


def points_of(bundle: Bundle) -> dict[str, OperatingPoint]:
    """The bundle's own operating points, fixed on its validation data."""
    points = bundle.manifest.operating_points
    return {"doubt": points.doubt, "definite": points.definite}


def points_from(
    validation: Predictions, *, sensitivity: float = 0.95, specificity: float = 0.95
) -> dict[str, OperatingPoint]:
    """Operating points for predictions that come without: chosen on validation predictions, to be carried over.

    Raises:
        DataError: no row is complete, or there is only one class.
    """
    complete = validation.complete()
    label, probability = complete.label, complete.probability
    return {
        "sensitive": at_sensitivity(label, probability, sensitivity),
        "youden": youden(label, probability),
        "specific": at_specificity(label, probability, specificity),
    }


def evaluate_table(
    bundle: Bundle,
    table: Table,
    root: Path,
    label: str,
    *,
    jobs: int = 1,
    track: Track = untracked,
    settings: Settings | None = None,
) -> Evaluation:
    """Read the cases of a table with a bundle, as the clinic reads them, and measure what it said.

    Args:
        bundle: verified.
        table: of cases that the bundle was not made with.
        root: folder that the table's paths start from.
        label: name of the label that the bundle's positive labels stand for.
        jobs: studies read at the same time.
        track: shows progress.
        settings: of the intervals.

    Raises:
        DataError: the bundle was made with some of these files, the label is absent, or nothing can be measured.
        BundleError: the bundle's graph cannot be run.
    """
    check_overlap(bundle, [root / image for image in table.images])
    found = read_table(bundle, table, root, label, jobs=jobs, track=track)
    return evaluate(found, points_of(bundle), pooling=bundle.manifest.pooling, settings=settings)


def bundle_story(
    bundle: Bundle, table: Table, root: Path, evaluation: Evaluation, *, part: str, command: str, faults: int = 6
) -> Story:
    """What stands beside the figures of a bundle.

    Args:
        bundle: that was evaluated.
        table: of the cases.
        root: folder that the table's paths start from.
        evaluation: of them.
        part: which part of the data they are.
        command: that makes this evaluation again.
        faults: how many missed cases, and how many false alarms, are shown.
    """
    manifest = bundle.manifest
    predictions = evaluation.predictions
    complete = predictions.complete()
    overlap = check_overlap(bundle, [root / image for image in table.images])
    about = {
        "System": f"{manifest.identity}: {manifest.summary}",
        "SHA-256": bundle.digest,
        "Read by": f"osteon {osteon.__version__}, the same reader as `osteon read`",
        "Data": f"{table.dataset}, {part}",
        "Licence": ", ".join(sorted(set(table.frame["licence"].to_list()))),
        **_counts(predictions),
        "Overlap with training": overlap,
        "Command": command,
    }
    cautions = [] if "Byte for byte" in overlap else [overlap]
    if table.frame["patient"].null_count() == len(table):
        cautions.append(
            "The data name no patients. Intervals resample groups of near-duplicates, so they may be too narrow, and "
            "images of one patient may lie in training and test."
        )
    cautions += _cautions(evaluation)
    found = worst(complete, {name: point.threshold for name, point in evaluation.points.items()}, faults)
    return Story(
        title=f"{manifest.name} {manifest.version}",
        subtitle=f"Evaluated on {len(complete):,} images of {table.dataset}, {part}",
        about=about,
        cautions=tuple(cautions),
        wrong=pictures(bundle, complete, root, found),
        checklist=checklist(manifest, evaluation),
    )


def predictions_story(name: str, evaluation: Evaluation, *, command: str) -> Story:
    """What stands beside the figures of another system's predictions."""
    return Story(
        title=name,
        subtitle=f"Evaluated on {len(evaluation.predictions.complete()):,} images from a table of predictions",
        about={"System": f"predictions of {name}", **_counts(evaluation.predictions), "Command": command},
        cautions=(
            "These are predictions from a table: whether the system saw these cases in training cannot be known.",
            *_cautions(evaluation),
        ),
        checklist=checklist(None, evaluation),
    )


def _counts(table: Predictions) -> dict[str, str]:
    positive, known = int((table.label == 1).sum()), int(table.labelled.sum())
    negative, unknown = known - positive, len(table) - known
    studies, groups = len(np.unique(table.study)), len(np.unique(table.cluster))
    counts = {
        "Images": f"{len(table):,}: {positive:,} positive, {negative:,} negative, {unknown:,} unlabelled",
        "Studies": f"{studies:,}, in {groups:,} groups; intervals resample these groups",
    }
    for attribute, word in (("refused", "Refused"), ("failed", "Not readable")):
        reasons = Counter(str(reason) for reason in table.attributes.get(attribute, ()) if reason)
        if reasons:
            words = "; ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common())
            counts[word] = f"{reasons.total():,}: {words}"
    return counts


def _cautions(evaluation: Evaluation) -> list[str]:
    table = evaluation.predictions
    cautions: list[str] = []
    left = len(table) - len(table.complete())
    if left:
        positive = int(((table.label == 1) & ~table.read).sum())
        cautions.append(
            f"{left:,} of {len(table):,} images are not in the figures: refused, not readable or not labelled; "
            f"{positive:,} of them are positive."
        )
    small = [f"{group.attribute.replace('_', ' ')}: {group.value}" for group in evaluation.groups if group.warning]
    if small:
        cautions.append(f"Groups with fewer than {SMALL} positive or negative cases: {', '.join(small)}.")
    if evaluation.undefined:
        cautions.append(f"Without a value here: {', '.join(evaluation.undefined)}.")
    return cautions
