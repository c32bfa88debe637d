"""What figures cannot say of themselves: what was evaluated, on what, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

import osteon
from osteon.bundle.archive import Bundle
from osteon.core.geometry import Box
from osteon.data.files.names import as_path
from osteon.data.splits.leakage import known_groups
from osteon.data.table.table import Table
from osteon.evaluation.binary.subgroups import SMALL
from osteon.evaluation.html.section import Picture
from osteon.evaluation.inference.failures import pictures, worst
from osteon.evaluation.inference.overlap import check_overlap, overlap_sentence
from osteon.evaluation.predictions.predictions import Predictions
from osteon.evaluation.predictions.refused import counted, failed, refused
from osteon.evaluation.report.checklist import checklist
from osteon.evaluation.report.ledger import TestPart
from osteon.evaluation.report.result import Evaluation


@dataclass(frozen=True)
class ReportContext:
    """What stands beside the figures.

    Attributes:
        title: what was evaluated.
        subtitle: on what.
        about: facts, by name.
        cautions: what limits the figures, a sentence each.
        errors: wrong calls, the worst first.
        checklist: topics of reporting guidelines, and where each is answered, or empty.
        part: the cases, as the ledger tells them apart; None where nobody asked.
    """

    title: str
    subtitle: str
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    cautions: Sequence[str] = ()
    errors: Sequence[Picture] = ()
    checklist: Sequence[tuple[str, str]] = ()
    part: TestPart | None = None


def bundle_context(
    bundle: Bundle, table: Table, root: Path, evaluation: Evaluation, *, part: str, command: str, faults: int = 6
) -> ReportContext:
    """What stands beside the figures of a bundle.

    Args:
        bundle: that was evaluated.
        table: of the cases.
        root: folder that the table's paths start from.
        evaluation: of them.
        part: which part of the data they are.
        command: that repeats this evaluation.
        faults: how many missed cases, and how many false alarms, are shown.
    """
    manifest = bundle.manifest
    predictions = evaluation.predictions
    overlap = check_overlap(bundle, [as_path(root, image) for image in table.images])
    about = {
        "System": f"{manifest.identity}: {manifest.summary}",
        "SHA-256": bundle.digest,
        "Read by": f"osteon {osteon.__version__}, with the deployed inference pipeline",
        "Data": f"{table.dataset}, {part}",
        "Licence": _licences(table),
        **counts(predictions),
        **groups(table),
        "Overlap with training": overlap_sentence(overlap),
        "Command": command,
    }
    cautions = [] if overlap.excluded else [overlap_sentence(overlap)]
    cautions += unnamed_patients(table) + evaluation_cautions(evaluation)
    errors: tuple[Picture, ...] = ()
    if evaluation.binary:
        complete = predictions.complete()
        found = worst(complete, {name: point.threshold for name, point in evaluation.points.items()}, faults)
        errors = pictures(bundle, complete, root, found, _annotated(table))
    return ReportContext(
        title=f"{manifest.name} {manifest.version}",
        subtitle=f"Evaluated on {measured(evaluation):,} images of {table.dataset}, {part}",
        about=about,
        cautions=tuple(cautions),
        errors=errors,
        checklist=checklist(manifest, evaluation),
    )


def _annotated(table: Table) -> dict[str, list[Box]]:
    """Boxes that readers annotated, by image."""
    return {
        image: [Box(mark["x0"], mark["y0"], mark["x1"], mark["y1"]) for mark in marks or ()]
        for image, marks in zip(table.images, table.frame["boxes"].to_list(), strict=True)
    }


def predictions_context(
    name: str,
    evaluation: Evaluation,
    *,
    command: str,
    table: Table | None = None,
    part: str = "",
    remarks: Sequence[str] = (),
) -> ReportContext:
    """What stands beside the figures of another system's predictions or detections.

    Args:
        name: of the file.
        evaluation: of them.
        command: that repeats this evaluation.
        table: of the cases, where the truth came from one.
        part: which part of the data they are.
        remarks: further cautions.
    """
    place = "a table of predictions" if table is None else f"{table.dataset}, {part}"
    about = {"System": f"predictions of {name}"}
    if table is not None:
        about |= {"Data": place, "Licence": _licences(table), **groups(table)}
    return ReportContext(
        title=name,
        subtitle=f"Evaluated on {measured(evaluation):,} images of {place}",
        about={**about, **counts(evaluation.predictions), "Command": command},
        cautions=(
            "These are predictions from a file: whether the system saw these cases in training cannot be known.",
            *remarks,
            *([] if table is None else unnamed_patients(table)),
            *evaluation_cautions(evaluation),
        ),
        checklist=checklist(None, evaluation),
    )


def measured(evaluation: Evaluation) -> int:
    """Images that figures are made of."""
    table = evaluation.predictions
    if evaluation.binary:
        return len(table.complete())
    return int(table.classes.usable().sum()) if table.classes is not None else len(table)


def counts(table: Predictions) -> dict[str, str]:
    """Images, studies and groups, and what was refused, as facts."""
    positive, known = int((table.label == 1).sum()), int(table.labelled.sum())
    negative, unknown = known - positive, len(table) - known
    studies, groups = len(np.unique(table.study)), len(np.unique(table.cluster))
    words = f"{positive:,} positive, {negative:,} negative, {unknown:,} unlabelled"
    if not known and table.classes is not None:
        words = f"{int(table.classes.usable().sum()):,} read, with a known class"
    found = {
        "Images": f"{len(table):,}: {words}",
        "Studies": f"{studies:,}, in {groups:,} groups; intervals resample these groups",
    }
    for causes, word in ((refused(table), "Refused"), (failed(table), "Not readable")):
        words = "; ".join(f"{cause.heading} ({len(rows):,})" for cause, rows in counted(causes).items())
        if words:
            found[word] = f"{sum(map(bool, causes)):,}: {words}"
    return found


GROUPS: Final = {
    "patient": "patients",
    "study": "studies",
    "cluster": "near-duplicates",
    "run": "runs of image numbers of one body part",
    "lookalike": "look-alikes",
}
"""What a column that groups images stands for."""


def groups(table: Table) -> dict[str, str]:
    """What the groups that intervals resample are made of, as a fact; nothing where each image stands alone."""
    found = known_groups(table)
    return {"Groups": f"images are kept together by {joined_words(found)}"} if found else {}


def joined_words(columns: Sequence[str]) -> str:
    """Columns that group images, in words."""
    words = [GROUPS[name] for name in columns]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _licences(table: Table) -> str:
    return ", ".join(sorted(set(table.frame["licence"].to_list())))


def unnamed_patients(table: Table) -> list[str]:
    """A caution where the data name no patients."""
    if table.frame["patient"].null_count() < len(table):
        return []
    found = known_groups(table)
    resampled = f"groups of {joined_words(found)}" if found else "single images"
    return [
        (
            f"The data name no patients. Intervals resample {resampled}, so they may be too narrow, and "
            "images of one patient may lie in training and test."
        )
    ]


def evaluation_cautions(evaluation: Evaluation) -> list[str]:
    """Cautions that follow from the figures: cases left out, small groups, figures without a value."""
    table = evaluation.predictions
    found: list[str] = []
    left = len(table) - measured(evaluation)
    if left:
        positive = int(((table.label == 1) & ~table.read).sum())
        found.append(
            f"{left:,} of {len(table):,} images are not in the figures: refused, not readable or not labelled; "
            f"{positive:,} of them are positive."
        )
    small = [f"{group.attribute.replace('_', ' ')}: {group.value}" for group in evaluation.groups if group.warning]
    if small:
        found.append(f"Groups with fewer than {SMALL} positive or negative cases: {', '.join(small)}.")
    if evaluation.undefined:
        found.append(f"Without a value here: {', '.join(evaluation.undefined)}.")
    bare = {name: one for name, one in evaluation.headline.items() if one.ends is None}
    for reason in dict.fromkeys(one.method for one in bare.values()):
        names = ", ".join(name for name, one in bare.items() if one.method == reason)
        found.append(f"{names}: {reason}. The value says nothing of how the figure would differ on other cases.")
    return found
