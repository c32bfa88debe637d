"""Ways to calibrate, fitted on validation predictions and compared on the test: what is gained, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from osteon.core.calibration import Calibration
from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.plots import POINTS, QUIET, STYLE, new_axes, unit_square
from osteon.evaluation.binary.spread import with_steady
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.numbers import number
from osteon.html.parts import box, cell, figure_cell, paragraph, row, table
from osteon.stats.bootstrap import defined, figure, replicate
from osteon.stats.calibration import calibrated, fit_sigmoid, fit_softmax, sigmoid
from osteon.stats.checks import Floats
from osteon.stats.recalibration import EDGE, Slope, log_odds
from osteon.stats.reliability import Reliability, fit_isotonic, reliability_bins
from osteon.stats.statistic import Difference, Joint, Mean, Named, Statistic

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

GIVEN: Final = "given"
COLUMNS: Final = {
    "brier": "Brier score",
    "brier_change": "its change against as given",
    "log_loss": "Log loss",
    "ece": "Expected calibration error",
    "slope": "Slope",
    "intercept": "Intercept",
}


class Way(NamedTuple):
    """Probabilities of the test cases, calibrated in some way.

    Attributes:
        name: in the names of figures.
        words: in the report.
        probability: (n,).
    """

    name: str
    words: str
    probability: Floats


def ways(test: Predictions, validation: Predictions | None, calibration: Calibration | None = None) -> tuple[Way, ...]:
    """Ways to calibrate the test predictions.

    Args:
        test: complete rows.
        validation: on which temperature, shift and isotonic map are fitted; without it there are none of them.
        calibration: that the predictions already went through, as far as it is known; it is taken back to show what
            the network itself says, and a temperature is fitted to that.
    """
    found = [Way(GIVEN, "as given", test.probability)]
    odds = log_odds(test.probability)
    if calibration is not None:
        odds = (odds - calibration.bias) * calibration.temperature
        found.append(Way("none", "none: the network's own output", sigmoid(odds)))
    if validation is None:
        return tuple(found)
    known = validation.complete()
    before = log_odds(known.probability)
    if calibration is not None:
        before = (before - calibration.bias) * calibration.temperature
    truth = known.label
    try:
        # One temperature is that of a softmax over the logits 0 and z.
        heat = fit_softmax(truth, np.stack([np.zeros(len(before)), before], axis=1))
        found.append(Way("temperature", f"temperature {heat.temperature:.2f}", calibrated(odds, heat)))
    except DataError:
        # Separated validation classes fix no temperature; the other ways stand.
        pass
    try:
        line = fit_sigmoid(truth, before)
        words = f"temperature {line.temperature:.2f} and shift {number(line.bias, signed=True, digits=2)} (Platt)"
        found.append(Way("platt", words, calibrated(odds, line)))
    except DataError:
        pass
    steps = fit_isotonic(truth, before)
    found.append(Way("isotonic", "isotonic", np.clip(steps.apply(odds), 0.0, 1.0)))
    return tuple(found)


def calibration_section(
    test: Predictions, validation: Predictions | None, settings: Settings, calibration: Calibration | None = None
) -> Section | None:
    """Compare ways to calibrate on the test; None where there is nothing to compare.

    Args:
        test: complete rows, of both classes.
        validation: on which they are fitted.
        settings: of the intervals.
        calibration: that the predictions already went through.
    """
    compared = ways(test, validation, calibration)
    if len(compared) < 2:
        return None
    figures = _figures(test, compared, settings)
    n = 0 if validation is None else len(validation.complete())
    fitted = f"Fitted on {n:,} validation images, compared" if n else "Compared"
    words = (
        f"{fitted} on the {len(test):,} test images, on the same resamples. Ways differ where the interval of the "
        "change leaves out 0; a Brier score and a log loss are better when lower, a slope near 1, an intercept near 0. "
        "What was shipped was chosen before the test and is not changed by this table."
    )
    plot = Plot(_plot(test, compared), "Tenths of the cases; on the dashed line a probability means what it says.")
    return Section(
        title="Calibrations compared",
        content=paragraph(words) + box(_table(compared, figures), "scroll"),
        plots={"calibrations": plot},
        figures=figures,
    )


def _figures(test: Predictions, compared: Sequence[Way], settings: Settings) -> dict[str, Estimate]:
    first = Reliability(test.label, compared[0].probability)
    parts: list[Statistic] = []
    for way in compared:
        own = Reliability(test.label, way.probability)
        parts.append(Named(way.name, own))
        held = np.clip(way.probability, EDGE, 1 - EDGE)
        parts.append(Named(way.name, Mean("log_loss", -np.log(np.where(test.label == 1, held, 1 - held)))))
        if np.ptp(way.probability) > 0:
            parts.append(Named(way.name, Slope(test.label, way.probability)))
        if way.name != GIVEN:
            parts.append(Named(f"{way.name}.change", Difference(own, first)))
    replicates = replicate(Joint(parts), clusters=test.cluster, resamples=settings.resamples, seed=settings.seed)
    found: dict[str, Estimate] = {}
    for name in defined(replicates):
        one = figure(replicates, name, level=settings.level)
        if not name.endswith("change.ece"):
            key = name.replace(".change.brier", ".brier_change")
            found[f"calibration.{key}"] = one
    return with_steady(found)


def _table(compared: Sequence[Way], figures: Mapping[str, Estimate]) -> str:
    rows = [
        row(
            [
                cell(way.words, "group"),
                *(
                    figure_cell(
                        figures.get(f"calibration.{way.name}.{column}"), signed=column == "brier_change", stacked=True
                    )
                    for column in COLUMNS
                ),
            ]
        )
        for way in compared
    ]
    return table(("calibration", *COLUMNS.values()), rows, caption="Each calibration on the test images")


def _plot(test: Predictions, compared: Sequence[Way]) -> Drawing:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        drawing, axes = new_axes("Reliability of each calibration", "Mean predicted probability", "Observed share")
        axes.plot([0, 1], [0, 1], color=QUIET, lw=0.9, ls=(0, (4, 3)))
        colours = ("#1f5fa8", *POINTS)
        for way, colour, mark in zip(compared, colours, "osD^v", strict=False):
            bins = reliability_bins(test.label, way.probability, bins=10)
            axes.plot(
                [one.predicted for one in bins],
                [one.observed.value for one in bins],
                marker=mark,
                ms=4.5,
                lw=1.3,
                color=colour,
                label=way.words.split(":")[0],
            )
        unit_square(axes)
        axes.legend(loc="upper left", fontsize=8)
    return drawing
