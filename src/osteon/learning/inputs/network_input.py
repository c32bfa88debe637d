"""Inputs of a network outside training: the files of a case, as the inference pipeline prepares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from osteon.data.files.names import as_path
from osteon.imaging import load
from osteon.imaging.preprocess import prepare
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track
from osteon.learning.recipe import Recipe


def inputs_of(cases: Cases, recipe: Recipe, track: Track) -> Iterator[NDArray[np.float32]]:
    """The inputs of validation cases, one at a time; see ``input_of``.

    Raises:
        InputError: a file cannot be read.
    """
    for images in track(cases.views, "Reading validation images", len(cases)):
        yield input_of(cases, images, recipe)


def input_of(cases: Cases, images: Iterable[int], recipe: Recipe) -> NDArray[np.float32]:
    """The input of one case: (1, C, H, W), or (1, V, C, H, W) where a network sees V views at once.

    Args:
        cases: whose files are read.
        images: rows of ``cases.images``, a row of ``cases.views``.
        recipe: names the preprocessing.

    Raises:
        InputError: a file cannot be read.
    """
    views = [
        prepare(load(as_path(cases.root, cases.images[image]))[0].pixels, recipe.preprocessing) for image in images
    ]
    return np.stack(views)[None] if recipe.images.together else np.ascontiguousarray(views[0])[None]
