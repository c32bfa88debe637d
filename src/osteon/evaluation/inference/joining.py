"""Predictions of another system beside the table of cases: the table says what is true, and who belongs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.formats.coco import slug
from osteon.data.table.table import Table
from osteon.evaluation.inference.run_reader import attributes, clusters
from osteon.evaluation.predictions.classes import NAME, SAID, TRUE, Classes, truths
from osteon.evaluation.predictions.columns import probability_of, read_columns
from osteon.evaluation.predictions.predictions import Predictions, predictions


def join_predictions(path: Path, table: Table, label: str) -> tuple[Predictions, int]:
    """What a file says of the images of a table.

    The file needs ``image`` (path in the table, or file name) and ``probability`` or ``probability_<class>``; labels,
    studies and groups come from the table, whatever the file says of them. An image of the table that the file does not
    name has no probability.

    Args:
        path: of the file.
        table: of the cases.
        label: of the table, that makes a case positive.

    Returns:
        Predictions, one row for each image of the table in its order; and how many rows of the file lie outside it.

    Raises:
        DataError: a column is missing, an image is named twice, or none of the images is in the table.
    """
    columns = read_columns(path)
    if "image" not in columns:
        raise DataError("the predictions lack the column image", got=", ".join(columns))
    names = tuple(name.removeprefix(SAID) for name in columns if name.startswith(SAID))
    if "probability" not in columns and not names:
        raise DataError("the predictions lack probabilities", expected="probability or probability_<class>")
    rows = _places(columns["image"], table)
    inside = [at for at, row in enumerate(rows) if row is not None]
    if not inside:
        raise DataError(
            "none of the predicted images is in the table", expected=f"names such as {table.images[0]}", got=path.name
        )
    place = np.array([rows[at] for at in inside], np.int64)
    if len(np.unique(place)) < len(place):
        raise DataError("an image occurs twice in the predictions", expected="one row for each image")
    known = label in table.labels
    if not known and not names:
        table.label(label)
    said = predictions(
        table.images,
        table.label(label) if known else np.full(len(table), UNKNOWN),
        _spread(columns.get("probability"), inside, place, len(table)),
        study=table.frame["study"].to_list(),
        cluster=clusters(table),
        attributes=attributes(table),
    )
    if names:
        every = np.stack([_spread(columns[SAID + name], inside, place, len(table)) for name in names], axis=1)
        said = replace(said, classes=_classes(columns, names, every, table))
    return said, len(rows) - len(inside)


def _places(images: Sequence[str], table: Table) -> list[int | None]:
    """Row of each image in the table: by path, or by a file name that occurs once."""
    by_path = {image: row for row, image in enumerate(table.images)}
    by_name: dict[str, int | None] = {}
    for row, image in enumerate(table.images):
        name = Path(image).name
        by_name[name] = None if name in by_name else row
    return [by_path[image] if image in by_path else by_name.get(Path(image).name) for image in images]


def _spread(column: Sequence[str] | None, inside: Sequence[int], place: np.ndarray, n: int) -> np.ndarray:
    values = np.full(n, np.nan)
    if column is not None:
        values[place] = [probability_of(column[at], at + 1) for at in inside]
    return values


def _classes(columns: Mapping[str, Sequence[str]], names: tuple[str, ...], every: np.ndarray, table: Table) -> Classes:
    known = {name: table.label(slug(name)) for name in names if slug(name) in table.labels}
    if len(known) < len(names) - 1 and not any(name in columns for name in (NAME, *(TRUE + name for name in names))):
        absent = [name for name in names if name not in known]
        raise DataError(
            "the table has no labels of these classes", expected=", ".join(table.labels), got=", ".join(absent)
        )
    sums = every[np.isfinite(every).all(axis=1)].sum(axis=1)
    exclusive = bool(len(sums) and np.all(np.abs(sums - 1) < 1e-3))
    return Classes(names, truths(names, known, len(table), exclusive=exclusive), every, exclusive)
