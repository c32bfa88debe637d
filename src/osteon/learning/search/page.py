"""The page of a search: best settings, plots, what was tried, all trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from optuna.trial import FrozenTrial, TrialState

from osteon.evaluation.html.page import box, bullets, cell, page, picture, row, section, table, text
from osteon.evaluation.html.section import Plot
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
    title = f"{search.recipe.name}: search"
    pictures = {name: picture(content, "image/svg+xml", plots[name].caption, name) for name, content in drawn.items()}
    small = "".join(shown for name, shown in pictures.items() if name != "slices")
    wide = pictures.get("slices", "")
    about = f"{search.recipe.summary} Data: {search.source.words}. {found.words}."
    body = [
        f'<h1>{text(title)}</h1><p class="sub">{text(about)}</p>',
        box(f"<b>{text(SYNTHETIC)}</b>", "caution") if search.source.simulated else "",
        section("Best settings", _best(found)),
        section("How it went", box(small, "plots") + (box(wide, "wide") if wide else "")),
        section("What was tried", _space(found)),
        section("Trials", _trials(found)),
        section("How this was made", _made(found)),
        "<footer>Made by osteon. Research software: not a medical device, not for diagnosis.</footer>",
    ]
    return page(title, "".join(body))


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
        return "<p>No trial ran to its end.</p>"
    search, trial = found.search, found.best
    rows = [
        row([cell(text(name)), cell(text(value), "n")])
        for name, value in (setting.split("=", 1) for setting in settings_of(trial))
    ]
    shown = (
        f"<p>Trial {original(trial)}, {text(search.metric)} <b>{_number(trial.value)}</b> on the validation part.</p>"
    )
    kept = f"trials/{original(trial):04d}"
    return (
        shown
        + box(table(("setting", "best"), rows, "cells"), "scroll")
        + f"<p><code>{text(train_command(search, trial))}</code></p>"
        + f"<p>The run of this trial is kept: <code>{text(kept)}</code></p>"
        + bullets(facts(found))
    )


def _space(found: SearchResult) -> str:
    rows = [
        row([cell(text(key)), cell(text(dimension.words())), cell(_share(found, dimension.name), "n")])
        for dimension in found.search.dimensions
        for key in (dimension.name.replace("+", " + "),)
    ]
    head = "<tr><th>setting</th><th>values</th><th class='n'>importance</th></tr>"
    body = table((), rows).replace("<tbody>", f"<thead>{head}</thead><tbody>", 1)
    return f'<p class="sub">{text(found.search.space)}</p>' + box(body, "scroll")


def _share(found: SearchResult, name: str) -> str:
    return f"{found.importances[name]:.2f}" if name in found.importances else "–"


def _trials(found: SearchResult) -> str:
    keys = [dimension.keys[0] for dimension in found.search.dimensions]
    head = ("trial", "outcome", found.search.metric, *(key.rpartition(".")[2] for key in keys), "epochs", "time")
    rows = [_line(found, trial, keys) for trial in found.trials[:MOST]]
    rest = len(found.trials) - MOST
    more = f"<p>And {rest:,} more: <code>trials.csv</code></p>" if rest > 0 else ""
    failed = [f"Trial {original(one)}: {problem(one)}" for one in found.trials if problem(one)][:20]
    return box(table(head, rows), "scroll") + more + (bullets(failed) if failed else "")


def _line(found: SearchResult, trial: FrozenTrial, keys: list[str]) -> str:
    chosen = dict(setting.split("=", 1) for setting in settings_of(trial))
    value = figure(trial)
    took = trial.duration.total_seconds() if trial.duration else 0.0
    cells = [
        cell(str(original(trial))),
        cell(text(OUTCOMES[trial.state]), "n"),
        cell("–" if value is None else _number(value), "n"),
        *(cell(text(chosen.get(key, "–")), "n") for key in keys),
        cell(str(len(trial.intermediate_values)), "n"),
        cell(f"{took:,.0f} s", "n"),
    ]
    name = "head" if trial is found.best else "small" if trial.state != TrialState.COMPLETE else ""
    return row(cells, name)


def _made(found: SearchResult) -> str:
    search = found.search
    how = "grid" if search.sampler == "grid" else "tree-structured Parzen estimator (TPE)"
    stopped = (
        "After a quarter of the epochs a trial whose best figure so far is worse than the median of the complete trials "
        "at the same epoch is stopped; the first four are not."
        if search.prune
        else "No trial is stopped early."
    )
    lines = [
        f"Sampler: {how}, seed {search.seed}; all runs have the same seed.",
        f"Figure: the best {search.metric} of the last phase on the validation part, as the recipe selects its epoch.",
        stopped,
        "The test part is never used.",
    ]
    changed = [f"Set for all trials: {', '.join(search.settings)}."] if search.settings else []
    return f"<p><code>{text(search.command)}</code></p>" + bullets([*lines, *changed])


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
