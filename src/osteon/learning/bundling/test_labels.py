"""Which cases of a table a bundle is measured on, and which of its columns says that a case is positive."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from osteon.core.labels import UNKNOWN
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table
from osteon.learning.recipe import Recipe

POSITIVE: Final = "positive"
"""Label that is added where none of the table's is that of the recipe."""


def with_truth(table: Table, recipe: Recipe) -> tuple[Table, str]:
    """The images that the recipe uses, and the name of the label that its positive labels stand for.

    A single positive label is that of the table. Of several, one suffices. Where all labels are positive and exclude each
    other there is no question of yes or no: the label is unknown for all, and classes only are measured.

    A detector's recipe names the label itself.

    Args:
        table: with the labels of the recipe's task.
        recipe: says which images and which labels.

    Raises:
        DataError: the table has no label of that name.
    """
    if recipe.images.views:
        seen = table.frame["view"].is_in([str(view) for view in recipe.images.views])
        table = replace(table, frame=table.frame.filter(seen))
    if recipe.detection is not None:
        table.label(recipe.detection.image_label)
        return table, recipe.detection.image_label
    task = recipe.task
    named = [label.replace(" ", "_") for label in task.positive]
    if len(named) == 1:
        table.label(named[0])
        return table, named[0]
    if task.activation == "softmax" and set(task.positive) == set(task.labels):
        truth = np.full(len(table), UNKNOWN, np.int8)
    else:
        each = np.stack([table.label(name) for name in named])
        truth = np.where((each == 1).any(0), 1, np.where((each == 0).all(0), 0, UNKNOWN)).astype(np.int8)
    column = pl.Series(LABEL_PREFIX + POSITIVE, truth, pl.Int8)
    return replace(table, frame=table.frame.with_columns(column)), POSITIVE
