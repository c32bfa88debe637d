"""A paper from its recipes to its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.html.section import Plot
from osteon.learning.recipe import Budget, Paper
from osteon.learning.reproduce.jobs.queue import FailedRun
from osteon.learning.reproduce.planning.plan import Work
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.reproduce.report.plots import OF_BOXES, beside_plot, box_plots, differences_plot, variant_plots
from osteon.learning.reproduce.report.sheet import Sheet
from osteon.learning.reproduce.report.tables import TableContext, tables
from osteon.learning.reproduce.results.comparison import answers
from osteon.learning.reproduce.results.outcomes import gather
from osteon.learning.reproduce.results.random_baseline import random_baseline


def sheet(
    paper: Paper,
    budget: Budget,
    source: Source,
    works: Sequence[Work],
    failures: Sequence[FailedRun],
    out: Path,
    *,
    command: str,
    root: str,
) -> Sheet:
    """Gather the results and compare them with the paper's.

    Args:
        paper: that is reproduced.
        budget: that was run.
        source: of the cases.
        works: of the plan.
        failures: runs that failed.
        out: folder of the reproduction.
        command: that makes all of it.
        root: the same without the choice of recipes, from which the command of a single one is made.
    """
    found = gather(works)
    failed = {one.work.name: one.problem for one in failures}
    commands = {work.name: f"{root} --only {work.name}" for work in works}
    # That of the first detector: images and labels, and so the baseline, are the same for all of them.
    baseline = next((value for value in map(random_baseline, found) if value is not None), None)
    remarks = (
        ()
        if baseline is None
        else (f"mAP, IoU 0.5, of random boxes of the training part: {baseline:.4f} (random baseline).",)
    )
    made = tables(TableContext(paper, budget, source, commands, failed, remarks), found)
    given = answers(paper.contrasts, found, Settings(resamples=budget.resamples))
    note = "SYNTHETIC data." if source.simulated else ""
    plots: dict[str, Plot] = {}
    beside = beside_plot(made, simulated=source.simulated)
    if beside is not None:
        plots["beside"] = Plot(beside, f"The first figure of each recipe: the paper's and ours. {note}".strip())
    boxes = beside_plot(made, simulated=source.simulated, metric=OF_BOXES)
    if boxes is not None:
        plots["beside_boxes"] = Plot(boxes, f"Average precision of each detector: the paper's and ours. {note}".strip())
    differences = differences_plot(given)
    if differences is not None:
        plots["differences"] = Plot(differences, f"With 95 % intervals; blue where they exclude 0. {note}".strip())
    for name, (_, plot) in variant_plots(found, note).items():
        plots[name] = plot
    plots |= box_plots(found, note)
    return Sheet(paper, budget, source, made, given, found, tuple(failures), plots, baseline, command, out)
