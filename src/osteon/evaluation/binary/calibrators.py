"""Calibration methods, fitted on validation predictions and compared on the test predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from osteon.core.calibration import Calibration
from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import guard
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.numbers import number
from osteon.html.parts import box, cell, figure_cell, paragraph, row, table
from osteon.html.plot_style import POINTS, QUIET, STYLE, new_axes, unit_square
from osteon.stats.bootstrap import defined, figure, replicate
from osteon.stats.calibration import calibrated, fit_sigmoid, fit_softmax, sigmoid
from osteon.stats.checks import Floats
from osteon.stats.recalibration.slope import EDGE, Intercept, Slope, log_odds
from osteon.stats.reliability import Reliability, fit_isotonic, reliability_bins
from osteon.stats.statistic import Difference, Joint, Mean, Named, Statistic

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


class Method(StrEnum):
    """Ways to calibrate; the values stand in the names of figures."""

    GIVEN = "given"
    NONE = "none"
    TEMPERATURE = "temperature"
    PLATT = "platt"
    ISOTONIC = "isotonic"


TITLES: Final = {
    Method.GIVEN: "as given",
    Method.NONE: "none",
    Method.TEMPERATURE: "temperature",
    Method.PLATT: "Platt",
    Method.ISOTONIC: "isotonic",
}
COLUMNS: Final = {
    "brier": "Brier score",
    "brier_change": "its change from as given",
    "log_loss": "Log loss",
    "ece": "Expected calibration error",
    "slope": "Slope",
    "intercept": "Intercept",
    "in_the_large": "Observed less expected",
    "observed_expected": "Observed / expected",
}


class CalibratedVariant(NamedTuple):
    """Probabilities of the test cases under one calibration method.

    Attributes:
        method: how they were calibrated; its value stands in the names of figures.
        probability: (n,).
        fitted: what was fitted on validation data; None where nothing was, or it is no temperature.
    """

    method: Method
    probability: Floats
    fitted: Calibration | None = None

    @property
    def title(self) -> str:
        """The method with what was fitted, for the legend of a plot."""
        if self.fitted is None:
            return TITLES[self.method]
        heat = f"temperature {self.fitted.temperature:.2f}"
        if self.method is Method.TEMPERATURE:
            return heat
        return f"{heat} and shift {number(self.fitted.bias, signed=True, digits=2)} ({TITLES[self.method]})"

    @property
    def description(self) -> str:
        """The title with an explanation, for a table."""
        return f"{self.title}: the network's own output" if self.method is Method.NONE else self.title


def calibrated_variants(
    test: Predictions, validation: Predictions | None, calibration: Calibration | None = None
) -> tuple[CalibratedVariant, ...]:
    """The test predictions under each calibration method.

    Args:
        test: complete rows.
        validation: on which temperature, shift and isotonic map are fitted; without it these are left out.
        calibration: that was applied to the predictions, if known; it is inverted to show the network's own
            output, and a temperature is fitted to that.
    """
    found = [CalibratedVariant(Method.GIVEN, test.probability)]
    odds = log_odds(test.probability)
    if calibration is not None:
        odds = (odds - calibration.bias) * calibration.temperature
        found.append(CalibratedVariant(Method.NONE, sigmoid(odds)))
    if validation is None:
        return tuple(found)
    known = validation.complete()
    before = log_odds(known.probability)
    if calibration is not None:
        before = (before - calibration.bias) * calibration.temperature
    truth = known.label
    try:
        # A single temperature equals that of a softmax over the logits 0 and z.
        heat = fit_softmax(truth, np.stack([np.zeros(len(before)), before], axis=1))
        found.append(CalibratedVariant(Method.TEMPERATURE, calibrated(odds, heat), heat))
    except DataError:
        # Perfectly separated validation classes determine no temperature; the other methods remain.
        pass
    try:
        line = fit_sigmoid(truth, before)
        found.append(CalibratedVariant(Method.PLATT, calibrated(odds, line), line))
    except DataError:
        pass
    steps = fit_isotonic(truth, before)
    found.append(CalibratedVariant(Method.ISOTONIC, np.clip(steps.apply(odds), 0.0, 1.0)))
    return tuple(found)


def calibration_section(
    test: Predictions, validation: Predictions | None, settings: Settings, calibration: Calibration | None = None
) -> Section | None:
    """Compare calibration methods on the test predictions; None where there is nothing to compare.

    Args:
        test: complete rows, of both classes.
        validation: predictions that they are fitted on.
        settings: of the intervals.
        calibration: that was applied to the predictions.
    """
    compared = calibrated_variants(test, validation, calibration)
    if len(compared) < 2:
        return None
    figures = _figures(test, compared, settings)
    n = 0 if validation is None else len(validation.complete())
    fitted = f"Fitted on {n:,} validation images, compared" if n else "Compared"
    text_above = (
        f"{fitted} on the {len(test):,} test images, on the same resamples. Methods differ where the interval of the "
        "change excludes 0; a Brier score and a log loss are better when lower, a slope near 1, an intercept (with the "
        "slope fixed at 1) near 0. "
        "The shipped calibration was chosen before the test and is not changed by this table."
    )
    plot = Plot(
        _plot(test, compared), "Tenths of the cases; on the dashed line the probability equals the observed share."
    )
    return Section(
        title="Calibrations compared",
        content=paragraph(text_above) + box(_table(compared, figures), "scroll"),
        plots={"calibrations": plot},
        figures=figures,
    )


class BrierChange:
    """``brier_change``: the Brier score of a calibration less that of another, of the same cases."""

    names: tuple[str, ...] = ("brier_change",)

    def __init__(self, changed: Reliability, given: Reliability) -> None:
        """Take both reliabilities."""
        self._difference = Difference(changed, given)
        self._column = self._difference.names.index("brier")
        self.n = self._difference.n

    def __call__(self, weights: Floats) -> Floats:
        """The difference for each row of weights, (rows, 1)."""
        return self._difference(weights)[:, [self._column]]


def _figures(test: Predictions, compared: Sequence[CalibratedVariant], settings: Settings) -> dict[str, Estimate]:
    first = Reliability(test.label, compared[0].probability)
    parts: list[Statistic] = []
    for variant in compared:
        own = Reliability(test.label, variant.probability)
        parts.append(Named(variant.method, own))
        clipped = np.clip(variant.probability, EDGE, 1 - EDGE)
        parts.append(Named(variant.method, Mean("log_loss", -np.log(np.where(test.label == 1, clipped, 1 - clipped)))))
        parts.append(Named(variant.method, Intercept(test.label, variant.probability)))
        if np.ptp(variant.probability) > 0:
            parts.append(Named(variant.method, Slope(test.label, variant.probability)))
        if variant.method is not Method.GIVEN:
            parts.append(Named(variant.method, BrierChange(own, first)))
    replicates = replicate(Joint(parts), clusters=test.cluster, resamples=settings.resamples, seed=settings.seed)
    found = {f"calibration.{name}": figure(replicates, name, level=settings.level) for name in defined(replicates)}
    known = guard(test)
    return {name: known.applied(name, estimate) for name, estimate in found.items()}


def _table(compared: Sequence[CalibratedVariant], figures: Mapping[str, Estimate]) -> str:
    rows = [
        row(
            [
                cell(variant.description, "group"),
                *(
                    figure_cell(
                        figures.get(f"calibration.{variant.method}.{column}"),
                        signed=column == "brier_change",
                        stacked=True,
                    )
                    for column in COLUMNS
                ),
            ]
        )
        for variant in compared
    ]
    return table(("calibration", *COLUMNS.values()), rows, caption="Each calibration on the test images")


def _plot(test: Predictions, compared: Sequence[CalibratedVariant]) -> Drawing:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        drawing, axes = new_axes("Reliability of each calibration", "Mean predicted probability", "Observed share")
        axes.plot([0, 1], [0, 1], color=QUIET, lw=0.9, ls=(0, (4, 3)))
        colours = ("#1f5fa8", *POINTS)
        for variant, colour, mark in zip(compared, colours, "osD^v", strict=False):
            bins = reliability_bins(test.label, variant.probability, bins=10)
            axes.plot(
                [bin_.predicted for bin_ in bins],
                [bin_.observed.value for bin_ in bins],
                marker=mark,
                ms=4.5,
                lw=1.3,
                color=colour,
                label=variant.title,
            )
        unit_square(axes)
        axes.legend(loc="upper left", fontsize=8)
    return drawing
