"""Predictions as a table that any system can write: one row for each image, CSV or Parquet.

==============  ===========================================================================================
``image``       path or identifier of the image; once in the table
``label``       1, 0, or empty / -1 where nobody labelled it; an unknown label is never counted as 0
``probability``  calibrated probability of the positive label; empty where the image was not read
``study``       what the views taken together share; the image itself where the column is missing
``cluster``     patient, or group of near-duplicates; the study where the column is missing
==============  ===========================================================================================

Further columns are kept as text: subgroups (``body_part``, ``age`` ...), ``split``, the reason why an image was
refused.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.evaluation.checks import Booleans, Floats

Texts = NDArray[np.str_]

REQUIRED: Final = ("image", "label", "probability")
COLUMNS: Final = ("image", "study", "cluster", "label", "probability")
UNKNOWN_WORDS: Final = frozenset({"", "-1", "-1.0", "nan", "null", "none", "unknown"})
LABEL_WORDS: Final = {"1": 1, "1.0": 1, "true": 1, "0": 0, "0.0": 0, "false": 0}


@dataclass(frozen=True)
class Predictions:
    """What a system said of each image, and what is true of it.

    Attributes:
        image: names, each once, (n,).
        study: (n,).
        cluster: patient or group of near-duplicates, (n,); what intervals resample.
        label: int8 (n,): 1, 0 or ``UNKNOWN``.
        probability: float64 (n,) in [0, 1]; NaN where the image was not read.
        attributes: further columns, text of shape (n,); empty text where unknown.
    """

    image: Texts
    study: Texts
    cluster: Texts
    label: NDArray[np.int8]
    probability: Floats
    attributes: Mapping[str, Texts] = field(default_factory=dict[str, Texts])

    def __post_init__(self) -> None:
        """Check lengths, names, labels and probabilities.

        Raises:
            DataError: what is wrong, and in which row.
        """
        columns: dict[str, NDArray[np.generic]] = {name: getattr(self, name) for name in COLUMNS}
        columns |= self.attributes
        if not len(self.image):
            raise DataError("there are no predictions", expected="at least one row", got="0 rows")
        for name, values in columns.items():
            if values.shape != self.image.shape:
                raise DataError(
                    f"the column {name} has another length", expected=f"{self.image.shape}", got=f"{values.shape}"
                )
        _unique(self.image)
        for name in ("image", "study", "cluster"):
            empty = np.flatnonzero(columns[name] == "")
            if len(empty):
                raise DataError(f"the column {name} has empty names", got=f"row {int(empty[0]) + 1}")
        strange = np.flatnonzero(~np.isin(self.label, (0, 1, UNKNOWN)))
        if len(strange):
            raise DataError("a label is not binary", expected="1, 0 or -1", got=f"{self.label[strange[0]]}")
        outside = np.flatnonzero((self.probability < 0) | (self.probability > 1))
        if len(outside):
            row = int(outside[0])
            raise DataError(
                "a probability lies outside [0, 1]",
                expected="calibrated probabilities",
                got=f"{self.probability[row]:g} in row {row + 1}",
                hint="Give probabilities, not logits or percentages.",
            )
        _one_cluster(self.study, self.cluster)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.image)

    @property
    def labelled(self) -> Booleans:
        """Whether the label is known, (n,)."""
        return self.label != UNKNOWN

    @property
    def read(self) -> Booleans:
        """Whether the image got a probability, (n,)."""
        return np.isfinite(self.probability)

    def select(self, rows: Booleans | NDArray[np.int64]) -> Predictions:
        """Some of the rows, by a mask or by numbers.

        Raises:
            DataError: none is left.
        """
        return Predictions(
            self.image[rows],
            self.study[rows],
            self.cluster[rows],
            self.label[rows],
            self.probability[rows],
            {name: values[rows] for name, values in self.attributes.items()},
        )

    def complete(self) -> Predictions:
        """The rows with a known label and a probability: those that figures are made of.

        Raises:
            DataError: none is left.
        """
        return self.select(self.labelled & self.read)


def predictions(
    image: Iterable[str],
    label: Sequence[int] | NDArray[np.generic],
    probability: Sequence[float] | NDArray[np.generic],
    *,
    study: Iterable[str] | None = None,
    cluster: Iterable[object] | None = None,
    attributes: Mapping[str, Iterable[object]] | None = None,
) -> Predictions:
    """Put columns together; a missing study is the image, a missing cluster the study.

    Raises:
        DataError: as :class:`Predictions`.
    """
    images = _text(image)
    studies = images if study is None else _text(study)
    return Predictions(
        images,
        studies,
        studies if cluster is None else _text(cluster),
        np.asarray(label).astype(np.int8),
        np.asarray(probability, np.float64),
        {name: _text(values) for name, values in (attributes or {}).items()},
    )


def read_predictions(path: Path) -> Predictions:
    """Read a table of predictions, CSV or Parquet by its suffix.

    Raises:
        DataError: the file is missing or not such a table; the message names the column and row.
    """
    if not path.is_file():
        raise DataError("there is no such file of predictions", got=str(path))
    table = _read_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _read_csv(path)
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        raise DataError(
            f"the predictions lack the column {missing[0]}",
            expected=", ".join(REQUIRED) + " and, if known, study and cluster",
            got=", ".join(table) or "no column",
        )
    return predictions(
        table["image"],
        [_label(text, row) for row, text in enumerate(table["label"], 1)],
        [_probability(text, row) for row, text in enumerate(table["probability"], 1)],
        study=_filled(table.get("study"), table["image"]),
        cluster=_filled(table.get("cluster"), _filled(table.get("study"), table["image"])),
        attributes={name: values for name, values in table.items() if name not in COLUMNS},
    )


def write_predictions(table: Predictions, path: Path) -> None:
    """Write a table of predictions, CSV or Parquet by its suffix."""
    label = ["" if value == UNKNOWN else str(value) for value in table.label.tolist()]
    chance = ["" if np.isnan(value) else repr(value) for value in table.probability.tolist()]
    columns: dict[str, list[str]] = {
        "image": table.image.tolist(),
        "study": table.study.tolist(),
        "cluster": table.cluster.tolist(),
        "label": label,
        "probability": chance,
    }
    columns |= {name: values.tolist() for name, values in table.attributes.items()}
    if path.suffix.lower() in (".parquet", ".pq"):
        _write_parquet(table, columns, path)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_parquet(table: Predictions, columns: Mapping[str, list[str]], path: Path) -> None:
    import polars as pl

    frame = pl.DataFrame(columns).with_columns(
        pl.Series("label", [None if value == UNKNOWN else value for value in table.label.tolist()], pl.Int8),
        pl.Series("probability", [None if np.isnan(p) else p for p in table.probability.tolist()], pl.Float64),
    )
    frame.write_parquet(path)


def _read_parquet(path: Path) -> dict[str, list[str]]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError("the predictions cannot be read", expected="a Parquet table", got=path.name) from error
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    frame = frame.drop(nested).with_columns(
        pl.col(name).cast(pl.Int8) for name, kind in frame.schema.items() if kind == pl.Boolean
    )
    return {
        name: [
            "" if value is None else repr(value) if isinstance(value, float) else str(value) for value in frame[name]
        ]
        for name in frame.columns
    }


def _read_csv(path: Path) -> dict[str, list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError("the predictions cannot be read", expected="a CSV table in UTF-8", got=path.name) from error
    rows = [row for row in rows if row]
    if not rows:
        raise DataError("the file of predictions is empty", got=path.name)
    header = [name.strip() for name in rows[0]]
    if len(set(header)) != len(header):
        raise DataError("two columns have the same name", got=", ".join(header))
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise DataError(
                "a row has another length", expected=f"{len(header)} columns", got=f"{len(row)} in row {number}"
            )
    return {name: [row[i].strip() for row in rows[1:]] for i, name in enumerate(header)}


def _label(text: str, row: int) -> int:
    word = text.lower()
    if word in UNKNOWN_WORDS:
        return UNKNOWN
    if word not in LABEL_WORDS:
        raise DataError("a label is not binary", expected="1, 0, or empty where unknown", got=f"{text!r} in row {row}")
    return LABEL_WORDS[word]


def _probability(text: str, row: int) -> float:
    if text.lower() in ("", "nan", "null", "none"):
        return float("nan")
    try:
        return float(text)
    except ValueError as error:
        raise DataError("a probability is not a number", expected="a number in [0, 1]", got=f"row {row}") from error


def _filled(names: Sequence[str] | None, otherwise: Sequence[str]) -> Sequence[str]:
    return otherwise if names is None else [name or other for name, other in zip(names, otherwise, strict=True)]


def _text(values: Iterable[object]) -> Texts:
    words = ["" if value is None else str(value) for value in values]
    return np.array(words, dtype=np.str_) if words else np.zeros(0, "U1")


def _unique(image: Texts) -> None:
    names, times = np.unique(image, return_counts=True)
    if len(names) != len(image):
        raise DataError(
            "an image occurs twice in the predictions",
            expected="one row for each image",
            got=f"{int((times > 1).sum())} images with several rows",
        )


def _one_cluster(study: Texts, cluster: Texts) -> None:
    pairs = np.unique(np.stack([study, cluster]), axis=1)
    if len(np.unique(pairs[0])) != pairs.shape[1]:
        raise DataError(
            "a study lies in two clusters",
            expected="all images of a study in one cluster",
            hint="A cluster is a patient, or a group of near-duplicates; a study is a part of it.",
        )
