"""What every architecture tells of itself, so that nobody needs to ask which one it is."""

from __future__ import annotations

from typing import ClassVar, Literal


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
