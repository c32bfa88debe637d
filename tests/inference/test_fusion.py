"""What two networks say together: by hand, and for whatever numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.bundle.manifest import Fusion
from osteon.core.calibration import Calibration
from osteon.core.geometry import Box
from osteon.core.records import Finding
from osteon.inference.fusion import best, kept, logit, mixed, rescaled, shared, survives

SHARE = st.floats(0, 1)
CALIBRATION = st.builds(Calibration, temperature=st.floats(0.2, 5), bias=st.floats(-3, 3))
FUSION = st.builds(
    Fusion,
    threshold=SHARE,
    rule=st.just("any"),
    alone=SHARE,
    weight=SHARE,
    calibration=st.just(Calibration(temperature=1)),
)


def finding(score: float, label: str = "fracture") -> Finding:
    return Finding(label, Box(0, 0, 1, 1), score)


def fusion(threshold: float = 0.3, weight: float = 0.5, temperature: float = 1.0, bias: float = 0.0) -> Fusion:
    calibration = Calibration(temperature=temperature, bias=bias)
    return Fusion(threshold=threshold, rule="by hand", weight=weight, calibration=calibration)


def test_the_rule_of_the_paper_by_hand() -> None:
    boxes = tuple(map(finding, (0.9, 0.51, 0.5, 0.1)))
    assert kept(boxes, 0.3, fusion()) == boxes
    assert kept(boxes, 0.29, fusion()) == boxes[:2]
    assert kept(boxes, 0.0, None) == boxes
    assert kept((), 0.0, fusion()) == ()


def test_the_mixture_by_hand() -> None:
    assert mixed(0.2, 0.8, fusion(weight=0.5)) == pytest.approx(0.5)
    assert mixed(0.2, 0.8, fusion(weight=0.25)) == pytest.approx(0.35)
    assert mixed(0.2, 0.8, fusion(weight=0.0)) == 0.2
    assert mixed(0.2, 0.8, None) == 0.2
    # The log odds of one half are 0: temperature leaves them, the bias moves them.
    assert mixed(0.2, 0.8, fusion(temperature=3.0)) == pytest.approx(0.5)
    assert mixed(0.2, 0.8, fusion(bias=math.log(3))) == pytest.approx(0.75)


def test_scaling_by_hand() -> None:
    values = np.array([0.1, 0.5, 0.9])
    # Half the log odds of 9 to 1 are those of 3 to 1.
    np.testing.assert_allclose(rescaled(values, Calibration(temperature=2.0)), [0.25, 0.5, 0.75])
    assert rescaled(values, Calibration(temperature=1.0)) is values
    assert logit(np.array([0.0]))[0] == pytest.approx(math.log(1e-6 / (1 - 1e-6)))


def test_the_best_box_is_of_a_positive_label() -> None:
    boxes = [finding(0.9, "metal"), finding(0.4), finding(0.6)]
    assert best(boxes, {"fracture"}) == 0.6
    assert best(boxes[:1], {"fracture"}) == 0.0
    assert best([], {"fracture"}) == 0.0


def test_labels_follow_the_probability() -> None:
    exclusive = np.array([0.6, 0.3, 0.1])
    # 0.4 of a fracture becomes 0.8: the two sites double, the rest shrinks from 0.6 to 0.2.
    np.testing.assert_allclose(shared(exclusive, [1, 2], 0.4, 0.8, "softmax"), [0.2, 0.6, 0.2])
    np.testing.assert_allclose(shared(np.array([0.6, 0.3]), [0], 0.6, 0.9, "sigmoid"), [0.9, 0.3])
    np.testing.assert_allclose(shared(np.array([1.0, 0.0]), [1], 0.0, 0.4, "softmax"), [0.6, 0.4])
    assert shared(exclusive, [1], 0.3, 0.3, "softmax") is exclusive


@given(SHARE, SHARE, FUSION)
def test_a_mixture_lies_between_what_is_mixed(probability: float, box: float, how: Fusion) -> None:
    together = mixed(probability, box, how)
    assert min(probability, box) - 1e-12 <= together <= max(probability, box) + 1e-12


@given(st.lists(SHARE, max_size=8), SHARE, FUSION)
def test_the_rule_only_takes_away_and_keeps_the_order(scores: list[float], probability: float, how: Fusion) -> None:
    boxes = tuple(map(finding, scores))
    stay = kept(boxes, probability, how)
    assert [one for one in boxes if any(one is other for other in stay)] == list(stay)
    surer = kept(boxes, 1.0, how)
    assert surer == boxes
    mask = survives(np.array(scores), np.full(len(scores), probability), how)
    assert mask.sum() == len(stay)


@given(st.lists(SHARE, min_size=2, max_size=6), CALIBRATION)
def test_scaling_keeps_the_order_and_the_range(values: list[float], how: Calibration) -> None:
    ordered = np.sort(np.array(values))
    scaled = rescaled(ordered, how)
    assert ((scaled >= 0) & (scaled <= 1)).all()
    assert (np.diff(scaled) >= -1e-15).all()


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=5), st.floats(0.001, 0.999))
def test_exclusive_labels_still_sum_to_one(parts: list[float], after: float) -> None:
    labels = np.array(parts) / sum(parts)
    before = float(labels[1:].sum())
    changed = shared(labels, range(1, len(labels)), before, after, "softmax")
    assert changed.sum() == pytest.approx(1.0)
    assert changed[1:].sum() == pytest.approx(after)
