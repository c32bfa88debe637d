"""The physics of the beam."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.phantom.acquisition.beam import ENERGIES, MATERIALS, Exposure, expose, monoenergetic, transmission

REAL = [material for material, mu in MATERIALS.items() if mu[0] > 0]


@pytest.mark.parametrize("energy", range(len(ENERGIES)))
@pytest.mark.parametrize("material", REAL)
def test_doubling_the_thickness_squares_the_transmission(material: str, energy: int) -> None:
    length = np.linspace(0.0, 1.5 if material == "lead" else 20.0, 50, dtype=np.float32)[None, :]
    once, twice = (monoenergetic({material: n * length}, energy) for n in (1, 2))
    np.testing.assert_allclose(twice, once**2, rtol=1e-4)


def test_a_spectrum_hardens() -> None:
    length = np.linspace(1.0, 40.0, 20, dtype=np.float32)[None, :]
    assert np.all(transmission({"bone": 2 * length}) > transmission({"bone": length}) ** 2)


def test_nothing_in_the_way_lets_everything_pass() -> None:
    np.testing.assert_allclose(transmission({"bone": np.zeros((2, 2), np.float32)}), 1.0, atol=1e-6)


def test_materials_add_up() -> None:
    a, b = np.full((1, 1), 12.0, np.float32), np.full((1, 1), 5.0, np.float32)
    both = monoenergetic({"muscle": a, "bone": b}, 0)
    np.testing.assert_allclose(both, monoenergetic({"muscle": a}, 0) * monoenergetic({"bone": b}, 0), rtol=1e-5)


def test_noise_falls_with_the_root_of_the_dose(random: np.random.Generator) -> None:
    primary = np.full((256, 256), 0.5, np.float32)
    deviations = [
        float(expose(primary, Exposure(photons=dose, scatter=0.0), 0.5, random).std()) for dose in (20e3, 80e3)
    ]
    assert deviations[0] / deviations[1] == pytest.approx(2.0, rel=0.05)


def test_scatter_fills_the_shadow(random: np.random.Generator) -> None:
    primary = np.ones((128, 128), np.float32)
    primary[:, 54:74] = 0.1
    clean, veiled = (
        expose(primary, Exposure(photons=1e9, scatter=share), 0.5, random)[:, 64].mean() for share in (0.0, 0.3)
    )
    assert veiled > clean + 0.05
