"""The patient: age, sex, build and skeletal maturity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.core.labels import Laterality, Sex


@dataclass(frozen=True, slots=True)
class Patient:
    """Properties of a person that affect a radiograph.

    Attributes:
        age: years.
        sex: female or male.
        side: left or right limb.
        build: ratio of the soft tissue's girth to the average.
        density: ratio of the cortex's thickness and mineral to the average.
        size: ratio of the skeleton's lengths to those of the average adult man.
    """

    age: float
    sex: Sex
    side: Laterality
    build: float
    density: float
    size: float


def draw_patient(random: np.random.Generator, youngest: float, oldest: float) -> Patient:
    """Draw a random patient between two ages (years)."""
    age = float(random.uniform(youngest, oldest))
    sex = Sex.FEMALE if random.random() < 0.45 else Sex.MALE
    side = Laterality.LEFT if random.random() < 0.5 else Laterality.RIGHT
    adult = 0.93 if sex is Sex.FEMALE else 1.0
    size = adult * stature(age, sex) * float(random.normal(1.0, 0.03))
    porous = max(age - 50, 0.0) / 40 * (0.30 if sex is Sex.FEMALE else 0.18)
    density = float(np.clip(random.normal(1.0, 0.07) - porous, 0.55, 1.2))
    return Patient(age, sex, side, float(np.clip(random.normal(1.0, 0.12), 0.76, 1.4)), density, size)


def stature(age: float, sex: Sex) -> float:
    """Length of the limbs as a share of the adult's, after growth charts of standing height (rounded)."""
    last = 16.0 if sex is Sex.FEMALE else 18.0
    ages = [0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, last, 120.0]
    share = [0.29, 0.42, 0.48, 0.57, 0.66, 0.73, 0.79, 0.86, 0.94 if last == 16.0 else 0.92, 1.0, 1.0]
    return float(np.interp(age, ages, share))


def skeletal_maturity(patient: Patient, appears: float, closes: float) -> float:
    """Maturity of an ossification centre: 0 before it appears, 1 once its growth plate has closed.

    Args:
        patient: age and sex (girls are about a year and a half ahead).
        appears: age in years at which it is first seen in boys.
        closes: age in years at which it joins the shaft in boys.
    """
    lead = 1.0 + 0.10 * (patient.sex is Sex.FEMALE)
    return float(np.clip((patient.age * lead - appears) / (closes - appears), 0.0, 1.0))
