"""Plots of agreement as SVG: alpha of every label, kappa of every pair, readers against the consensus, over time."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from osteon.clinic.annotation.agreement.overlap import ANY
from osteon.clinic.annotation.agreement.records import Agreement, AgreementRow, Compared, Level
from osteon.core.errors import OsteonError
from osteon.core.estimate import Estimate
from osteon.html.plot_style import INK, QUIET, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = ("#1f5fa8", "#c2410c", "#0f766e", "#be185d", "#7c3aed", "#64748b", "#b45309")
"""Colours that can be distinguished with red-green colour blindness and in greyscale print."""

MARKERS: Final = "osD^vPX"

CAPTIONS: Final = {
    "labels": "Krippendorff's alpha of all readers with 95 % intervals over patients; labels without a value are left out.",
    "pairs": "Cohen's kappa of each two readers, the mean over labels that have one.",
    "froc": "Each reader against the consensus, regions of all labels; bars are 95 % intervals.",
    "time": "Krippendorff's alpha by the month in which the last read of a study was finished.",
}
"""What each plot shows."""


def agreement_plots(agreement: Agreement) -> dict[str, bytes]:
    """SVG by name; only plots that have something to show.

    Raises:
        OsteonError: Matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise OsteonError(
            "plots need Matplotlib, which is not installed", hint="pip install 'osteon[evaluate]'"
        ) from error
    drawers: dict[str, Callable[[Agreement], Figure | None]] = {
        "labels": _labels,
        "pairs": _pairs,
        "froc": _froc,
        "time": _time,
    }
    drawn: dict[str, bytes] = {}
    with mpl.rc_context(STYLE):
        for name, draw in drawers.items():
            figure = draw(agreement)
            if figure is not None:
                stream = io.BytesIO()
                figure.savefig(stream, format="svg", metadata={"Date": None})
                drawn[name] = stream.getvalue()
    return drawn


def _axes(title: str, x: str, size: tuple[float, float]) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, pad=10)
    axes.set_xlabel(x)
    return figure, axes


def value_of(row: AgreementRow, name: str) -> Estimate | None:
    """A figure of a row; None where it has no value."""
    figure = row.figures.get(name)
    return None if figure is None else figure.estimate


def finest(agreement: Agreement) -> Level:
    """The level that plots show: images where they are judged, else studies."""
    return Level.IMAGE if agreement.select(Compared.ALL, Level.IMAGE) else Level.STUDY


def _labels(agreement: Agreement) -> Figure | None:
    level = finest(agreement)
    titles = {variable.id: variable.title for variable in agreement.variables[level]}
    found = [
        (titles[row.variable], estimate)
        for row in agreement.select(Compared.ALL, level)
        if (estimate := value_of(row, "alpha")) is not None
    ]
    if not found:
        return None
    figure, axes = _axes(f"Agreement by label, per {level}", "Krippendorff's alpha", (6.4, 1.1 + 0.3 * len(found)))
    for place, (_, estimate) in enumerate(found):
        low, high = estimate.ends or (estimate.value, estimate.value)
        axes.plot([low, high], [place, place], color=COLOURS[0], lw=1.6)
        inside = COLOURS[0] if estimate.ends else "white"
        axes.plot([estimate.value], [place], "o", color=COLOURS[0], ms=6, markerfacecolor=inside)
    axes.set_yticks(range(len(found)), [title for title, _ in found])
    axes.invert_yaxis()
    axes.axvline(0, color=QUIET, lw=0.8)
    lowest = min((estimate.ends or (estimate.value,))[0] for _, estimate in found)
    axes.set_xlim(min(-0.05, lowest - 0.05), 1.03)
    return figure


def _pairs(agreement: Agreement) -> Figure | None:
    kappas: dict[tuple[str, str], list[float]] = {}
    for row in agreement.select(Compared.PAIR, finest(agreement)):
        estimate = value_of(row, "kappa")
        if estimate is not None:
            first, second = row.readers
            kappas.setdefault((first, second), []).append(estimate.value)
    readers = sorted({reader for pair in kappas for reader in pair})
    if len(readers) < 3:
        return None
    grid = np.full((len(readers), len(readers)), np.nan)
    for (first, second), values in kappas.items():
        i, j = readers.index(first), readers.index(second)
        grid[i, j] = grid[j, i] = float(np.mean(values))
    side = 2.2 + 0.45 * len(readers)
    figure, axes = _axes("Kappa of pairs", "", (side + 0.8, side))
    shown = axes.imshow(grid, cmap="cividis", vmin=min(0.0, float(np.nanmin(grid))), vmax=1)
    axes.grid(visible=False)
    axes.set_xticks(range(len(readers)), readers, rotation=40, ha="right")
    axes.set_yticks(range(len(readers)), readers)
    for (i, j), value in np.ndenumerate(grid):
        if np.isfinite(value):
            axes.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8, color="w" if value < 0.6 else INK)
    figure.colorbar(shown, ax=axes, shrink=0.8)
    return figure


def _froc(agreement: Agreement) -> Figure | None:
    rows = agreement.select(Compared.CONSENSUS, Level.REGION)
    every = [row for row in rows if row.variable == ANY] or list(rows)
    figure, axes = _axes("Regions against the consensus", "Regions per image that are not in it", (5.4, 4.2))
    shown = False
    for place, row in enumerate(every):
        for iou, marker in ((30, "o"), (50, "s")):
            hit, false = value_of(row, f"sensitivity_{iou}"), value_of(row, f"false_per_image_{iou}")
            if hit is None or false is None:
                continue
            shown = True
            colour = COLOURS[place % len(COLOURS)]
            label = f"{row.readers[0]}, IoU {iou / 100:g}"
            axes.errorbar(
                [false.value],
                [hit.value],
                xerr=_bars(false),
                yerr=_bars(hit),
                fmt=marker,
                color=colour,
                ms=6,
                lw=1,
                mfc=colour if iou == 30 else "white",
                label=label,
            )
    if not shown:
        return None
    axes.set_ylabel("Sensitivity for regions of the consensus")
    axes.set_ylim(-0.02, 1.03)
    axes.set_xlim(left=0)
    if len(every) <= 8:
        axes.legend(loc="lower right")
    return figure


def _bars(estimate: Estimate) -> list[list[float]] | None:
    if estimate.ends is None:
        return None
    low, high = estimate.ends
    return [[max(0.0, estimate.value - low)], [max(0.0, high - estimate.value)]]


def _time(agreement: Agreement) -> Figure | None:
    level = finest(agreement)
    rows = agreement.select(Compared.PERIOD, level)
    periods = sorted({row.period for row in rows})
    if len(periods) < 2:
        return None
    titles = {variable.id: variable.title for variable in agreement.variables[level]}
    series: dict[str, list[float]] = {}
    for row in rows:
        estimate = value_of(row, "alpha")
        if estimate is not None:
            series.setdefault(row.variable, [float("nan")] * len(periods))[periods.index(row.period)] = estimate.value
    if not series:
        return None
    figure, axes = _axes(f"Agreement over time, per {level}", "", (6.4, 3.6))
    _lines(axes, periods, {titles[name]: values for name, values in list(series.items())[: len(COLOURS)]})
    axes.set_ylabel("Krippendorff's alpha")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _lines(axes: Axes, periods: Sequence[str], series: dict[str, list[float]]) -> None:
    for place, (title, values) in enumerate(series.items()):
        axes.plot(range(len(periods)), values, marker=MARKERS[place], color=COLOURS[place], lw=1.4, ms=5, label=title)
    axes.set_xticks(range(len(periods)), periods)
    axes.set_ylim(top=1.03)
