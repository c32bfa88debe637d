"""From a run to its cases: read the dataset, divide it once, and store the split with the run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import open_bundle
from osteon.bundle.catalogue import DEFAULT, shipped
from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import DATASETS, find, read
from osteon.data.splits.grouping import grouped
from osteon.data.splits.leakage import leaks
from osteon.data.splits.record import Split, load_split
from osteon.data.table.table import Table
from osteon.inference.networks.features import FeatureExtractor
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.coverage import check_labels
from osteon.learning.inputs.divide import divide
from osteon.learning.inputs.lists import PARTS
from osteon.learning.recipe import ImageSelection, Recipe, SplitRule, Task
from osteon.learning.runs.content import check_content
from osteon.learning.runs.run import Run

_log = logging.getLogger(__name__)


class Parts(NamedTuple):
    """The cases of a run.

    Attributes:
        train: to train on.
        val: to select epoch, calibration and thresholds on.
        test: to evaluate on, once.
        table: all cases.
        split: their division into parts.
    """

    train: Cases
    val: Cases
    test: Cases
    table: Table
    split: Split


def prepare_cases(run: Run, data: Path | None = None) -> Parts:
    """The cases of a run, divided as its ``split.json`` says; where there is none yet, it is made and stored.

    Args:
        run: names dataset, folder and rule.
        data: folder of the dataset, if it has moved since.

    Raises:
        DataError: the dataset cannot be read or divided, is not the one that the run was started with, a part is empty, or a
            label of the task is not in it.
    """
    recipe = run.recipe
    root = data or Path(run.data)
    table = read_data(recipe.dataset, root)
    check_labels(table, recipe)
    given = run.split_file.is_file()
    table, rule = grouped_table(table, root, recipe.split, look=not given)
    made = load_split(run.split_file) if given else divide(table, rule)
    check_content(run, table, root, made)
    if given:
        _warn_of_leaks(made, table)
    else:
        made.save(run.split_file)
    train, val, test = (cases_of(table.select(made.parts.get(part, ())), root, recipe, part) for part in PARTS)
    return Parts(train, val, test, table, made)


def grouped_table(table: Table, root: Path, rule: SplitRule, *, look: bool = True) -> tuple[Table, SplitRule]:
    """The table with the columns that the rule groups by, and the rule with those that the dataset has.

    Runs of numbers and look-alikes count for datasets only whose card names them: in others the numbers of files may have
    nothing to do with patients.

    Args:
        table: cases.
        root: folder of the dataset.
        rule: of the recipe.
        look: whether to search for look-alikes, which takes a pass of the shipped network over all images.
    """
    named = find(table.dataset).card.identifiers
    columns = tuple(column for column in rule.group if column not in ("run", "lookalike") or column in named)
    if not look:
        columns = tuple(column for column in columns if column != "lookalike")
    embed = FeatureExtractor(open_bundle(DEFAULT)) if "lookalike" in columns and DEFAULT in shipped() else None
    found = grouped(table, root, columns, embed=embed, method="hash", without="this installation ships no network")
    for sentence in found.missing:
        _log.warning(sentence)
    return found.table, replace(rule, group=found.columns)


def read_data(name: str, root: Path) -> Table:
    """Read a dataset; the error names the option for folders of another kind.

    Raises:
        DataError: the folder does not hold it.
    """
    try:
        return read(name, root)
    except DataError as error:
        own = ", ".join(dataset.card.name for dataset in DATASETS if dataset.card.access == "own")
        hint = f"It was read as a dataset of the kind {name}, as the recipe says; --dataset names another: {own}."
        raise DataError(
            error.problem, expected=error.expected, got=error.got, hint=f"{error.hint} {hint}".strip()
        ) from error


def _warn_of_leaks(made: Split, table: Table) -> None:
    for column, groups in leaks(made, table).items():
        groups_name = "groups of near duplicates" if column == "cluster" else f"values of {column}"
        _log.warning("the split divides %d %s: figures will be too optimistic", len(groups), groups_name)


def cases_of(table: Table, root: Path, recipe: Recipe, part: str) -> Cases:
    """The cases of a table that a recipe uses.

    Studies that lack a view which the recipe shows together with others are left out and counted in the log.

    Args:
        table: the images of one part.
        root: the dataset's folder.
        recipe: says which images make a case, and what is predicted.
        part: its name, for messages.

    Raises:
        DataError: the part holds no case, or a label of the task is not in the table.
    """
    if recipe.detection is not None:
        table = _annotated(table, recipe, part)
    views = _views(table, recipe.images)
    if not len(views):
        raise DataError(f"the {part} part of the split is empty", hint="Give more data, or other fractions.")
    marks = [list(boxes or []) for boxes in table.frame["boxes"].to_list()]
    kinds = tuple(_kinds(boxes, recipe) for boxes in marks)
    all_targets = _targets(table, recipe.task) if recipe.detection is None else _held(kinds, len(recipe.task.labels))
    targets = all_targets[views[:, 0]]
    positive = np.array([label in recipe.task.positive for label in recipe.task.labels])
    clusters = table.frame["cluster"].to_list()
    named = [image if cluster is None else str(cluster) for image, cluster in zip(table.images, clusters, strict=True)]
    return Cases(
        root=root,
        images=tuple(table.images),
        views=views,
        targets=targets,
        positive=np.nan_to_num(targets[:, positive]).max(1) > 0,
        boxes=tuple(_corners(boxes) for boxes in marks),
        kinds=kinds,
        crowds=tuple(np.array([mark["crowd"] for mark in boxes], bool) for boxes in marks),
        groups=tuple(named[row] for row in views[:, 0]),
    )


def _annotated(table: Table, recipe: Recipe, part: str) -> Table:
    """The images whose findings are known: those without a box and with an unknown label are left out."""
    named = [name for name in (label.replace(" ", "_") for label in recipe.task.labels) if name in table.labels]
    if recipe.detection is not None and recipe.detection.image_label in table.labels:
        named.append(recipe.detection.image_label)
    if not named or not len(table):
        return table
    unknown = np.stack([table.label(name) == UNKNOWN for name in named]).any(0)
    bare = table.frame["boxes"].list.len().fill_null(0).to_numpy() == 0
    if not (left := int((unknown & bare).sum())):
        return table
    _log.warning("%d of %d images of the %s part have no box and an unknown label: left out", left, len(table), part)
    return table.select([image for image, out in zip(table.images, unknown & bare, strict=True) if not out])


def _views(table: Table, selection: ImageSelection) -> NDArray[np.intp]:
    """Rows of the table that make a case: (N, V)."""
    views = [str(view) for view in selection.views]
    seen = table.frame["view"].to_list()
    if not selection.together:
        return np.array([row for row, view in enumerate(seen) if not views or view in views], np.intp).reshape(-1, 1)
    studies: dict[str, dict[str, int]] = {}
    for row, (study, view) in enumerate(zip(table.frame["study"].to_list(), seen, strict=True)):
        if view in views:
            studies.setdefault(study, {}).setdefault(view, row)
    whole = [[found[view] for view in views] for found in studies.values() if len(found) == len(views)]
    if lost := table.frame["study"].n_unique() - len(whole):
        _log.warning("%d studies lack a view (%s) and are left out", lost, " or ".join(views))
    return np.array(whole, np.intp).reshape(-1, len(views))


def _targets(table: Table, task: Task) -> NDArray[np.float32]:
    """The task's labels (N, L). Where they exclude each other, one that the table lacks (``normal``) is what is left."""
    absent = [label for label in task.labels if not _known(table, label)]
    if task.activation != "softmax" or len(absent) != 1 or len(task.labels) < 2:
        return np.stack([_target(table, label) for label in task.labels], 1)
    others = np.stack([_target(table, label) for label in task.labels if label not in absent], 1)
    # NaN, that is unknown, where no other holds and one of them is not known.
    rest = np.where((others == 1).any(1), 0, 1 - others.max(1))
    return np.insert(others, task.labels.index(absent[0]), rest, axis=1).astype(np.float32)


def _known(table: Table, label: str) -> bool:
    name = label.replace(" ", "_")
    return name in table.labels or name.removeprefix("no_") in table.labels


def _target(table: Table, label: str) -> NDArray[np.float32]:
    """A label's column as float32 (N,), NaN where unknown; ``no x`` is the complement of ``x``."""
    name = label.replace(" ", "_")
    opposite = name.startswith("no_") and name not in table.labels
    values = table.label(name.removeprefix("no_") if opposite else name)
    known = (1 - values) if opposite else values
    return np.where(values == UNKNOWN, np.nan, known).astype(np.float32)


def _corners(marks: list[dict[str, Any]]) -> NDArray[np.float32]:
    corners = [[mark["x0"], mark["y0"], mark["x1"], mark["y1"]] for mark in marks]
    return np.array(corners, np.float32).reshape(-1, 4)


def _kinds(marks: list[dict[str, Any]], recipe: Recipe) -> NDArray[np.intp]:
    """The task's label of each box (n,), or the label for all others, or -1."""
    number = {label.replace(" ", "_"): index for index, label in enumerate(recipe.task.labels)}
    named = recipe.detection.other_label if recipe.detection is not None else None
    rest = -1 if named is None else number[named.replace(" ", "_")]
    return np.array([number.get(str(mark["label"]).replace(" ", "_"), rest) for mark in marks], np.intp)


def _held(kinds: Sequence[NDArray[np.intp]], labels: int) -> NDArray[np.float32]:
    """Whether an image has a box of each label: (M, L)."""
    held = np.zeros((len(kinds), labels), np.float32)
    for row, found in enumerate(kinds):
        held[row, found[found >= 0]] = 1.0
    return held
