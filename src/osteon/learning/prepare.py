"""From a run to its cases: read the dataset, divide it once, and keep the split with the run."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.duplicates import with_clusters
from osteon.data.split import Split, load_split, official_split, split
from osteon.data.table import Table
from osteon.learning.cases import Cases
from osteon.learning.recipe import SplitRule, Task
from osteon.learning.run import Run

PARTS = ("train", "val", "test")


class Parts(NamedTuple):
    """The cases of a run.

    Attributes:
        train: to learn from.
        val: to select epoch, calibration and thresholds on.
        test: to measure on, once.
        table: all cases.
        split: which of them lies where.
    """

    train: Cases
    val: Cases
    test: Cases
    table: Table
    split: Split


def prepare_cases(run: Run, data: Path | None = None) -> Parts:
    """The cases of a run, divided as its ``split.json`` says; where there is none yet, it is made and kept.

    Args:
        run: names dataset, folder and rule.
        data: folder of the dataset, where it has moved since.

    Raises:
        DataError: the dataset cannot be read or divided, a part is empty, or a label of the task is not in it.
    """
    recipe = run.recipe
    root = data or Path(run.data)
    table = read(recipe.dataset, root)
    if recipe.split.group == "cluster":
        table = with_clusters(table, root)
    if run.split_file.is_file():
        made = load_split(run.split_file)
    else:
        made = divide(table, recipe.split)
        made.save(run.split_file)
    train, val, test = (_cases(table.select(made.parts.get(part, ())), root, recipe.task, part) for part in PARTS)
    return Parts(train, val, test, table, made)


def divide(table: Table, rule: SplitRule) -> Split:
    """The publisher's split where it is complete and has a validation part; else one by the rule."""
    if set(table.frame["split"].drop_nulls().unique()) >= set(PARTS):
        try:
            return official_split(table)
        except DataError:
            # FracAtlas's lists, for one, cover only the fractured images: no split of the whole.
            pass
    fractions = {"train": rule.train, "val": rule.val, "test": rule.test}
    return split(table, fractions, seed=rule.seed, group=rule.group, stratify=rule.stratify)


def _cases(table: Table, root: Path, task: Task, part: str) -> Cases:
    if not len(table):
        raise DataError(f"the {part} part of the split is empty", hint="Give more data, or other fractions.")
    targets = np.stack([_target(table, label) for label in task.labels], 1)
    positive = np.array([label in task.positive for label in task.labels])
    clusters = table.frame["cluster"].to_list()
    return Cases(
        root=root,
        images=tuple(table.images),
        targets=targets,
        positive=np.nan_to_num(targets[:, positive]).max(1) > 0,
        boxes=tuple(_boxes(marks) for marks in table.frame["boxes"].to_list()),
        groups=tuple(
            image if cluster is None else str(cluster) for image, cluster in zip(table.images, clusters, strict=True)
        ),
    )


def _target(table: Table, label: str) -> NDArray[np.float32]:
    """A label's column as float32 (N,), NaN where unknown; ``no x`` is the complement of ``x``."""
    name = label.replace(" ", "_")
    opposite = name.startswith("no_") and name not in table.labels
    values = table.label(name.removeprefix("no_") if opposite else name)
    known = (1 - values) if opposite else values
    return np.where(values == UNKNOWN, np.nan, known).astype(np.float32)


def _boxes(marks: list[dict[str, float]] | None) -> NDArray[np.float32]:
    corners = [[mark["x0"], mark["y0"], mark["x1"], mark["y1"]] for mark in marks or []]
    return np.array(corners, np.float32).reshape(-1, 4)
