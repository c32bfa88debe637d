"""What a teacher said of the training images: soft labels, and which images without a finding it was deceived by.

The teacher is a table of predictions, usually out of fold (``osteon train --folds``): no network said it of an image that it
learnt from. Soft labels after Hinton et al. 2015 (*Distilling the knowledge in a neural network*), without a temperature.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.compare.sources import table_in
from osteon.evaluation.predictions.predictions import read_predictions
from osteon.learning.inputs.cases import Cases
from osteon.learning.recipe import Recipe

HARD: Final = 0.1
"""Share of the negatives that count as hard: those with the highest probabilities."""


def taught(cases: Cases, recipe: Recipe, teacher: Path) -> Cases:
    """Training cases with what a teacher said of them.

    Args:
        cases: of the training part.
        recipe: says how much it counts.
        teacher: a table of predictions, or a folder with one.

    Raises:
        DataError: it cannot be read, or says nothing of some images.
    """
    said = read_predictions(table_in(teacher))
    known = dict(zip(said.image.tolist(), said.probability.tolist(), strict=True))
    probability = np.array([known.get(name, np.nan) for name in cases.names])
    if missing := int(np.isnan(probability).sum()):
        raise DataError(
            "the teacher says nothing of some training images",
            expected=f"a probability for each of {len(cases)}",
            got=f"none for {missing}",
            hint="Take the predictions of a cross-validation of these data: osteon train --folds 5.",
        )
    share = 0.0 if recipe.loss is None else recipe.loss.teacher
    targets = cases.targets
    if share > 0:
        targets = ((1 - share) * targets + share * probability[:, None]).astype(np.float32)
    without = ~cases.positive & ~np.isnan(cases.targets).any(1)
    limit = np.quantile(probability[without], 1 - HARD) if without.any() else np.inf
    return replace(cases, targets=targets, hard=without & (probability >= limit))
