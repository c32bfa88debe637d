"""What the finished runs of a plan measured, variant by variant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osteon.core.estimate import Estimate
from osteon.evaluation.compare.seeds import SeedSummary, summarise
from osteon.evaluation.compare.sources import evaluated, table_in, thresholds_in
from osteon.evaluation.predictions.boxfiles import read_boxes
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Predictions, read_predictions
from osteon.learning.recipe import AnyRecipe
from osteon.learning.reproduce.planning.plan import Work

STUDY = "study."


@dataclass(frozen=True)
class Outcome:
    """A finished run.

    Attributes:
        work: the run.
        figures: by name; of studies under the names of images where the network sees the views of a study at once.
        predictions: of the test part.
        thresholds: by operating point.
        done: the content of ``done.json``.
        boxes: found and marked, of the rows of the predictions; None of a classifier.
    """

    work: Work
    figures: Mapping[str, Estimate]
    predictions: Predictions
    thresholds: Mapping[str, float]
    done: Mapping[str, Any]
    boxes: Detections | None

    @property
    def validation(self) -> float:
        """Estimate of the validation part by which the epoch was chosen; higher is better."""
        value = float(self.done["validation"])
        return value if self.work.recipe.selection.mode == "max" else -value


@dataclass(frozen=True)
class Variant:
    """A recipe and its finished runs.

    Attributes:
        name: short name.
        recipe: with the settings of the budget.
        runs: one for each seed; at least one.
    """

    name: str
    recipe: AnyRecipe
    runs: tuple[Outcome, ...]

    @property
    def figures(self) -> dict[str, SeedSummary]:
        """Figures over the seeds."""
        return summarise([run.figures for run in self.runs])

    @property
    def validation(self) -> float:
        """Mean over the seeds of the figure of the validation part; higher is better."""
        return sum(run.validation for run in self.runs) / len(self.runs)

    @property
    def cases(self) -> int:
        """Cases of the test part: studies where the network sees all images of one at once, else images."""
        table = self.runs[0].predictions
        return len(set(table.study.tolist())) if self.recipe.images.together else len(table)


def outcome(work: Work) -> Outcome:
    """Read a finished run.

    Raises:
        DataError: its evaluation cannot be read.
    """
    figures = evaluated(work.evaluation).figures
    if work.recipe.images.together:
        figures |= {name.removeprefix(STUDY): one for name, one in figures.items() if name.startswith(STUDY)}
    said = read_predictions(table_in(work.evaluation))
    return Outcome(
        work=work,
        figures=figures,
        predictions=said,
        thresholds=thresholds_in(work.evaluation),
        done=json.loads(work.done.read_text(encoding="utf-8")),
        boxes=read_boxes(work.evaluation, said.image.tolist()),
    )


def gather(works: Sequence[Work]) -> tuple[Variant, ...]:
    """The variants that have finished runs, in the order of the plan."""
    found: dict[str, list[Outcome]] = {}
    for work in works:
        if work.done.is_file():
            found.setdefault(work.name, []).append(outcome(work))
    return tuple(Variant(name, runs[0].work.recipe, tuple(runs)) for name, runs in found.items())


def folder_of(work: Work, out: Path) -> str:
    """A run's folder as the report names it."""
    return work.folder.relative_to(out).as_posix()
