"""Predictions as a table that any system can write: one row for each image, CSV or Parquet.

==============  ===========================================================================================
``image``       path or identifier of the image; once in the table
``label``       1, 0, or empty / -1 where nobody labelled it; an unknown label is never counted as 0
``probability``  calibrated probability of the positive label; empty where the image was not read
``study``       what the views taken together share; the image itself where the column is missing
``cluster``     patient, or group of near-duplicates; the study where the column is missing
==============  ===========================================================================================

With several classes there are ``probability_<class>``, and ``class`` (the name of the one true class) or
``label_<class>`` (1, 0 or empty); ``label`` and ``probability`` may then be missing, or say of each image whether it is
positive at all.

Further columns are kept as text: subgroups (``body_part``, ``age`` ...), ``split``, the reason why an image was
refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.evaluation.predictions.classes import NAME, SAID, TRUE, Classes, from_columns
from osteon.evaluation.predictions.columns import (
    PARQUET,
    label_of,
    probability_of,
    read_columns,
    write_csv,
    write_parquet,
)
from osteon.stats.checks import Booleans, Floats

Texts = NDArray[np.str_]

REQUIRED: Final = ("image", "label", "probability")
COLUMNS: Final = ("image", "study", "cluster", "label", "probability")


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
        classes: what was said of several classes, or None where there is one question only.
    """

    image: Texts
    study: Texts
    cluster: Texts
    label: NDArray[np.int8]
    probability: Floats
    attributes: Mapping[str, Texts] = field(default_factory=dict[str, Texts])
    classes: Classes | None = None

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
        if self.classes is not None and len(self.classes) != len(self.image):
            raise DataError(
                "the classes have another length", expected=f"{len(self.image)}", got=f"{len(self.classes)}"
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
            None if self.classes is None else self.classes.select(rows),
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
    return predictions_from(read_columns(path))


def predictions_from(table: Mapping[str, Sequence[str]]) -> Predictions:
    """Predictions from columns of text.

    Raises:
        DataError: a column is missing or a value is invalid; the message names the column and row.
    """
    classes = from_columns(table)
    missing = [name for name in (REQUIRED if classes is None else REQUIRED[:1]) if name not in table]
    if missing:
        raise DataError(
            f"the predictions lack the column {missing[0]}",
            expected=", ".join(REQUIRED) + " and, if known, study and cluster",
            got=", ".join(table) or "no column",
        )
    nothing = [""] * len(table["image"])
    found = predictions(
        table["image"],
        [label_of(text, row) for row, text in enumerate(table.get("label", nothing), 1)],
        [probability_of(text, row) for row, text in enumerate(table.get("probability", nothing), 1)],
        study=_filled(table.get("study"), table["image"]),
        cluster=_filled(table.get("cluster"), _filled(table.get("study"), table["image"])),
        attributes={name: values for name, values in table.items() if not _known(name, several=classes is not None)},
    )
    return replace(found, classes=classes)


def _known(name: str, *, several: bool) -> bool:
    """Whether a column is no attribute."""
    return name in COLUMNS or (several and (name == NAME or name.startswith((TRUE, SAID))))


def write_predictions(table: Predictions, path: Path) -> None:
    """Write a table of predictions, CSV or Parquet by its suffix."""
    labels: dict[str, list[str]] = {"label": _labels(table.label)}
    chances: dict[str, list[str]] = {"probability": _chances(table.probability)}
    named: dict[str, list[str]] = {}
    several = table.classes
    if several is not None:
        chances |= {SAID + name: _chances(several.probability[:, i]) for i, name in enumerate(several.names)}
        if several.exclusive:
            best = several.truth.argmax(axis=1).tolist()
            known = (several.truth == 1).any(axis=1).tolist()
            named[NAME] = [several.names[i] if there else "" for i, there in zip(best, known, strict=True)]
        else:
            labels |= {TRUE + name: _labels(several.truth[:, i]) for i, name in enumerate(several.names)}
    columns: dict[str, list[str]] = {
        "image": table.image.tolist(),
        "study": table.study.tolist(),
        "cluster": table.cluster.tolist(),
        **labels,
        **chances,
        **named,
        **{name: values.tolist() for name, values in table.attributes.items()},
    }
    if path.suffix.lower() in PARQUET:
        write_parquet(columns, list(labels), list(chances), path)
    else:
        write_csv(columns, path)


def _labels(values: NDArray[np.int8]) -> list[str]:
    return ["" if value == UNKNOWN else str(value) for value in values.tolist()]


def _chances(values: Floats) -> list[str]:
    return ["" if np.isnan(value) else repr(value) for value in values.tolist()]


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
