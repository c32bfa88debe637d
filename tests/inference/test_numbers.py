"""Calibration, pooling, calls and heat maps against numbers worked out by hand."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.bundle.manifest import Label
from osteon.core.calibration import Calibration
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.imaging.preprocess import Preprocessing, place_on_canvas
from osteon.inference.networks.calibrate import positive, probabilities
from osteon.inference.networks.heat import heat_map, strength
from osteon.inference.pool import call, pool
from osteon.outputs.drawing.colour import WARM

YES, NO = Label(name="fracture", code=None, positive=True), Label(name="no", code=None, positive=False)


def test_sigmoid_is_calibrated_by_temperature_and_bias() -> None:
    values = probabilities(np.array([[3.0]], np.float32), Calibration(temperature=2.0, bias=-0.5), "sigmoid")
    assert values[0, 0] == pytest.approx(1 / (1 + math.exp(-1.0)))


def test_softmax_is_calibrated_by_temperature() -> None:
    values = probabilities(np.array([[2.0, 4.0, 0.0]], np.float32), Calibration(temperature=2.0), "softmax")
    raised = [math.exp(1), math.exp(2), 1.0]
    np.testing.assert_allclose(values[0], np.array(raised) / sum(raised))


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_extreme_logits_overflow_nowhere(activation: str) -> None:
    logits = np.array([[-1e4, 1e4]], np.float32)
    values = probabilities(logits, Calibration(temperature=0.05), activation)  # pyright: ignore[reportArgumentType]
    np.testing.assert_allclose(values, [[0.0, 1.0]])


def test_positive_labels_are_added_under_softmax_and_the_highest_taken_under_sigmoid() -> None:
    values = np.array([[0.2, 0.5, 0.3]])
    labels = (YES, NO, YES)
    assert positive(values, labels, "softmax")[0] == pytest.approx(0.5)
    assert positive(values, labels, "sigmoid")[0] == pytest.approx(0.3)


def test_pooling_leaves_out_what_was_not_read() -> None:
    labels = np.array([[0.1, 0.9], [np.nan, np.nan], [0.7, 0.3]])
    positives = labels[:, 0]
    best, highest = pool(labels, positives, "max")
    assert highest == pytest.approx(0.7)
    np.testing.assert_allclose(best, [0.7, 0.3])
    average, mean = pool(labels, positives, "mean")
    assert mean == pytest.approx(0.4)
    np.testing.assert_allclose(average, [0.4, 0.6])
    with pytest.raises(ValueError, match="at least one"):
        pool(labels[1:2], positives[1:2], "max")


def test_a_probability_on_a_threshold_belongs_to_the_upper_side() -> None:
    assert [call(p, 0.2, 0.8) for p in (0.0, 0.199, 0.2, 0.79, 0.8, 1.0)] == [
        Call.NO_FRACTURE,
        Call.NO_FRACTURE,
        Call.DOUBT,
        Call.DOUBT,
        Call.FRACTURE,
        Call.FRACTURE,
    ]
    assert call(0.0, 0.0, 0.0) is Call.FRACTURE


@given(probability=st.floats(0, 1), doubt=st.floats(0, 1), share=st.floats(0, 1))
def test_only_films_at_or_above_doubt_are_coloured(
    blobs: ModuleType, probability: float, doubt: float, share: float
) -> None:
    points = blobs.manifest().operating_points
    definite = doubt + share * (1 - doubt)
    points = points.model_copy(
        update={
            "doubt": points.doubt.model_copy(update={"threshold": doubt}),
            "definite": points.definite.model_copy(update={"threshold": definite}),
        }
    )
    scale = strength(probability, points)
    assert 0.0 <= scale <= 1.0
    if call(probability, doubt, definite) is Call.NO_FRACTURE:
        assert scale <= WARM
    else:
        assert scale >= WARM


def test_a_heat_map_lies_over_the_source(blobs: ModuleType) -> None:
    points = blobs.manifest().operating_points
    how = Preprocessing(64, 64, "letterbox", 1, 0.0, 1.0)
    raw = np.zeros((8, 8), np.float32)
    raw[3, 4] = 5.0
    heat = heat_map(raw, 0.8, points, place_on_canvas((128, 64), how), how, "fracture", 2)
    assert heat.extent == Box(-32.0, 0.0, 96.0, 128.0)
    assert (heat.label, heat.image) == ("fracture", 2)
    assert heat.values.dtype == np.float32
    assert heat.values[3, 4] == 1.0
    assert heat.values.sum() == 1.0


def test_an_empty_map_stays_empty(blobs: ModuleType) -> None:
    how = Preprocessing(64, 64, "stretch", 1, 0.0, 1.0)
    points, placement = blobs.manifest().operating_points, place_on_canvas((100, 50), how)
    heat = heat_map(np.zeros((8, 8), np.float32), 1.0, points, placement, how, "fracture", 0)
    assert not heat.values.any()
    assert heat.extent == Box(0.0, 0.0, 50.0, 100.0)
