"""Chords of sections against points counted along the ray."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.phantom.geometry.chords import chord


def inside(radii: tuple[float, ...], u: np.ndarray, v: np.ndarray) -> np.ndarray:
    a = np.where(u > 0, radii[1], radii[0])
    b = np.where(v > 0, radii[3], radii[2])
    return (u / a) ** 2 + (v / b) ** 2 < 1


@pytest.mark.parametrize(
    "radii", [(5.0, 5.0, 5.0, 5.0), (4.0, 4.0, 3.0, 7.0), (6.0, 3.0, 5.0, 5.0), (3.0, 8.0, 6.0, 2.0)]
)
@pytest.mark.parametrize("degrees", [0.0, 17.0, 90.0, 133.0, 180.0, 271.0])
def test_a_chord_is_as_long_as_the_points_inside(radii: tuple[float, ...], degrees: float) -> None:
    du, dv = float(np.cos(np.deg2rad(degrees))), float(np.sin(np.deg2rad(degrees)))
    offset = np.linspace(-9.0, 9.0, 61, dtype=np.float32)
    u, v = -offset * np.float32(dv), offset * np.float32(du)
    sides = [np.full_like(u, radius) for radius in radii]
    if radii[0] == radii[1]:
        sides[1] = sides[0]
    if radii[2] == radii[3]:
        sides[3] = sides[2]
    enter, leave = chord((sides[0], sides[1], sides[2], sides[3]), u, v, du, dv)
    found = np.maximum(leave - enter, 0.0)
    t = np.linspace(-12.0, 12.0, 4801)[:, None]
    counted = inside(radii, u + du * t, v + dv * t).sum(axis=0) * 0.005
    np.testing.assert_allclose(found, counted, atol=0.03)


def test_a_ray_that_passes_by_never_enters() -> None:
    five = np.full(1, 5.0, np.float32)
    enter, leave = chord((five, five, five, five), np.full(1, 7.0, np.float32), np.zeros(1, np.float32), 0.0, 1.0)
    assert enter[0] > leave[0]
