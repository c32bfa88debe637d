"""The canvas on which a case lies decoded: its size, and where boxes are on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from osteon.imaging.preprocess import Preprocessing, place_region
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.recipe import Phase, Recipe


def phase_preprocessing(recipe: Recipe, phase: Phase) -> Preprocessing:
    """Preprocessing of a phase: the recipe's, at the phase's own size where it has one."""
    preprocessing = recipe.preprocessing
    return preprocessing if phase.side is None else replace(preprocessing, height=phase.side, width=phase.side)


def cache_preprocessing(recipe: Recipe) -> Preprocessing:
    """The square canvas on which training images are kept."""
    return replace(recipe.preprocessing, height=recipe.cache_side, width=recipe.cache_side)


def boxes_on_canvas(cases: Cases, cached: Canvases, image: int, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Boxes (n, 4) of an image, in pixels of its canvas."""
    at = place_region(cached.region(image), preprocessing)
    scale = np.array([at.scale_x, at.scale_y, at.scale_x, at.scale_y], np.float32)
    shift = np.array([at.left, at.top, at.left, at.top], np.float32)
    return cases.boxes[image].reshape(-1, 4) * scale + shift
