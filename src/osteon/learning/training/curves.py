"""Training curves of a run: loss and accuracy of both parts, and the learning rate, over all its phases.

They are read from the metrics that every attempt at a phase leaves in ``logs/csv``, so that a run that was interrupted has
the whole curve. They are drawn into the run's folder at its end, and before that after phases
that take their time, and into the report of ``osteon reproduce``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from osteon.data.files.atomic import replacing
from osteon.evaluation.drawing.files import both
from osteon.html.plot_style import INK, MODEL, POSITIVE, QUIET, STYLE
from osteon.learning.runs.run import Run
from osteon.learning.runs.write import RESUME

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RATE: Final = "lr-"
"""Begins the columns of learning rates, one for each group of parameters."""


@dataclass(frozen=True)
class PhaseCurve:
    """The epochs of one phase.

    Attributes:
        name: of the phase.
        epochs: the figures of each epoch, in order.
        chosen: index of the epoch whose weights were kept; None while the phase is not finished.
    """

    name: str
    epochs: tuple[Mapping[str, float], ...]
    chosen: int | None


def curves_of(run: Run) -> tuple[PhaseCurve, ...]:
    """The phases of a run that have begun, in order."""
    found: list[PhaseCurve] = []
    for phase in run.recipe.phases:
        rows: dict[int, dict[str, float]] = {}
        for path in _attempts(run.folder / "logs" / "csv", phase.name):
            for epoch, figures in _rows(path):
                rows.setdefault(epoch, {}).update(figures)
        if rows:
            done = run.phase_done(phase.name)
            epochs = sorted(rows)
            chosen = None if done is None or done["epoch"] not in rows else epochs.index(done["epoch"])
            found.append(PhaseCurve(phase.name, tuple(rows[epoch] for epoch in epochs), chosen))
    return tuple(found)


def draw_curves(curves: Sequence[PhaseCurve], metric: str, title: str) -> Figure:
    """Panels over the epochs of all phases: loss, accuracy, the figure that selects where it is another, learning rate.

    Args:
        curves: of the phases; at least one.
        metric: that selects the epoch.
        title: of the plot.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels: dict[str, tuple[str, ...]] = {
        "loss": ("train_loss", "val_loss"),
        "accuracy": ("train_accuracy", "val_accuracy"),
    }
    if not any(metric in names for names in panels.values()):
        panels[metric.removeprefix("val_")] = (metric,)
    known = {name for curve in curves for row in curve.epochs for name in row}
    panels = {label: names for label, names in panels.items() if known.intersection(names)}
    rates = sorted(name for name in known if name.startswith(RATE) and "-momentum" not in name)
    count = len(panels) + bool(rates)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 0.8 + 1.9 * max(1, count)), layout="constrained")
        axes = figure.subplots(max(1, count), 1, sharex=True, squeeze=False)[:, 0]
        axes[0].set_title(title, pad=10)
        for panel, (label, names) in zip(axes, panels.items(), strict=False):
            for name in names:
                part = "training" if name.startswith("train_") else "validation"
                _line(panel, curves, name, POSITIVE if part == "training" else MODEL, part)
            panel.set_ylabel(label.replace("_", " "))
            panel.legend(loc="best")
        if rates:
            for number, name in enumerate(rates):
                _line(axes[-1], curves, name, (INK, QUIET)[number % 2], "")
            axes[-1].set_yscale("log")
            axes[-1].set_ylabel("learning rate")
        axes[-1].set_xlabel("epoch")
        for panel in axes:
            _phases(panel, curves, named=panel is axes[0])
    return figure


def write_curves(run: Run) -> None:
    """Write ``curves.svg`` and ``curves.png`` into the run's folder; nothing where no epoch has ended or Matplotlib is missing.

    Raises:
        DataError: they cannot be written.
    """
    curves = curves_of(run)
    if not curves or find_spec("matplotlib") is None:
        return
    figure = draw_curves(curves, run.recipe.selection.metric, f"{run.recipe.name}, seed {run.seed}")
    for kind, content in zip(("svg", "png"), both(figure), strict=True):
        with replacing(run.folder / f"curves.{kind}", RESUME) as new:
            new.write_bytes(content)


def _attempts(folder: Path, phase: str) -> list[Path]:
    """Metrics of all attempts at a phase, in order; the logger calls them ``phase``, ``phase-2``, ``phase-3``."""
    names = re.compile(rf"{re.escape(phase)}(?:-(\d+))?")
    found = [(names.fullmatch(path.name), path / "metrics.csv") for path in folder.glob(f"{phase}*")]
    numbered = [(int(match[1] or 1), path) for match, path in found if match and path.is_file()]
    return [path for _, path in sorted(numbered)]


def _rows(path: Path) -> list[tuple[int, dict[str, float]]]:
    """Lines of a file of metrics: epoch, and the figures that the line has; an unfinished line is left out.

    Learning rates are written before their epoch begins, without its number.
    """
    found: list[tuple[int, dict[str, float]]] = []
    ahead: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                figures = {name: float(text) for name, text in row.items() if text and name not in ("epoch", "step")}
                if not row["epoch"]:
                    ahead |= figures
                    continue
                found.append((int(row["epoch"]), ahead | figures))
                ahead = {}
            except (KeyError, TypeError, ValueError):
                continue
    return found


def _line(axes: Axes, curves: Sequence[PhaseCurve], name: str, colour: str, label: str) -> None:
    """One figure over the epochs; phases are not joined."""
    begin = 1
    for curve in curves:
        points = [(begin + index, row[name]) for index, row in enumerate(curve.epochs) if name in row]
        if points:
            mark = "." if len(points) < 30 else ""
            axes.plot(*zip(*points, strict=True), color=colour, lw=1.6, marker=mark, label=label)
            label = ""
        begin += len(curve.epochs)


def _phases(axes: Axes, curves: Sequence[PhaseCurve], *, named: bool) -> None:
    """Where phases begin, and the epoch that each kept."""
    begin = 1
    for number, curve in enumerate(curves):
        if number:
            axes.axvline(begin - 0.5, color=QUIET, lw=0.9)
        if curve.chosen is not None:
            axes.axvline(begin + curve.chosen, color=INK, lw=0.9, ls=(0, (3, 3)))
        if named and len(curves) > 1:
            axes.annotate(
                curve.name, (begin - 0.4, 1.0), xycoords=("data", "axes fraction"), va="bottom", fontsize=8, color=QUIET
            )
        begin += len(curve.epochs)
