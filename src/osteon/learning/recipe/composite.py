"""Recipes of what is put together from finished runs: it has no settings of its own, those of its parts apply."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from osteon.core.errors import RecipeError
from osteon.learning.recipe.data import ImageSelection, Task
from osteon.learning.recipe.facts import RecipeFacts
from osteon.learning.recipe.network import Ensemble, Standard
from osteon.learning.recipe.recipe import Recipe
from osteon.learning.recipe.training import Selection
from osteon.learning.recipe.ultralytics import UltralyticsRecipe
from osteon.learning.recipe.use import Claim


@dataclass(frozen=True, slots=True)
class EnsembleRecipe(RecipeFacts):
    """The mean probability of networks that are trained each by itself.

    Attributes:
        name: within ``osteon reproduce``.
        summary: one sentence.
        source: the paper, or who made it.
        members: the recipes of the networks; they agree in data, task and input.
        claims: the paper's figures.
        unstated: what the paper leaves out, and what we chose.
        deviations: where we depart, and why.
    """

    trainable: ClassVar[bool] = False
    settable: ClassVar[bool] = False

    name: str
    summary: str
    source: str
    members: tuple[Recipe, ...]
    claims: tuple[Claim, ...]
    unstated: tuple[str, ...]
    deviations: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that the members can be averaged.

        Raises:
            RecipeError: there is none, or they differ in data, task or input.
        """
        if not self.members:
            raise RecipeError(f"the ensemble {self.name} has no members", expected="recipes")
        first = self.members[0]
        for other in self.members[1:]:
            for field in ("dataset", "split", "images", "task", "preprocessing"):
                if getattr(other, field) != getattr(first, field):
                    raise RecipeError(
                        f"the members of {self.name} differ in {field}",
                        expected=f"that of {first.name}",
                        got=f"that of {other.name}",
                    )

    @property
    def dataset(self) -> str:
        """That of its members."""
        return self.members[0].dataset

    @property
    def task(self) -> Task:
        """That of its members."""
        return self.members[0].task

    @property
    def images(self) -> ImageSelection:
        """Those of its members."""
        return self.members[0].images

    @property
    def selection(self) -> Selection:
        """The figure by which its members are selected."""
        return self.members[0].selection

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those of its members; one of a seed is put together from members of that seed."""
        return self.members[0].seeds

    @property
    def finds_boxes(self) -> bool:
        """Whether its members do."""
        return self.members[0].finds_boxes

    def parts(self, wanted: Collection[str]) -> tuple[Recipe, ...]:  # noqa: ARG002 - all of them
        """Its members."""
        return self.members

    @property
    def network(self) -> Recipe:
        """That of its members averaged, as their papers have them."""
        return self.averaged(self.members)

    def averaged(self, members: Sequence[Recipe]) -> Recipe:
        """The recipe of the averaged network, by which it is exported and measured: that of its members but for the network.

        Args:
            members: as they were trained, with the settings of a budget.

        Raises:
            RecipeError: a member is no published network with a linear output, or sees another input.
        """
        networks = tuple(member.architecture for member in members if isinstance(member.architecture, Standard))
        if len(networks) < len(members):
            raise RecipeError(f"a member of {self.name} cannot be averaged", expected="published networks")
        activation = self.task.shares
        return replace(
            members[0],
            name=self.name,
            summary=self.summary,
            source=self.source,
            architecture=Ensemble(members=networks, activation=activation),
            claims=self.claims,
            unstated=self.unstated,
            deviations=self.deviations,
        )


@dataclass(frozen=True, slots=True)
class FusionRecipe(RecipeFacts):
    """A classifier and a detector that work together; neither is trained again.

    Attributes:
        name: within ``osteon reproduce``.
        summary: one sentence.
        source: the paper, or who made it.
        classifier: decides which boxes are kept.
        detectors: of those that were trained, the best on the validation part is taken.
        claims: the paper's figures.
        unstated: what the paper leaves out, and what we chose.
        deviations: where we depart, and why.
    """

    trainable: ClassVar[bool] = False
    settable: ClassVar[bool] = False
    fuses: ClassVar[bool] = True

    name: str
    summary: str
    source: str
    classifier: Recipe | EnsembleRecipe
    detectors: tuple[Recipe, ...]
    claims: tuple[Claim, ...]
    unstated: tuple[str, ...]
    deviations: tuple[str, ...]

    @property
    def dataset(self) -> str:
        """That of its detectors."""
        return self.detectors[0].dataset

    @property
    def task(self) -> Task:
        """That of its detectors."""
        return self.detectors[0].task

    @property
    def images(self) -> ImageSelection:
        """Those of its detectors."""
        return self.detectors[0].images

    @property
    def selection(self) -> Selection:
        """The figure by which its detectors are selected."""
        return self.detectors[0].selection

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those of its detectors."""
        return self.detectors[0].seeds

    @property
    def finds_boxes(self) -> bool:
        """It does."""
        return True

    def parts(self, wanted: Collection[str]) -> tuple[Recipe | EnsembleRecipe, ...]:
        """The classifier, and those of the detectors that are run anyway; the first where none is."""
        chosen = tuple(detector for detector in self.detectors if detector.name in wanted)
        return (self.classifier, *(chosen or self.detectors[:1]))


AnyRecipe = Recipe | EnsembleRecipe | FusionRecipe | UltralyticsRecipe
"""All kinds of recipes; a network that Osteon trains is a ``Recipe``."""
