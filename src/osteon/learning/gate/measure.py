"""How well a gate does on images that it was not fitted to: kinds left out by family, body parts left out, radiographs by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.estimate import Estimate
from osteon.core.labels import BodyPart
from osteon.learning.gate.copies import COPIES
from osteon.learning.gate.families import FAMILIES, UNSEEN, family_of
from osteon.learning.gate.limits import FOLDS, Booleans, Floats, fitted, folds_of, limit_of, out_of_fold
from osteon.learning.gate.samples import JOINED, ORIGINAL, OTHER_PARTS, PHANTOM, RADIOGRAPH, TWICE, Samples
from osteon.stats.intervals import wilson, wilson_over_clusters

PRICES: Final = (0.001, 0.003, 0.005, 0.01, 0.02)
"""Shares of indicated radiographs refused at which the second output is measured."""

OUTPUTS: Final = ("not a bone radiograph", "another part", "either")


@dataclass(frozen=True)
class Measured:
    """The limits of a gate, and what was measured at them.

    Attributes:
        limits: of both outputs.
        figures: shares refused, by group and output.
        phantoms: greatest scores of phantoms of limbs by gates that were fitted without them, quantiles.
    """

    limits: tuple[float, float]
    figures: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])

    def to_json(self) -> dict[str, Any]:
        """For a file."""
        names = dict(zip(("not_radiograph", "other_part"), self.limits, strict=True))
        return {"limits": names, "figures": {name: value.model_dump() for name, value in self.figures.items()}}


def measure(samples: Samples, limbs: Sequence[BodyPart], seed: int) -> Measured:
    """Choose both limits and measure the gate out of fold.

    Args:
        samples: all images.
        limbs: indicated parts.
        seed: of the folds.
    """
    folds = folds_of(samples, seed)
    everything = np.ones(len(folds), np.bool_)
    own, _ = out_of_fold(samples, limbs, folds, everything)
    limits = (limit_of(samples, limbs, own[:, 0]), limit_of(samples, limbs, own[:, 1]))
    figures = _radiographs(samples, limbs, own, limits) | _parts(samples, limbs, own, limits, folds)
    figures |= _prices(samples, limbs, own[:, 1])
    figures |= _kinds(samples, limbs, folds) | _phantoms(samples, limbs, limits)
    return Measured(limits, figures)


def refused(scores: Floats, limits: tuple[float, float]) -> dict[str, Booleans]:
    """Whether each output, or either, refuses images with these scores (..., 2)."""
    first, second = scores[..., 0] > limits[0], scores[..., 1] > limits[1]
    return dict(zip(OUTPUTS, (first, second, first | second), strict=True))


def _radiographs(
    samples: Samples, limbs: Sequence[BodyPart], own: Floats, limits: tuple[float, float]
) -> dict[str, Estimate]:
    """Indicated radiographs and their copies: what is refused wrongly."""
    found: dict[str, Estimate] = {}
    for name in (ORIGINAL, *COPIES, TWICE):
        rows = samples.indicated(limbs) & (samples.copy == name)
        found |= _of_runs(f"indicated, {name}", samples, rows, own, limits)
    return found


def _parts(
    samples: Samples, limbs: Sequence[BodyPart], own: Floats, limits: tuple[float, float], folds: NDArray[np.int64]
) -> dict[str, Estimate]:
    """Radiographs of other parts: out of fold, and by gates that learnt from no radiograph of that part."""
    found: dict[str, Estimate] = {}
    original = samples.radiographs & (samples.copy == ORIGINAL)
    for part in OTHER_PARTS:
        rows = original & (samples.part == part.value)
        found |= _of_runs(part.value, samples, rows, own, limits)
        left = np.full_like(own, np.nan)
        others = [other for other in OTHER_PARTS if other != part]
        for fold in range(FOLDS):
            gate = fitted(samples, limbs, folds != fold, others)
            left[folds == fold] = gate.scores(samples.features[folds == fold])
        at = (limit_of(samples, limbs, left[:, 0]), limit_of(samples, limbs, left[:, 1]))
        found |= _of_runs(f"{part.value}, part left out", samples, rows, left, at)
    return found | _of_runs("several parts or none stated", samples, original & (samples.part == ""), own, limits)


def _prices(samples: Samples, limbs: Sequence[BodyPart], scores: Floats) -> dict[str, Estimate]:
    """What the second output refuses of other parts at shares of indicated radiographs refused."""
    original = samples.radiographs & (samples.copy == ORIGINAL)
    indicated = samples.indicated(limbs) & (samples.copy == ORIGINAL)
    found: dict[str, Estimate] = {}
    for price in PRICES:
        limit = float(np.quantile(scores[indicated], 1 - price, method="higher"))
        for part in OTHER_PARTS:
            rows = original & (samples.part == part.value)
            name = f"{part.value} at {price:.1%} of indicated"
            found[name] = _share(scores[rows] > limit, samples.group[rows])
    return found


def _kinds(samples: Samples, limbs: Sequence[BodyPart], folds: NDArray[np.int64]) -> dict[str, Estimate]:
    """Counterexamples by gates, and at limits, that learnt from no kind of their family."""
    family = family_of(samples.kind)
    found: dict[str, Estimate] = {}
    caught: dict[str, tuple[float, int]] = {}
    for name in FAMILIES:
        rows = family != name
        if rows.all():
            continue
        joined = rows & (samples.kind != JOINED) if name == "trunk and head" else rows
        own, each = out_of_fold(samples, limbs, folds, joined)
        at = (limit_of(samples, limbs, own[:, 0]), limit_of(samples, limbs, own[:, 1]))
        for kind in FAMILIES[name]:
            chosen = samples.kind == kind
            for output, hit in refused(each[:, chosen], at).items():
                if chosen.any():
                    count, share = int(chosen.sum()), float(hit.mean())
                    found[f"{kind}, {output}"] = wilson(round(share * count), count)
                    caught[f"{kind}, {output}"] = (share * count, count)
    for output in OUTPUTS:
        chosen_kinds = [caught[name] for kind in UNSEEN if (name := f"{kind}, {output}") in caught]
        hits, total = sum(hit for hit, _ in chosen_kinds), sum(count for _, count in chosen_kinds)
        found[f"other modalities, {output}"] = wilson(round(hits), total)
    return found


def _phantoms(samples: Samples, limbs: Sequence[BodyPart], limits: tuple[float, float]) -> dict[str, Estimate]:
    """Phantoms of limbs by a gate that learnt from no phantom of one: radiographs of another look that must be read."""
    chosen = samples.kind == PHANTOM
    gate = fitted(samples, limbs, ~chosen)
    hits = refused(gate.scores(samples.features[chosen]), limits)
    return {f"phantoms of limbs, left out, {name}": wilson(int(hit.sum()), len(hit)) for name, hit in hits.items()}


def _of_runs(
    name: str, samples: Samples, rows: Booleans, scores: Floats, limits: tuple[float, float]
) -> dict[str, Estimate]:
    hits = refused(scores[rows], limits)
    return {f"{name}, {output}": _share(hit, samples.group[rows]) for output, hit in hits.items()}


def _share(hits: Booleans, groups: NDArray[np.int64]) -> Estimate:
    return wilson_over_clusters(int(hits.sum()), len(hits), len(np.unique(groups)))


def check_kinds(samples: Samples) -> None:
    """Check that every kind has a family, so that none is measured by a gate that saw it.

    Raises:
        ValueError: one has none.
    """
    known = {*(kind for kinds in FAMILIES.values() for kind in kinds), RADIOGRAPH, PHANTOM, JOINED}
    if strange := sorted({str(kind) for kind in samples.kind} - known):
        raise ValueError(f"kinds of no family: {strange}")
