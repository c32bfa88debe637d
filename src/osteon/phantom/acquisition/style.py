"""How images of the same limb differ: X-ray machine, collimation, marker, habits of a department.

Nothing here depends on the finding: a phantom must not teach a model that fractures come with another marker or field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.phantom.acquisition.beam import Exposure
from osteon.phantom.acquisition.xray_detector import Processing


@dataclass(frozen=True, slots=True)
class ReadoutArtefacts:
    """Uneven response of the detector, as shares of the signal.

    Attributes:
        streaks: standard deviation of the bands that the read-out leaves.
        upright: whether the bands run down the image instead of across it.
        heel: change of the signal across the field and down it (the anode's heel).
    """

    streaks: float
    upright: bool
    heel: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Border:
    """The edges of the exposed field.

    Attributes:
        kind: ``none``, ``shutter`` (black edges) or ``edge`` (white unexposed strips).
        margins: left, top, right, bottom of the open field, as shares of the image.
        slopes: slope of each of these borders.
        ragged: roughness of the borders, as a share of the image.
        rim: grey of a thin line around the image, or 0.
    """

    kind: str
    margins: tuple[float, float, float, float]
    slopes: tuple[float, float, float, float]
    ragged: float
    rim: float


@dataclass(frozen=True, slots=True)
class Marker:
    """The lead letter.

    Attributes:
        shown: whether there is one.
        height: of the letter, as a share of the image's longer edge.
        corner: preferred corner of the image, 0 to 3 (another is used where the limb covers it).
        turn: degrees.
        grey: of the letter.
        font: index into the typefaces of `osteon.phantom.acquisition.marker.FONTS`.
        initials: two letters of the radiographer below it, or none.
        caption: whether the view is printed in a corner.
    """

    shown: bool
    height: float
    corner: int
    turn: float
    grey: float
    font: int
    initials: str
    caption: bool


@dataclass(frozen=True, slots=True)
class Style:
    """Machine and habits of one department."""

    exposure: Exposure
    processing: Processing
    readout: ReadoutArtefacts
    border: Border
    marker: Marker


def draw_style(random: np.random.Generator, heavy: float = 1.0, dose: float = 1.0) -> Style:
    """Draw a department's style; `heavy` scales the scatter (thick parts scatter more), `dose` the quanta."""
    exposure = Exposure(
        photons=float(np.exp(random.uniform(np.log(35e3), np.log(160e3)))) * dose,
        focus=float(random.uniform(0.16, 0.42)),
        scatter=float(np.clip(random.uniform(0.06, 0.2) * heavy, 0.0, 0.6)),
        spread=float(random.uniform(12, 26)),
    )
    thick = dose > 1.0
    processing = Processing(
        flatten=float(random.uniform(0.0, 0.35)) + 0.5 * thick,
        edges=float(random.uniform(0.0, 0.6)),
        halo=float(random.uniform(0.0, 0.3)),
        gamma=float(random.uniform(1.0, 1.8)) + 0.15 * thick,
        floor=float(random.uniform(0.04, 0.18)),
        top=float(random.uniform(0.72, 0.95)),
    )
    return Style(exposure, processing, _readout_artefacts(random), _border(random), _marker(random))


def _readout_artefacts(random: np.random.Generator) -> ReadoutArtefacts:
    uneven = random.random() < 0.6
    heel = random.normal(0.0, 0.04, 2)
    return ReadoutArtefacts(
        streaks=float(random.uniform(0.003, 0.014)) * uneven,
        upright=bool(random.random() < 0.75),
        heel=(float(heel[0]), float(heel[1])),
    )


def _border(random: np.random.Generator) -> Border:
    kind = ("none", "shutter", "edge")[int(random.choice(3, p=[0.4, 0.25, 0.35]))]
    probability = 0.3 if kind == "edge" else 0.75
    margins = random.uniform(0.0, 0.06, 4) * (random.random(4) < probability)
    slopes = random.normal(0.0, 0.006 if kind == "edge" else 0.012, 4)
    left, top, right, bottom = (float(x) for x in margins)
    a, b, c, d = (float(x) for x in slopes)
    return Border(
        kind,
        (left, top, right, bottom),
        (a, b, c, d),
        ragged=float(random.uniform(0.0002, 0.0018)) if kind == "edge" else 0.0,
        rim=float(random.uniform(0.6, 1.0)) if random.random() < 0.3 else 0.0,
    )


def _marker(random: np.random.Generator) -> Marker:
    letters = "ABCDEFGHJKMNPSTW"
    pair = "".join(letters[int(i)] for i in random.integers(0, len(letters), 2))
    return Marker(
        shown=bool(random.random() < 0.7),
        height=float(random.uniform(0.022, 0.05)),
        corner=int(random.integers(0, 4)),
        turn=float(random.normal(0.0, 7.0)),
        grey=float(random.uniform(0.75, 1.0)),
        font=int(random.integers(0, 3)),
        initials=pair if random.random() < 0.25 else "",
        caption=bool(random.random() < 0.12),
    )
