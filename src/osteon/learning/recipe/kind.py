"""What every kind of recipe tells of itself, so that nobody needs to ask which kind it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from osteon.learning.recipe.composite import AnyRecipe
    from osteon.learning.recipe.recipe import Recipe


class RecipeFacts:
    """Base of the records of recipes. It has no fields; these are facts, not settings.

    Attributes:
        trainable: whether ``osteon train`` trains it, in one run.
        settable: whether it has settings of its own that ``--set`` and budgets can change.
        fuses: whether a classifier and a detector work together in it.
    """

    __slots__ = ()

    trainable: ClassVar[bool] = True
    settable: ClassVar[bool] = True
    fuses: ClassVar[bool] = False

    @property
    def unavailable(self) -> str:
        """Why it cannot be run here; empty where it can."""
        return ""

    @property
    def network(self) -> Recipe | None:
        """The recipe of the one network that it is, by which it is measured; None where it is none of Osteon's."""
        return None

    def parts(self, wanted: Collection[str]) -> tuple[AnyRecipe, ...]:  # noqa: ARG002 - others need it
        """The recipes whose finished runs it is put together from; none where it is trained.

        Args:
            wanted: names of the recipes that are run anyway, for where there is a choice.
        """
        return ()
