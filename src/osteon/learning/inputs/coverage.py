"""Checks, before training, that the parts of a split hold what a recipe needs."""

from __future__ import annotations

import logging
from typing import Final, NamedTuple

import numpy as np

from osteon.core.errors import DataError
from osteon.data.datasets import find
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table
from osteon.learning.inputs.cases import Cases
from osteon.learning.recipe import Recipe

FEW: Final = 10
"""Positive or negative cases of the validation part below which thresholds and calibration depend on single cases."""

RANKED: Final = ("val_auroc", "val_average_precision")
MAPPED: Final = ("val_map50", "val_map", "val_froc")

_log = logging.getLogger(__name__)


class Counts(NamedTuple):
    """Cases of a part.

    Attributes:
        positive: with a positive label.
        negative: with none, known to have none.
        unknown: of which a label is unknown.
    """

    positive: int
    negative: int
    unknown: int

    @property
    def one_sided(self) -> bool:
        """Whether positive or negative cases are missing."""
        return not (self.positive and self.negative)


def counts(cases: Cases) -> Counts:
    """How many cases of a part are positive, negative and unknown."""
    known = ~np.isnan(cases.targets).any(1)
    positive = int(cases.positive[known].sum())
    return Counts(positive, int(known.sum()) - positive, int((~known).sum()))


def check_coverage(train: Cases, val: Cases, test: Cases, recipe: Recipe) -> None:
    """Refuse parts that cannot be trained or selected on; warn of those that allow few figures.

    Args:
        train: the training part.
        val: the validation part.
        test: the test part.
        recipe: with its task and its selection.

    Raises:
        DataError: the training part lacks a class, or the figure that selects an epoch is
            undefined on the validation part.
    """
    word = " or ".join(recipe.task.positive)
    if recipe.detection is None:
        _check_classes(train, recipe, word)
    elif not counts(train).positive:
        raise DataError(
            f"the training part has no box of {word}", hint="Check the labels, or divide the data otherwise."
        )
    elif not counts(train).negative and recipe.sampling.positive_share not in (None, 1.0):
        _log.warning("every training image has a box of %s: sampling.positive_share has no effect", word)
    _check_selection(val, recipe, word)
    if (unknown := counts(train).unknown) and recipe.detection is None:
        _log.warning("%d of %d training cases have an unknown label and are not used for it", unknown, len(train))
    if counts(test).one_sided and not recipe.task.assumes_fracture:
        _log.warning(
            "the test part has %s: AUROC and other figures that need both cannot be measured on it",
            _lacking(counts(test), word),
        )


def warn_unnamed(table: Table, recipe: Recipe) -> None:
    """Warn of findings in a user's own dataset that the task does not name."""
    if find(recipe.dataset).card.access != "own" or (
        recipe.detection is not None and recipe.detection.other_label is not None
    ):
        return
    named = {label.replace(" ", "_") for label in recipe.task.labels}
    named |= {label.removeprefix("no_") for label in named}
    # In an image with a finding of the task another label is a kind of it (displaced); alone it is learnt as normal.
    learnt = np.zeros(len(table), bool)
    for name in named & set(table.labels):
        learnt |= table.label(name) == 1
    others = {name: int(((table.label(name) == 1) & ~learnt).sum()) for name in table.labels if name not in named}
    others = {name: count for name, count in others.items() if count and name not in ("normal", "no_finding")}
    if not others:
        return
    words = ", ".join(f"{name} (alone in {count} images)" for name, count in others.items())
    joined = ",".join((*recipe.task.labels, *others))
    _log.warning(
        "the task is %s; the data also mark %s, which %s",
        ", ".join(recipe.task.labels),
        words,
        f"is not learnt without --set task.labels={joined}"
        if recipe.detection is not None
        else "this classifier does not learn",
    )


def check_labels(table: Table, recipe: Recipe) -> None:
    """Refuse a task none of whose findings are in the table.

    Raises:
        DataError: none is.
    """
    known = set(table.labels) | {str(mark["label"]) for marks in table.frame["boxes"].to_list() for mark in marks or ()}
    wanted = {name.replace(" ", "_") for name in recipe.task.labels}
    wanted |= {name.removeprefix("no_") for name in wanted}
    if wanted & known or (recipe.detection is not None and recipe.detection.other_label is not None):
        return
    listed = ", ".join(name.removeprefix(LABEL_PREFIX) for name in table.labels) or "none"
    raise DataError(
        "the data have none of the findings of the recipe's task",
        expected=", ".join(recipe.task.labels),
        got=f"the labels {listed}",
        hint="Name them: --set task.labels=A,B --set task.positive=A"
        + (" --set detection.image_label=A" if recipe.detection is not None else "")
        + ".",
    )


def _check_classes(train: Cases, recipe: Recipe, word: str) -> None:
    """Check that the training part holds the classes of a classifier."""
    known = train.targets[~np.isnan(train.targets).any(1)]
    held = known.sum(0) > 0
    if not recipe.task.assumes_fracture:
        if counts(train).one_sided:
            raise DataError(
                f"the training part has {_lacking(counts(train), word)}: a classifier needs both",
                hint="Check the labels with osteon data stats, or divide the data otherwise.",
            )
    elif held.sum() < 2:
        raise DataError("the training part has cases of one class alone", expected=", ".join(recipe.task.labels))
    for label in (label for label, there in zip(recipe.task.labels, held.tolist(), strict=True) if not there):
        _log.warning("the training part has no case of %s: it will not be learnt", label)


def _check_selection(val: Cases, recipe: Recipe, word: str) -> None:
    found, metric = counts(val), recipe.selection.metric
    undefined = found.one_sided if metric in RANKED else metric in MAPPED and not found.positive
    if undefined:
        other = (
            " --set selection.metric=val_loss --set selection.mode=min selects by the loss instead."
            if recipe.detection is None
            else ""
        )
        raise DataError(
            f"the validation part has {_lacking(found, word)}: {metric}, which selects the epoch, is undefined on it",
            hint=f"Give it cases of both kinds, or divide the data otherwise.{other}",
        )
    if recipe.task.assumes_fracture:
        return
    if found.one_sided:
        _log.warning(
            "the validation part has %s: probabilities cannot be calibrated on it, nor thresholds fixed",
            _lacking(found, word),
        )
    elif min(found.positive, found.negative) < FEW:
        _log.warning(
            "thresholds and calibration will rest on %d positive and %d negative validation cases only: they are rough",
            found.positive,
            found.negative,
        )


def _lacking(found: Counts, word: str) -> str:
    """Which class a part lacks."""
    if not found.positive:
        return f"no case with {word}"
    return f"no case without {word}"
