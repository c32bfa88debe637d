"""The formulas of PS3.3 C.11.2.1, and the composed table against the steps one by one."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.imaging.display.voi import Lut, Rendering, Stored, Window, render

X = np.arange(-3000, 5000, dtype=np.float64)


def test_linear_example_of_the_standard() -> None:
    """PS3.3 C.11.2.1.2.1: center 2048, width 4096, output 0 to 255."""
    y = Window(2048, 4096)(X)
    assert (y[X <= 0] == 0).all()
    assert (y[X > 4095] == 1).all()
    inside = (X > 0) & (X <= 4095)
    assert np.allclose(y[inside], ((X[inside] - 2047.5) / 4095 + 0.5))


def test_width_one_is_a_threshold() -> None:
    assert np.array_equal(Window(100, 1)(X), (X > 99.5).astype(float))


def test_linear_exact() -> None:
    y = Window(100, 0.5, "LINEAR_EXACT")(np.array([99.7, 99.75, 100.0, 100.125, 100.3]))
    assert np.allclose(y, [0, 0, 0.5, 0.75, 1])


def test_sigmoid() -> None:
    y = Window(0, 400, "SIGMOID")(X)
    assert np.allclose(y, 1 / (1 + np.exp(-4 * X / 400)))
    assert np.isfinite(Window(0, 1e-6, "SIGMOID")(X)).all()


@settings(max_examples=60, deadline=None)
@given(
    center=st.floats(-5000, 5000),
    width=st.floats(1, 9000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    slope=st.sampled_from([1.0, -2.0, 0.25]),
    inverted=st.booleans(),
    signed=st.booleans(),
    bits=st.integers(8, 16),
)
def test_table_equals_the_steps(
    center: float,
    width: float,
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"],
    slope: float,
    inverted: bool,
    signed: bool,
    bits: int,
) -> None:
    samples = np.linspace(-(2 ** (bits - 1)) if signed else 0, 2 ** (bits - signed) - 1, 240).astype(np.int64)
    words = (samples & (2**bits - 1)).astype(np.uint16).reshape(12, 20)
    window = Window(center, width, function)
    shown = window(samples * slope + 7.0).reshape(12, 20)
    expected = 1 - shown if inverted else shown
    how = Rendering(Stored(bits, bits - 1, signed), slope=slope, intercept=7.0, voi=window, inverted=inverted)
    assert np.abs(render(words, how) - expected).max() < 1e-6


def test_lut_beyond_its_ends() -> None:
    table = Lut(10, np.array([0.0, 5.0, 9.0]), 4)
    assert table(np.array([-4.0, 10.0, 11.0, 12.0, 99.0])).tolist() == [0, 0, 5, 9, 9]


@pytest.mark.parametrize("inverted", [False, True])
def test_constant_image_without_window(inverted: bool) -> None:
    pixels = render(np.full((4, 4), 77, np.uint16), Rendering(Stored(12, 11), inverted=inverted))
    assert len(np.unique(pixels)) == 1
