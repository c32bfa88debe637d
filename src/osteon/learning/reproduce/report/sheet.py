"""The content of a reproduction's report, whatever it is written as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osteon.evaluation.claims.cells import metric_label
from osteon.evaluation.claims.claims import Claims
from osteon.evaluation.html.section import Plot
from osteon.html.numbers import between, number, p_value
from osteon.learning.recipe import Budget, Paper
from osteon.learning.reproduce.jobs.queue import FailedRun
from osteon.learning.reproduce.planning.plan import changed, changes, short
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.reproduce.results.comparison import Answer
from osteon.learning.reproduce.results.outcomes import Variant


@dataclass(frozen=True)
class Sheet:
    """Everything that the report shows.

    Attributes:
        paper: that is reproduced.
        budget: that was run.
        source: of the cases.
        tables: the paper's, with ours.
        answers: to its questions.
        found: variants with finished runs.
        failures: runs that failed.
        plots: by name, with captions.
        chance: mAP at IoU 0.5 of random boxes; None where there is no detector.
        command: that makes all of it.
        out: folder of the reproduction.
    """

    paper: Paper
    budget: Budget
    source: Source
    tables: tuple[Claims, ...]
    answers: tuple[Answer, ...]
    found: tuple[Variant, ...]
    failures: tuple[FailedRun, ...]
    plots: Mapping[str, Plot]
    chance: float | None
    command: str
    out: Path

    @property
    def title(self) -> str:
        """Of the page."""
        return f"{self.paper.name}, reproduced: budget {self.budget.name}"


def answer_words(answer: Answer) -> tuple[str, ...]:
    """A line for each figure of an answer; none where it has none."""
    return tuple(
        f"{pair.first} less {pair.second}, {metric_label(pair.figure)}: {number(pair.values[0])} less "
        f"{number(pair.values[1])} = {number(pair.difference.value, signed=True)} "
        f"({between(pair.difference, signed=True)})"
        + ("" if pair.test is None else f", p {p_value(pair.test.p)}, after Holm {p_value(pair.test.adjusted)}")
        for pair in answer.pairs
    )


def changed_rows(sheet: Sheet) -> list[tuple[str, str, str, str]]:
    """What the budget changes: recipes, key, the paper's value, ours; recipes with the same change on one row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    originals = {short(sheet.paper, recipe): recipe for recipe in sheet.paper.variants}
    for variant in sheet.found:
        for key, (old, new) in changed(originals[variant.name], variant.recipe).items():
            rows.setdefault((key, _value(old), _value(new)), []).append(variant.name)
    everyone = len(sheet.found)
    return [
        ("all" if len(names) == everyone else ", ".join(names), key, old, new)
        for (key, old, new), names in rows.items()
    ]


def reasons(sheet: Sheet) -> tuple[str, ...]:
    """Why the budget changes what it changes, and what it leaves out."""
    run = [variant.name for variant in sheet.found]
    every = [short(sheet.paper, recipe) for recipe in sheet.paper.variants]
    kept = {
        change.why: None
        for variant in sheet.found
        for change in changes(sheet.paper, variant.runs[0].work.recipe, sheet.budget)
    }
    left = [name for name in every if name not in run]
    said = list(kept)
    if left:
        said.append(f"Not run: {', '.join(left)}.")
    counts = sorted({len(variant.runs) for variant in sheet.found})
    if counts:
        said.append(f"Seeds: {' or '.join(map(str, counts))}.")
    said.append(f"Intervals: {sheet.budget.resamples:,} resamples.")
    return tuple(said)


def _value(value: object) -> str:
    if value is None:
        return "–"
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)
