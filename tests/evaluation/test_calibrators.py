"""Calibrations compared: fitted on validation, judged on the test; each is the single function's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from osteon.core.calibration import Calibration
from osteon.evaluation.binary.calibrators import calibrated_variants, calibration_section
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.plots import all_plots
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.stats.calibration import calibrated
from osteon.stats.checks import Floats
from osteon.stats.recalibration.slope import log_odds
from osteon.stats.reliability import brier

QUICK = Settings(resamples=150)
Draw = Callable[..., tuple[Floats, Floats]]


def table(draw_cases: Draw, seed: int, heat: float) -> Predictions:
    """400 cases whose log odds were multiplied by ``heat``: too sure where it is above 1."""
    labels, scores = draw_cases(n=400, seed=seed, prevalence=0.5, distance=1.0)
    return predictions(
        [f"{i}" for i in range(400)],
        labels.astype(int),
        calibrated(2 * heat * log_odds(scores), Calibration(temperature=1)),
    )


def test_temperature_undoes_too_much_certainty(draw_cases: Draw) -> None:
    test, validation = table(draw_cases, 1, 3.0), table(draw_cases, 2, 3.0)
    found = {way.method: way for way in calibrated_variants(test, validation)}
    assert set(found) == {"given", "temperature", "platt", "isotonic"}
    before = brier(test.label, test.probability)
    for name in ("temperature", "platt", "isotonic"):
        assert brier(test.label, found[name].probability) < before - 0.01
    section = calibration_section(test, validation, QUICK)
    assert section is not None
    change = section.figures["calibration.temperature.brier_change"]
    assert change.high < 0
    assert section.figures["calibration.given.slope"].value < 0.5
    assert section.figures["calibration.temperature.slope"].value == pytest.approx(1, abs=0.25)
    assert "Platt" in section.content


def test_isotonic_is_scikit_learns(draw_cases: Draw) -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    test, validation = table(draw_cases, 3, 1.5), table(draw_cases, 4, 1.5)
    ours = next(way.probability for way in calibrated_variants(test, validation) if way.method == "isotonic")
    peer = isotonic.IsotonicRegression(out_of_bounds="clip").fit(log_odds(validation.probability), validation.label)
    np.testing.assert_allclose(ours, peer.predict(log_odds(test.probability)), atol=1e-9)


def test_what_a_bundle_did_can_be_taken_back(draw_cases: Draw) -> None:
    test = table(draw_cases, 5, 1.0)
    shipped = Calibration(temperature=2.0, bias=0.5)
    raw = (log_odds(test.probability) - 0.5) * 2.0
    none = next(way for way in calibrated_variants(test, None, shipped) if way.method == "none")
    np.testing.assert_allclose(log_odds(none.probability), np.clip(raw, log_odds(np.zeros(1)), log_odds(np.ones(1))))
    assert calibration_section(test, None, QUICK) is None


def test_separated_validation_fixes_no_temperature(draw_cases: Draw) -> None:
    test = table(draw_cases, 6, 1.0)
    labels = np.arange(40) % 2
    apart = predictions([f"{i}" for i in range(40)], labels, 0.2 + 0.6 * labels + np.arange(40) / 1000)
    names = [way.method for way in calibrated_variants(test, apart)]
    assert "temperature" not in names
    assert "isotonic" in names


@pytest.mark.parametrize(("positives", "smooth"), [(60, True), (9, False)])
def test_the_diagram_has_bins_and_where_cases_suffice_a_curve(positives: int, smooth: bool) -> None:
    random = np.random.default_rng(3)
    label = (np.arange(200) < positives).astype(int)
    cases = predictions([f"{i}" for i in range(200)], label, np.clip(0.3 * label + 0.6 * random.random(200), 0, 1))
    (axes,) = all_plots(cases, {}, ())["reliability"].axes
    labels = axes.get_legend_handles_labels()[1]
    assert ("smooth curve, 95 % band" in labels) == smooth
    assert "tenths of the cases, 95 % Wilson" in labels


def test_calibration_as_a_whole_is_compared_too() -> None:
    random = np.random.default_rng(3)
    probability = random.random(300)
    label = (random.random(300) < probability).astype(int)
    cases = predictions([f"{i}" for i in range(300)], label, probability)
    section = calibration_section(cases, cases, QUICK)
    assert section is not None
    for name in ("given", "platt", "isotonic"):
        one = section.figures[f"calibration.{name}.observed_expected"]
        chance = next(v.probability for v in calibrated_variants(cases, cases) if v.method == name)
        assert one.value == pytest.approx(label.mean() / chance.mean())
        assert one.ends is not None
    assert section.figures["calibration.isotonic.in_the_large"].value == pytest.approx(0, abs=1e-9)
