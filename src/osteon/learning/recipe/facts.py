"""What every kind of recipe and every architecture states about itself, so that no caller asks which one it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from osteon.learning.recipe.composite import AnyRecipe
    from osteon.learning.recipe.recipe import Recipe


class ArchitectureFacts:
    """Base of the records of architectures. It has no fields; these are facts, not settings.

    Attributes:
        finds_boxes: whether it is a detector.
        images_per_case: how many images it sees at once.
        trained: whether it learns; an ensemble is put together from networks that did.
        local_logits: whether it has logits of places, which learn from boxes and from nothing else.
    """

    __slots__ = ()

    finds_boxes: ClassVar[bool] = False
    images_per_case: ClassVar[int] = 1
    trained: ClassVar[bool] = True
    local_logits: ClassVar[bool] = False

    @property
    def published(self) -> tuple[str, ...]:
        """Names of the published networks that it is made of, as ``recipe/published.py`` has them."""
        raise NotImplementedError

    @property
    def step(self) -> int:
        """Sides of its input are multiples of this."""
        return 1

    @property
    def required_activation(self) -> Literal["sigmoid", "softmax"] | None:
        """The activation that a task must have for it; None takes any."""
        return None


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
