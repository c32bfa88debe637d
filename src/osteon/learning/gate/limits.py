"""Where the limits of a gate lie: as low as the radiographs that must be read allow, each judged by a gate fitted without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.labels import BodyPart
from osteon.learning.gate.copies import COPIES
from osteon.learning.gate.families import family_of, odd_weights, other_weights
from osteon.learning.gate.fit import GateFit, fit_gate
from osteon.learning.gate.samples import ORIGINAL, OTHER_PARTS, PHANTOM, RADIOGRAPH, Samples

FOLDS: Final = 3
ORIGINALS_REFUSED: Final = 0.003
"""Share of indicated radiographs, as they are, that each limit may refuse."""
COPIES_REFUSED: Final = 0.01
"""Share of their copies of each kind that each limit may refuse."""

Booleans = NDArray[np.bool_]
Floats = NDArray[np.float32]


def folds_of(samples: Samples, seed: int) -> NDArray[np.int64]:
    """The fold of each image of the dataset, by run of numbers (N,); -1 for all others."""
    groups = np.unique(samples.group[samples.group >= 0])
    drawn = np.random.default_rng(seed).integers(0, FOLDS, len(groups))
    place = np.clip(np.searchsorted(groups, samples.group), 0, len(groups) - 1)
    return np.where(samples.group >= 0, drawn[place], -1)


def fitted(
    samples: Samples, limbs: Sequence[BodyPart], rows: Booleans, parts: Sequence[BodyPart] = OTHER_PARTS
) -> GateFit:
    """A gate fitted to some rows.

    Args:
        samples: all images.
        limbs: indicated parts.
        rows: that may be learnt from (N,).
        parts: other parts whose radiographs may be learnt from; the rest of the other parts is left out of both outputs.
    """
    family = family_of(samples.kind)
    unused = np.isin(samples.part, [part.value for part in OTHER_PARTS if part not in parts])
    rows = rows & ~unused
    accepted = rows & np.isin(samples.kind, (RADIOGRAPH, PHANTOM))
    indicated = rows & (samples.indicated(limbs) | (samples.kind == PHANTOM))
    return fit_gate(
        samples.features,
        rows & samples.radiographs,
        odd_weights(family, rows),
        other_weights(samples, rows),
        indicated,
        accepted,
    )


def out_of_fold(
    samples: Samples, limbs: Sequence[BodyPart], folds: NDArray[np.int64], rows: Booleans
) -> tuple[Floats, Floats]:
    """Scores of a gate that was fitted without an image's run of numbers, and without the images outside ``rows``.

    Returns:
        Scores of each image by the gate of its fold (N, 2), NaN where it has none; scores of all images by every gate
        (folds, N, 2).
    """
    each = np.stack([fitted(samples, limbs, rows & (folds != fold)).scores(samples.features) for fold in range(FOLDS)])
    own = np.full(each.shape[1:], np.nan, np.float32)
    for fold in range(FOLDS):
        own[folds == fold] = each[fold, folds == fold]
    return own, each


def limit_of(samples: Samples, limbs: Sequence[BodyPart], scores: Floats) -> float:
    """The lowest limit at which few enough indicated radiographs and copies of them are refused.

    Args:
        samples: all images.
        limbs: indicated parts.
        scores: of one output, out of fold (N,).
    """
    indicated = samples.indicated(limbs)
    allowed = {ORIGINAL: ORIGINALS_REFUSED} | dict.fromkeys(COPIES, COPIES_REFUSED)
    return max(
        float(np.quantile(scores[indicated & (samples.copy == name)], 1 - share, method="higher"))
        for name, share in allowed.items()
    )
