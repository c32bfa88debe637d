"""Numbers of the papers that no evaluation of a recipe gives, each with its place and the reason why it is not measured."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Statement

DATASET: Final = "it describes the data: `osteon data stats` prints the published counts beside those of your files"
"""Of the paper's own dataset."""

OTHERS: Final = "it is of other authors' work, on data that are not the paper's"
"""Of work that the paper cites."""

COLLECTION: Final = "it is the size of a dataset that the paper lists and does not use"
"""Of other datasets."""

MACHINE: Final = "it depends on the machine: the report of `osteon reproduce` has the seconds of each run here"
"""Of times on the authors' machine."""


def counted(where: str, reason: str, numbers: dict[str, float]) -> tuple[Statement, ...]:
    """Several numbers of one place with one reason, by what they count."""
    return tuple(Statement(label, value, where, reason) for label, value in numbers.items())
