"""What a network is shown of a case outside training: its files, as the reader prepares them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from osteon.data.files.names import as_path
from osteon.imaging import load
from osteon.imaging.preprocess import prepare
from osteon.learning.inputs.cases import Cases
from osteon.learning.recipe import Recipe


def input_of(cases: Cases, films: Iterable[int], recipe: Recipe) -> NDArray[np.float32]:
    """The input of one case: (1, C, H, W), or (1, V, C, H, W) where a network sees V films at once.

    Args:
        cases: whose files are read.
        films: rows of ``cases.images``, a row of ``cases.films``.
        recipe: names the preprocessing.

    Raises:
        InputError: a file cannot be read.
    """
    views = [prepare(load(as_path(cases.root, cases.images[film]))[0].pixels, recipe.preprocessing) for film in films]
    return np.stack(views)[None] if recipe.images.together else np.ascontiguousarray(views[0])[None]
