"""What was refused, and what would be gained by refusing more of the least certain cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.core.estimate import Estimate
from osteon.data.table.table import Table
from osteon.evaluation.abstention.plots import coverage_plot
from osteon.evaluation.binary.averages import average
from osteon.evaluation.binary.measure import Settings, middle
from osteon.evaluation.html.section import Plot, Section, Track
from osteon.evaluation.predictions.predictions import Predictions
from osteon.evaluation.predictions.refused import Cause, counted, failed, refused
from osteon.html.parts import box, cell, figure_cell, paragraph, row
from osteon.html.parts import table as table_of
from osteon.stats.bootstrap import bootstrap
from osteon.stats.selective import Excess, RiskAt
from osteon.stats.utility import Selective

COVERAGES: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Shares of the cases at which the risk is stated."""


class CauseCount(NamedTuple):
    """How many images a cause left without a probability.

    Attributes:
        cause: a code of refusals or of files.
        n: images.
        positive: of them with the label.
        negative: of them without it.
    """

    cause: Cause
    n: int
    positive: int
    negative: int

    @property
    def heading(self) -> str:
        """The cause in words."""
        return f"not readable: {self.cause.heading}" if self.cause.unreadable else self.cause.heading


def cause_counts(predictions: Predictions) -> tuple[CauseCount, ...]:
    """Causes for which images got no probability, the most frequent first; an image with two causes counts in both."""
    pairs = zip(refused(predictions), failed(predictions), strict=True)
    found = counted((*refusals, *problems) for refusals, problems in pairs)
    return tuple(
        CauseCount(
            cause, len(rows), int((predictions.label[rows] == 1).sum()), int((predictions.label[rows] == 0).sum())
        )
        for cause, rows in found.items()
    )


@dataclass(frozen=True)
class Abstention:
    """The analysis of what was refused and of what might be."""

    def __call__(
        self, bundle: Bundle, table: Table, root: Path, predictions: Predictions, track: Track, settings: Settings
    ) -> Section:
        """Measure it; see :class:`~osteon.evaluation.html.section.Analysis`. Nothing is read again."""
        del table, root, track
        points = bundle.manifest.operating_points
        thresholds = {"doubt": points.doubt.threshold, "definite": points.definite.threshold}
        return abstention_section(predictions, thresholds, settings)


def abstention_section(predictions: Predictions, thresholds: Mapping[str, float], settings: Settings) -> Section:
    """Refusals and the risk-coverage curve of predictions, also of other systems.

    Raises:
        DataError: no row is complete.
    """
    figures = abstention_figures(predictions, thresholds, settings)
    found = cause_counts(predictions)
    threshold = middle(thresholds)
    plots: dict[str, Plot] = {}
    complete = predictions.complete()
    if len(np.unique(complete.cluster)) > 1:
        plots["abstention"] = Plot(
            coverage_plot(complete, threshold, settings),
            f"Wrong calls at {threshold:.3f} among the most certain cases, with the 95 % interval; dashed: a certainty "
            "that ranks every error last.",
        )
    return Section(
        title="Abstention",
        content=_refused(predictions, found, figures) + _risk(figures, threshold),
        plots=plots,
        figures=figures,
        card=_card(figures),
    )


def abstention_figures(
    predictions: Predictions, thresholds: Mapping[str, float], settings: Settings
) -> dict[str, Estimate]:
    """Coverage, risk at fixed shares of the cases that were read, and the area with its excess.

    ``abstention.coverage`` is the share of the images that got a probability; ``abstention.excess_aurc`` is the area less
    that of a certainty which ranks all right calls above all wrong ones (Geifman, Uziel and El-Yaniv, ICLR 2019).
    """
    found: dict[str, Estimate] = {}
    coverage = average(predictions.read.astype(np.float64), predictions.cluster, settings)
    if coverage is not None:
        found["abstention.coverage"] = coverage
    complete = predictions.complete()
    if len(np.unique(complete.cluster)) < 2:
        return found
    threshold = middle(thresholds)
    for statistic in (
        Selective(complete.label, complete.probability, threshold),
        RiskAt(complete.label, complete.probability, threshold, COVERAGES),
        Excess(complete.label, complete.probability, threshold),
    ):
        of = bootstrap(
            statistic,
            clusters=complete.cluster,
            resamples=settings.resamples,
            seed=settings.seed,
            level=settings.level,
        )
        found |= {f"abstention.{name}": figure for name, figure in of.items()}
    return found


def _refused(predictions: Predictions, found: tuple[CauseCount, ...], figures: Mapping[str, Estimate]) -> str:
    if not found:
        return paragraph(f"All {len(predictions):,} images were read; none was refused.")
    rows = [row([cell(cause.heading), *(cell(f"{count:,}", "n") for count in cause[1:])]) for cause in found]
    coverage = figures.get("abstention.coverage")
    words = f"{int((~predictions.read).sum()):,} of {len(predictions):,} images got no probability."
    if coverage is not None:
        words += f" Share that was read: {coverage.value:.3f} ({coverage.between})."
    return paragraph(words) + box(
        table_of(("reason", "images", "positive", "negative"), rows, caption="Reasons for refusal"), "wide"
    )


def _risk(figures: Mapping[str, Estimate], threshold: float) -> str:
    rows = [
        row(
            [
                cell(f"the {100 * share:g} % most certain" if share < 1 else "all"),
                figure_cell(figures.get(f"abstention.risk_at.{share:g}")),
            ]
        )
        for share in COVERAGES
        if f"abstention.risk_at.{share:g}" in figures
    ]
    for key, words in (("aurc", "area under the curve"), ("excess_aurc", "above the least possible area")):
        if f"abstention.{key}" in figures:
            rows.append(row([cell(words), figure_cell(figures[f"abstention.{key}"])]))
    if not rows:
        return ""
    words = (
        f"Wrong calls at {threshold:.3f} among the images that were read, if only the most certain were kept; certainty "
        "is the distance of the log odds from the threshold's."
    )
    return paragraph(words) + box(
        table_of(("kept", "share of wrong calls"), rows, caption="Risk at fixed coverage"), "wide"
    )


def _card(figures: Mapping[str, Estimate]) -> str:
    names = {f"abstention.risk_at.{share:g}": f"wrong calls, {100 * share:g} % kept" for share in COVERAGES}
    names |= {"abstention.coverage": "share of images read", "abstention.aurc": "area under risk-coverage"}
    lines = [
        f"| {words} | {one.value:.3f} | {one.between} | {one.n:,} |"
        for name, words in names.items()
        if (one := figures.get(name)) is not None
    ]
    return "\n".join(["| figure | value | interval | n |", "|---|---|---|---|", *lines]) if lines else ""
