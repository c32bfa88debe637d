"""What a recipe says of its bundle's use, and what its paper claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osteon.core.labels import BodyPart
from osteon.learning.recipe.ranges import Age, Count, Fraction, SomeShare


@dataclass(frozen=True, slots=True)
class OperatingRule:
    """How the two operating points are fixed on validation data.

    Attributes:
        doubt_sensitivity: the highest threshold that keeps this sensitivity; None takes that of Youden's index.
        definite_specificity: the lowest threshold that keeps this specificity; None takes that of Youden's index.
    """

    doubt_sensitivity: SomeShare | None
    definite_specificity: SomeShare | None


@dataclass(frozen=True, slots=True)
class Indicated:
    """What a bundle of this recipe may read, and for whom it is.

    Attributes:
        body_parts: regions that the training data show.
        minimum_age: years.
        maximum_age: years.
        minimum_side: pixels; an image with a shorter side is refused.
        novelty_share: share of validation images that the novelty check may refuse; 0 switches it off.
        intended_use: one sentence.
        not_for: who should not use it, and for what.
        limits: what is known to go wrong or is not known, for the model card.
    """

    body_parts: tuple[BodyPart, ...]
    minimum_age: Age
    maximum_age: Age
    minimum_side: Count
    novelty_share: Fraction
    intended_use: str
    not_for: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that the paper states, under the name that ``osteon evaluate`` gives it.

    Attributes:
        metric: its name in ``osteon evaluate``.
        value: as printed there, as a fraction; None for a figure that the paper does not print, shown beside one that it does.
        spread: standard deviation over seeds as printed there; None where the paper gives none.
        where: table, row, section.
        low: lower end of the 95 % interval as printed there; None where the paper gives none.
        high: upper end.
        note: why this quantity is compared, or what to know before comparing it; empty where there is nothing to say.
        table: heading under which ``osteon reproduce`` lists it, which is a table of the paper or a part of one; empty for a
            figure of the text, which is listed with the others of its recipe.
        kind: whether it is a share or a number of images or boxes.
    """

    metric: str
    value: float | None
    spread: float | None
    where: str
    low: float | None = None
    high: float | None = None
    note: str = ""
    table: str = ""
    kind: Literal["share", "count"] = "share"
