"""A paper: the recipes whose figures stand beside each other in its tables, and what ``osteon reproduce`` runs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osteon.learning.recipe.composite import AnyRecipe

Measured = Literal["", "parameters", "multiply_adds", "test_images", "majority"]
"""Of a statement: what of the recipe's network, or of the cases that it was measured on, is counted."""

Value = bool | int | float | str | None
"""Of a leaf that is searched."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Some values of a leaf.

    Attributes:
        keys: leaves that move together and take the same value, as ``--set`` names them.
        values: to try.
    """

    keys: tuple[str, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """All values of a leaf between two ends, which belong to it.

    Attributes:
        keys: leaves that move together and take the same value, as ``--set`` names them.
        low: the lower end.
        high: the upper end.
        log: whether the logarithm is drawn uniformly, not the value.
        points: into which a grid divides it, both ends among them.
    """

    keys: tuple[str, ...]
    low: float
    high: float
    log: bool
    points: int


Axis = Choices | Range


@dataclass(frozen=True, slots=True)
class Space:
    """What ``osteon search`` tries.

    Attributes:
        axes: that are combined with each other.
        source: table or section of the paper, or who chose them.
    """

    axes: tuple[Axis, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Phantoms:
    """Simulated data in the dataset's layout, for where the dataset is not at hand.

    Attributes:
        kind: of phantom.
        layout: of the files; see ``osteon.phantom.layouts``.
        cases: how many.
        size: longer edge of the pictures, in pixels.
        seed: of the simulation.
        hidden: share of the cases of two views in which one view is taken of the same limb unbroken, so that the fracture
            is seen in the other view only; both views in turn.
    """

    kind: str
    layout: str
    cases: int
    size: int
    seed: int
    hidden: float


@dataclass(frozen=True, slots=True)
class Change:
    """Settings that a budget applies to some recipes, as ``--set`` would.

    Attributes:
        variants: short names of the recipes; empty for all of the budget.
        settings: each ``key=value``.
        why: one sentence, printed in the report.
    """

    variants: tuple[str, ...]
    settings: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is run: ``full`` is the paper's own numbers, ``small`` what two processors do in minutes.

    Attributes:
        name: of the budget.
        variants: short names of the recipes that are run; empty for all.
        seeds: of the runs; empty for those of each recipe.
        phantoms: where no data are given.
        changes: what differs from the paper's numbers.
        resamples: of the bootstrap.
        minutes: that all of it takes on two processors with phantoms, roughly; None where nobody tried.
    """

    name: Literal["small", "full"]
    variants: tuple[str, ...]
    seeds: tuple[int, ...]
    phantoms: Phantoms
    changes: tuple[Change, ...]
    resamples: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Contrast:
    """A question that the paper answers by comparing recipes.

    Attributes:
        question: in words.
        first: short name of a recipe.
        others: it is compared with the best of these, which is chosen by the selection's figure on the validation part.
        averaged: whether the probabilities of the images of a study are averaged first. Otherwise images are compared, and
            a network that sees a study at once gives each of its images the same.
    """

    question: str
    first: str
    others: tuple[str, ...]
    averaged: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A number of the paper that no evaluation of a recipe gives: a setting, or one of a dataset, a network or others' work.

    Attributes:
        label: what it is, in words.
        value: as printed there; None where the paper gives it in words, which the note repeats.
        where: table, section, figure.
        reason: why it is not measured here; empty where it is.
        unit: of the value; empty for a share or a count.
        about: short name of the recipe that it is about; empty for none.
        measured: how ours is found: counted in the recipe's ``network``, or in the cases that a kept report measured it on;
            empty where it is not.
        setting: the recipe's leaf that holds the same, by the key that ``--set`` takes, or a quantity that follows from
            several (``learning/reproduce/numbers/settings.py``); empty where it is no setting.
        searched: the leaf of the paper's search space that the value stands in; empty where it is none of that.
        note: what to know of it; empty where there is nothing to say.
    """

    label: str
    value: float | None
    where: str
    reason: str
    unit: str = ""
    about: str = ""
    measured: Measured = ""
    setting: str = ""
    searched: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper and its recipes.

    Attributes:
        name: of the paper, as ``osteon reproduce`` calls it.
        title: of the paper.
        variants: the recipes that it compares; the first is the one that it proposes, which ``name`` alone stands for.
        contrasts: which of them are compared on the same cases.
        budgets: ``small`` and ``full``.
        space: that the paper searched, for ``osteon search``; None where it describes none.
        statements: the numbers of the paper that are no figure of a recipe, in its order.
    """

    name: str
    title: str
    variants: tuple[AnyRecipe, ...]
    contrasts: tuple[Contrast, ...]
    budgets: tuple[Budget, ...]
    space: Space | None
    statements: tuple[Statement, ...] = ()
