"""The gate of a candidate: fitted anew, since it looks through the classifier."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.errors import OsteonError
from osteon.data.datasets import read
from osteon.learning.gate.build import add_gate, fit_and_measure, gather
from osteon.learning.recipe import Recipe
from osteon.learning.train import TrainerOptions

_log = logging.getLogger(__name__)


def gate_candidate(
    candidate: Path, live: Bundle, recipe: Recipe, dataset: Path, seed: int, options: TrainerOptions
) -> bool:
    """Give a candidate a gate in place, where the live bundle has one.

    Where it cannot be fitted, a warning says why and the candidate stays without: the comparison then says so, and it is
    not promoted unless somebody overrides that.

    Args:
        candidate: its file.
        live: that it is to replace.
        recipe: of its classifier.
        dataset: folder of the round's dataset, whose test images are left out.
        seed: of copies and synthetic images.
        options: of the training, for threads and progress.

    Returns:
        Whether it has one now.
    """
    made = open_bundle(candidate)
    if live.manifest.gate is None or made.manifest.gate is not None:
        return made.manifest.gate is not None
    try:
        samples = gather(made, read("listed", dataset), dataset, seed, options.threads or 2, options.track)
        fitted = fit_and_measure(samples, made.manifest.indication.body_parts, seed)
    except OsteonError as error:
        _log.warning("the candidate has no gate, as the live bundle has: %s", error)
        return False
    today = datetime.now(UTC).date().isoformat()
    add_gate(made, fitted, recipe, candidate, bundle_version=made.manifest.version, created=today, unpublished=True)
    return True
