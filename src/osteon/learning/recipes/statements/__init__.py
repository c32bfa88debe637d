"""What stands in the papers beside their recipes, a file for each paper, in its order.

The figures that a paper prints of its networks, which the recipes claim; what it leaves open and where the recipes depart from
it; and every other number of it, each with its place and ours or the reason why it is not measured. Years of publication,
numbers of references and of sections are left out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from osteon.learning.recipe import Statement

DATASET: Final = "it describes the data: `osteon data stats` prints the published counts beside those of your files"
"""Of the paper's own dataset."""

OTHERS: Final = "it is of other authors' work, on data that are not the paper's"
"""Of work that the paper cites."""

COLLECTION: Final = "it is the size of a dataset that the paper lists and does not use"
"""Of other datasets."""

MACHINE: Final = "it depends on the machine: the report of `osteon reproduce` has the seconds of each run here"
"""Of times on the authors' machine."""


class Setting(NamedTuple):
    """A number by which the paper's networks were trained or measured.

    Attributes:
        label: what it is, in words.
        value: as the paper prints it.
        setting: leaf of the recipe, or a quantity that follows from several.
        note: what to know of it.
    """

    label: str
    value: float
    setting: str
    note: str = ""


def counted(where: str, reason: str, numbers: dict[str, float]) -> tuple[Statement, ...]:
    """Several numbers of one place with one reason, by what they count."""
    return tuple(Statement(label, value, where, reason) for label, value in numbers.items())


def settings(where: str, about: str, *stated: Setting) -> tuple[Statement, ...]:
    """Settings of a recipe that stand in one place of the paper."""
    return tuple(
        Statement(one.label, one.value, where, "", about=about, setting=one.setting, note=one.note) for one in stated
    )


def searched(where: str, about: str, key: str, label: str, *values: float) -> tuple[Statement, ...]:
    """The values that the paper tried for a setting."""
    return tuple(Statement(f"{label}, tried", value, where, "", about=about, searched=key) for value in values)
