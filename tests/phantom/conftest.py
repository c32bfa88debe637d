"""Cameras and phantoms that several tests look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from osteon.core.labels import Laterality, Sex
from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.space import rotation
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import simulate_pair


@pytest.fixture
def camera() -> Callable[[float], Camera]:
    """A detector of 100 mm on 0.5 mm pixels, centred on the origin, turned about the vertical by some degrees."""
    return lambda yaw: Camera(rotation("y", yaw), -50.0, -50.0, 0.5, 200, 200)


@pytest.fixture
def child() -> Callable[[float], Patient]:
    """A boy of some years."""

    def make(age: float) -> Patient:
        return Patient(age, Sex.MALE, Laterality.RIGHT, 1.0, 1.0, 0.8)

    return make


@pytest.fixture(scope="session")
def pairs() -> dict[str, tuple[Phantom, Phantom]]:
    """A frontal and a lateral view of one abnormal case of each kind."""
    wanted = {"forearm": "midshaft", "elbow": "displaced", "hand": "fracture", "spine": "Osteophytes"}
    return {kind: simulate_pair(kind, 5, size=256, finding=finding) for kind, finding in wanted.items()}


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)
