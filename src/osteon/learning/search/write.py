"""The files of a search: page, plots, table of trials, and the best settings for programs."""

from __future__ import annotations

import csv
import io
from typing import Any

from osteon.data.files.atomic import write_text
from osteon.evaluation.drawing.files import write_plots
from osteon.learning.runs.write import write_json
from osteon.learning.search.page import html
from osteon.learning.search.plots import all_plots
from osteon.learning.search.result import OUTCOMES, SearchResult, figure, problem, settings_of, train_command
from osteon.learning.search.standing import original


def write(found: SearchResult) -> None:
    """Write ``report.html``, ``plots/``, ``trials.csv`` and ``best.json``.

    Raises:
        OSError: they cannot be written.
    """
    out = found.search.out
    plots = all_plots(found)
    drawn = write_plots({name: plot.drawing for name, plot in plots.items()}, out / "plots")
    (out / "report.html").write_text(html(found, drawn, plots), encoding="utf-8")
    write_text(out / "trials.csv", table(found))
    write_json(out / "best.json", record(found))


def table(found: SearchResult) -> str:
    """All trials as CSV, the best first."""
    keys = [key for dimension in found.search.dimensions for key in dimension.keys]
    stream = io.StringIO()
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(["trial", "outcome", found.search.metric, *keys, "epochs", "seconds", "problem"])
    for trial in found.trials:
        chosen = dict(setting.split("=", 1) for setting in settings_of(trial))
        took = trial.duration.total_seconds() if trial.duration else 0.0
        lines.writerow(
            [
                original(trial),
                OUTCOMES[trial.state],
                figure(trial),
                *(chosen.get(key, "") for key in keys),
                len(trial.intermediate_values),
                f"{took:.1f}",
                problem(trial),
            ]
        )
    return stream.getvalue()


def record(found: SearchResult) -> dict[str, Any]:
    """The best settings as JSON holds them."""
    search, trial = found.search, found.best
    return {
        "recipe": search.recipe.name,
        "simulated": search.source.simulated,
        "data": search.source.words,
        "data_sha256": search.source.digest,
        "metric": search.metric,
        "part": "val",
        "value": None if trial is None else trial.value,
        "trial": None if trial is None else original(trial),
        "settings": [] if trial is None else list(settings_of(trial)),
        "fixed": list(search.settings),
        "seed": search.seed,
        "train": None if trial is None else train_command(search, trial),
        "command": search.command,
        "sampler": search.sampler,
        "prune": search.prune,
        "space": {dimension.name: dimension.words() for dimension in search.dimensions},
        "space_source": search.space,
        "trials": {name: found.count(state) for state, name in OUTCOMES.items()},
        "importances": dict(found.importances),
    }
