"""Youden's threshold of a run on its validation part, as papers state theirs: of the probabilities that the network gives."""

from __future__ import annotations

from dataclasses import replace

from osteon.bundle.archive import Bundle
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.youden import youden_section
from osteon.evaluation.html.section import Section
from osteon.evaluation.inference.run_reader import read_table
from osteon.evaluation.predictions.predictions import Predictions
from osteon.inference.fusion import IDENTITY
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.recipe import Recipe


def by_youden(recipe: Recipe) -> bool:
    """Whether a recipe calls images at the threshold of Youden's index."""
    return recipe.operating.doubt_sensitivity is None and not recipe.task.assumes_fracture


def threshold_section(bundle: Bundle, parts: Parts, recipe: Recipe, settings: Settings) -> Section | None:
    """The threshold of a classifier before calibration; None where the validation part has one class only.

    Args:
        bundle: of the run.
        parts: its cases, of which those of the validation part are read.
        recipe: of the network.
        settings: of the interval.

    Raises:
        DataError: no image of the validation part is there.
    """
    bare = replace(bundle, manifest=bundle.manifest.model_copy(update={"calibration": IDENTITY}))
    return youden_section(read_validation(bare, parts, recipe), settings, calibrated=False)


def read_validation(bundle: Bundle, parts: Parts, recipe: Recipe) -> Predictions:
    """What a bundle says of the validation part of a run.

    Raises:
        DataError: no image of it is there.
    """
    table, label = with_truth(parts.table.select(parts.val.images), recipe)
    return read_table(bundle, table, parts.val.root, label)
