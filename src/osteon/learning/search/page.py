"""The page of a search: best settings, plots, what was tried, all trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from optuna.trial import FrozenTrial, TrialState

from osteon.evaluation.html.section import Plot
from osteon.html.parts import (
    DocumentSection,
    bold,
    box,
    bullets,
    caution,
    cell,
    code,
    document,
    joined,
    paragraph,
    picture,
    row,
    table,
)
from osteon.learning.search.result import OUTCOMES, SearchResult, figure, problem, settings_of, train_command
from osteon.learning.search.space import own_point
from osteon.learning.search.standing import original

MOST: Final = 200
"""Trials on the page; the table of all is ``trials.csv``."""

SYNTHETIC: Final = (
    "SYNTHETIC: searched on simulated radiographs. This shows only that the search runs: the best settings on phantoms "
    "are not the best on radiographs."
)

OPTIMISTIC: Final = (
    "The best of many figures on the same validation part is optimistic. The settings are evaluated once, on the test part, "
    "which no trial has used: train with the command above, then export and evaluate."
)


def html(found: SearchResult, drawn: Mapping[str, bytes], plots: Mapping[str, Plot]) -> str:
    """The page, which needs nothing else.

    Args:
        found: the trials.
        drawn: the plots as SVG.
        plots: with captions.
    """
    search = found.search
    pictures = {name: picture(content, "image/svg+xml", plots[name].caption, name) for name, content in drawn.items()}
    small = joined(*(shown for name, shown in pictures.items() if name != "slices"))
    wide = box(pictures["slices"], "wide") if "slices" in pictures else ""
    return document(
        f"{search.recipe.name}: search",
        [
            DocumentSection("Best settings", _best(found)),
            DocumentSection("Progress", joined(box(small, "plots"), wide)),
            DocumentSection("Search space", _space(found)),
            DocumentSection("Trials", _trials(found)),
            DocumentSection("How this was made", _made(found)),
        ],
        subtitle=f"{search.recipe.summary} Data: {search.source.words}. {found.words}.",
        lead=caution(SYNTHETIC) if search.source.simulated else "",
    )


def facts(found: SearchResult) -> tuple[str, ...]:
    """Remarks on the best figure."""
    first = next((trial for trial in found.complete if original(trial) == 0), None)
    own = own_point(found.search.recipe, found.search.dimensions)
    said: list[str] = []
    if first is not None and own is not None and found.best is not None:
        said.append(
            f"The recipe's own settings (trial 0): {_number(first.value)}; the best: {_number(found.best.value)} "
            f"(trial {original(found.best)})."
        )
    said.append(OPTIMISTIC)
    if not found.importances:
        said.append("Importances are not shown: there are too few complete trials, or they do not differ.")
    return tuple(said)


def _best(found: SearchResult) -> str:
    if found.best is None:
        return paragraph("No trial ran to its end.")
    search, trial = found.search, found.best
    rows = [row([cell(name), cell(value, "n")]) for name, value in (one.split("=", 1) for one in settings_of(trial))]
    value = bold(_number(trial.value))
    return joined(
        paragraph(joined(f"Trial {original(trial)}, {search.metric} ", value, " on the validation part.")),
        box(table(("setting", "best"), rows, "cells", caption="Settings of the best trial"), "scroll"),
        paragraph(code(train_command(search, trial))),
        paragraph(joined("The run of this trial is kept: ", code(f"trials/{original(trial):04d}"))),
        bullets(facts(found)),
    )


def _space(found: SearchResult) -> str:
    rows = [
        row([cell(key), cell(one.words()), cell(_share(found, one.name), "n")])
        for one in found.search.dimensions
        for key in (one.name.replace("+", " + "),)
    ]
    shown = table(("setting", "values", "importance"), rows, caption="What was searched", numbers=(False, False, True))
    return paragraph(found.search.space, "sub") + box(shown, "scroll")


def _share(found: SearchResult, name: str) -> str:
    return f"{found.importances[name]:.2f}" if name in found.importances else "–"


def _trials(found: SearchResult) -> str:
    keys = [dimension.keys[0] for dimension in found.search.dimensions]
    head = ("trial", "outcome", found.search.metric, *(key.rpartition(".")[2] for key in keys), "epochs", "time")
    rows = [_line(found, trial, keys) for trial in found.trials[:MOST]]
    rest = len(found.trials) - MOST
    more = paragraph(joined(f"And {rest:,} more: ", code("trials.csv"))) if rest > 0 else ""
    failed = [f"Trial {original(one)}: {problem(one)}" for one in found.trials if problem(one)][:20]
    return joined(box(table(head, rows, caption="Trials"), "scroll"), more, bullets(failed) if failed else "")


def _line(found: SearchResult, trial: FrozenTrial, keys: list[str]) -> str:
    chosen = dict(setting.split("=", 1) for setting in settings_of(trial))
    value = figure(trial)
    took = trial.duration.total_seconds() if trial.duration else 0.0
    cells = [
        cell(str(original(trial))),
        cell(OUTCOMES[trial.state], "n"),
        cell("–" if value is None else _number(value), "n"),
        *(cell(chosen.get(key, "–"), "n") for key in keys),
        cell(str(len(trial.intermediate_values)), "n"),
        cell(f"{took:,.0f} s", "n"),
    ]
    name = "head" if trial is found.best else "small" if trial.state != TrialState.COMPLETE else ""
    return row(cells, name)


def _made(found: SearchResult) -> str:
    search = found.search
    sampler = "grid" if search.sampler == "grid" else "tree-structured Parzen estimator (TPE)"
    stopped = (
        "After a quarter of the epochs a trial whose best figure so far is worse than the median of the complete trials "
        "at the same epoch is stopped; the first four are not."
        if search.prune
        else "No trial is stopped early."
    )
    lines = [
        f"Sampler: {sampler}, seed {search.seed}; all runs have the same seed.",
        f"Figure: the best {search.metric} of the last phase on the validation part, as the recipe selects its epoch.",
        stopped,
        "The test part is never used.",
    ]
    changed = [f"Set for all trials: {', '.join(search.settings)}."] if search.settings else []
    return paragraph(code(search.command)) + bullets([*lines, *changed])


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
