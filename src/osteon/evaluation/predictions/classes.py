"""What a system says of each of several classes, and what is true: one class for each image, or any number of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.evaluation.predictions.columns import UNKNOWN_WORDS, label_of, probability_of
from osteon.stats.checks import Booleans, Floats

Truth = NDArray[np.int8]

TRUE: Final = "label_"
SAID: Final = "probability_"
"""Columns of a file: ``label_<class>`` and ``probability_<class>``."""

NAME: Final = "class"
"""Column of a file that names the one class of an image."""

AVERAGES: Final = ("macro", "weighted")
"""Words that figures use for averages; no class may have such a name."""


@dataclass(frozen=True)
class Classes:
    """Truth and probabilities of several classes.

    Attributes:
        names: of the classes, (k,).
        truth: 1, 0 or ``UNKNOWN``, (n, k).
        probability: in [0, 1], NaN in all classes where the image was not read, (n, k).
        exclusive: whether each image has one class; the call is then the class of the highest probability.
    """

    names: tuple[str, ...]
    truth: Truth
    probability: Floats
    exclusive: bool

    def __post_init__(self) -> None:
        """Check names, shapes and values.

        Raises:
            DataError: what is wrong.
        """
        k = len(self.names)
        if k < 2 or len(set(self.names)) != k or any(name in ("", *AVERAGES) for name in self.names):
            raise DataError(
                "invalid classes", expected="two or more names, none of them twice, macro or weighted", got=f"{k}"
            )
        if self.truth.shape != self.probability.shape or self.truth.shape[1:] != (k,):
            raise DataError(
                "truth and probabilities of the classes do not agree",
                expected=f"(n, {k}) both",
                got=f"{self.truth.shape} and {self.probability.shape}",
            )
        if np.any((self.probability < 0) | (self.probability > 1)):
            raise DataError("a class's probability lies outside [0, 1]", hint="Give probabilities, not logits.")
        if np.any(np.isnan(self.probability).any(axis=1) != np.isnan(self.probability).all(axis=1)):
            raise DataError("an image has probabilities of some classes only", expected="of all of them, or of none")
        if not np.isin(self.truth, (0, 1, UNKNOWN)).all():
            raise DataError("a label is not binary", expected="1, 0 or -1")
        if self.exclusive and np.any((self.truth == 1).sum(axis=1) > 1):
            raise DataError("an image has several classes", expected="one, since the classes exclude each other")

    def __len__(self) -> int:
        """Number of images."""
        return len(self.truth)

    @property
    def read(self) -> Booleans:
        """Whether the image has probabilities, (n,)."""
        return ~np.isnan(self.probability[:, 0])

    def select(self, rows: Booleans | NDArray[np.int64]) -> Classes:
        """Some of the images."""
        return Classes(self.names, self.truth[rows], self.probability[rows], self.exclusive)

    def usable(self) -> Booleans:
        """Rows that figures can be made of, (n,): read, and with a known class (one of them, where several may hold)."""
        known = (self.truth == 1).any(axis=1) if self.exclusive else (self.truth != UNKNOWN).any(axis=1)
        return self.read & known


def truths(names: Sequence[str], known: Mapping[str, Truth], n: int, *, exclusive: bool) -> Truth:
    """Truth of each class from the labels of a table, (n, k).

    Where classes exclude each other and one of them has no label (usually the normal one), it is what is left: 1 where
    all others are 0, 0 where one is 1.
    """
    table = np.full((n, len(names)), UNKNOWN, np.int8)
    for column, name in enumerate(names):
        if name in known:
            table[:, column] = known[name]
    absent = [column for column, name in enumerate(names) if name not in known]
    if exclusive and len(absent) == 1:
        others = np.delete(table, absent, axis=1)
        rest = np.where((others == 1).any(axis=1), 0, np.where((others == 0).all(axis=1), 1, UNKNOWN))
        table[:, absent[0]] = rest
    if exclusive:
        # One true class settles the others.
        settled = (table == 1).any(axis=1)
        table[settled] = np.maximum(table[settled], 0)
    return table


def from_columns(columns: Mapping[str, Sequence[str]]) -> Classes | None:
    """Classes of a file of predictions: ``probability_<class>``, and ``label_<class>`` or ``class``; None without.

    With ``class`` (a name for each image) the classes exclude each other; with ``label_<class>`` they do where every
    image has one class and its probabilities sum to 1.

    Raises:
        DataError: a column is missing or a value is invalid.
    """
    names = tuple(name.removeprefix(SAID) for name in columns if name.startswith(SAID))
    if not names:
        return None
    probability = np.array(
        [[probability_of(text, row) for row, text in enumerate(columns[SAID + name], 1)] for name in names]
    ).T.reshape(-1, len(names))
    if NAME in columns:
        return Classes(names, _named(columns[NAME], names), probability, exclusive=True)
    missing = [name for name in names if TRUE + name not in columns]
    if missing:
        raise DataError(
            "the classes of the predictions have no truth",
            expected=f"a column {NAME} with the name of each image's class, or {TRUE}{missing[0]} and so on",
            got=", ".join(columns),
        )
    truth = np.array(
        [[label_of(text, row) for row, text in enumerate(columns[TRUE + name], 1)] for name in names], np.int8
    ).T.reshape(-1, len(names))
    sums = np.nansum(probability, axis=1)
    one = bool(((truth == 1).sum(axis=1) <= 1).all() and np.all(np.abs(sums[sums > 0] - 1) < 1e-3))
    return Classes(names, truth, probability, exclusive=one)


def _named(words: Sequence[str], names: tuple[str, ...]) -> Truth:
    truth = np.zeros((len(words), len(names)), np.int8)
    for row, word in enumerate(words):
        if word.lower() in UNKNOWN_WORDS:
            truth[row] = UNKNOWN
        elif word not in names:
            raise DataError(
                "an image has a class without a probability", expected=", ".join(names), got=f"row {row + 1}"
            )
        else:
            truth[row, names.index(word)] = 1
    return truth
