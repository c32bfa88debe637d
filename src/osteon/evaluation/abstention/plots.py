"""The risk-coverage curve with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.plot_style import INK, MODEL, QUIET, STYLE, new_axes
from osteon.stats.bootstrap import replicate
from osteon.stats.selective import RiskAt
from osteon.stats.utility import risk_coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_GRID = np.linspace(0.05, 1.0, 39)
"""Shares of the cases at which the band is drawn; below it a handful of cases make the curve."""

_MOST = 2_000
"""Resamples of the band: its ends are looked at, not read off."""


def coverage_plot(cases: Predictions, threshold: float, settings: Settings) -> Drawing:
    """Risk over coverage with its band, and the curve of a certainty that ranks every error last.

    Args:
        cases: with label and probability.
        threshold: that splits the calls.
        settings: of the band.
    """
    import matplotlib as mpl

    curve = risk_coverage(cases.label, cases.probability, threshold)
    found = replicate(
        RiskAt(cases.label, cases.probability, threshold, _GRID),
        clusters=cases.cluster,
        resamples=min(settings.resamples, _MOST),
        seed=settings.seed,
    )
    low, high = np.nanquantile(found.draws, [(1 - settings.level) / 2, (1 + settings.level) / 2], axis=0)
    right = 1 - float(curve.risk[-1])
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes(
            "Risk and coverage, with interval", "Share of cases kept, the most certain first", "Wrong calls among them"
        )
        axes.fill_between(_GRID, low, high, color=MODEL, alpha=0.15, lw=0)
        axes.step(curve.coverage, curve.risk, where="post", color=MODEL, lw=1.8, label=f"area {curve.area:.3f}")
        kept = np.linspace(max(right, 0.01), 1, 50)
        axes.plot([0, *kept], [0, *(1 - right / kept)], color=INK, lw=1, ls=(0, (4, 3)), label="least possible")
        axes.axhline(curve.risk[-1], color=QUIET, lw=0.9, ls=(0, (1, 2)), label="certainty without knowledge")
        axes.set_xlim(0, 1.01)
        axes.set_ylim(0, max(0.02, 1.6 * float(curve.risk[-1]), float(np.nanmax(high)) * 1.15))
        axes.legend(loc="upper left")
    return drawing
