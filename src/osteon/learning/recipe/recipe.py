"""The recipe of a network that Osteon trains: everything that affects a result, besides the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from osteon.core.errors import RecipeError
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe.data import Augmentation, ImageSelection, Sampling, SplitRule, Task
from osteon.learning.recipe.detection import Detection
from osteon.learning.recipe.facts import RecipeFacts
from osteon.learning.recipe.network import Architecture
from osteon.learning.recipe.ranges import Fraction, Index, Side
from osteon.learning.recipe.training import Loss, Optimizer, Phase, Pretraining, Schedule, Selection
from osteon.learning.recipe.use import Claim, Indicated, OperatingRule


@dataclass(frozen=True, slots=True)
class Recipe(RecipeFacts):
    """Everything that affects a result, besides the data.

    Attributes:
        name: what ``osteon train`` calls it; the variants of one paper are called ``paper/variant``.
        summary: one sentence.
        source: the paper, or who made it.
        dataset: its name in ``osteon.data.datasets``.
        split: the split rule.
        images: which images make a case.
        task: what is predicted.
        preprocessing: travels in the bundle.
        cache_side: side of the square canvas on which decoded images are kept, in pixels.
        augmentation: of training images.
        architecture: of the network.
        sampling: of an epoch.
        loss: what is minimised; None where that is part of the architecture, as it is of detectors.
        detection: how boxes are learnt; None where none are.
        optimizer: how.
        schedule: of the learning rate.
        pretraining: of the backbone, without labels, before the first phase; None where there is none.
        phases: one after the other; each starts from the selected weights of the one before, or of one that it names.
        soup: names of phases whose selected weights are averaged in the end (Wortsman et al. 2022); empty takes those of
            the last.
        mirrored: whether the bundle's graph averages the outputs for an image and for its mirror image.
        averaging: decay of the moving average of the weights; None uses the weights themselves.
        selection: which epoch is kept.
        operating: the two thresholds.
        indicated: what a bundle of it may read.
        precision: Lightning's name of the arithmetic.
        seeds: of the runs that a figure of the recipe is averaged over; a single run takes the first.
        claims: the paper's figures.
        unstated: what the paper leaves out, and what we chose.
        deviations: where we depart, and why.
    """

    name: str
    summary: str
    source: str
    dataset: str
    split: SplitRule
    images: ImageSelection
    task: Task
    preprocessing: Preprocessing
    cache_side: Side
    augmentation: Augmentation
    architecture: Architecture
    sampling: Sampling
    loss: Loss | None
    detection: Detection | None
    optimizer: Optimizer
    schedule: Schedule
    pretraining: Pretraining | None
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    soup: tuple[str, ...]
    mirrored: bool
    averaging: Fraction | None
    selection: Selection
    operating: OperatingRule
    indicated: Indicated
    precision: Literal["32-true", "bf16-mixed"]
    seeds: Annotated[tuple[Index, ...], Field(min_length=1)]
    claims: tuple[Claim, ...]
    unstated: tuple[str, ...]
    deviations: tuple[str, ...]

    @property
    def network(self) -> Recipe:
        """It is one."""
        return self

    @property
    def case_shape(self) -> tuple[int, ...]:
        """Shape of one case: (C, H, W), or (V, C, H, W) with V images at once."""
        together = (self.images.per_case,) if self.images.together else ()
        return (*together, self.preprocessing.channels, self.preprocessing.height, self.preprocessing.width)

    @property
    def finds_boxes(self) -> bool:
        """Whether it trains a detector."""
        return self.architecture.finds_boxes

    def __post_init__(self) -> None:
        """Check that the network can take its input.

        Raises:
            RecipeError: the input has a side that is no multiple of what the network needs (32 for the locator, so that its
                two strides meet; the patch of a transformer), images are scaled larger than it, the images of a case are
                not what the architecture sees at once, or the task has another activation than the architecture needs.
        """
        if self.images.together and not self.images.views:
            raise RecipeError(
                f"the recipe {self.name} shows images together", expected="the views of a case", got="none"
            )
        needed = self.architecture.images_per_case
        if self.images.per_case != needed:
            raise RecipeError(
                f"the architecture of {self.name} cannot take these images",
                expected=f"{needed} at once",
                got=str(self.images.per_case),
            )
        if self.architecture.required_activation not in (None, self.task.activation):
            raise RecipeError(
                f"the ensemble of {self.name} averages other probabilities than its task has",
                expected=self.task.activation,
                got=self.architecture.required_activation or "none",
            )
        boxes = (self.task.activation == "boxes", self.detection is not None, self.loss is None)
        if boxes != (self.finds_boxes,) * 3:
            raise RecipeError(
                f"the recipe {self.name} is neither of a classifier nor of a detector",
                expected="a detector, the activation boxes, detection and no loss of its own; or none of these",
                got=f"{type(self.architecture).__name__}, {self.task.activation}",
            )
        self._check_phases()
        self._check_sides()

    def _check_phases(self) -> None:
        names = [phase.name for phase in self.phases]
        for index, phase in enumerate(self.phases):
            if phase.start is not None and phase.start not in names[:index]:
                raise RecipeError(
                    f"the phase {phase.name} of {self.name} starts from a phase that does not come before it",
                    expected=", ".join(names[:index]) or "none: it is the first",
                    got=phase.start,
                )
        if strange := [name for name in self.soup if name not in names]:
            raise RecipeError(
                f"the recipe {self.name} averages a phase that it has not", expected=", ".join(names), got=strange[0]
            )

    def _check_sides(self) -> None:
        step, largest = self.architecture.step, max(self.preprocessing.height, self.preprocessing.width)
        scaled = None if self.detection is None else self.detection.sides
        if scaled is not None and (scaled[0] > scaled[1] or scaled[1] > largest):
            raise RecipeError(
                f"the recipe {self.name} scales images larger than the input of the network",
                expected=f"detection.sides from small to large, at most {largest}",
                got=f"{scaled[0]}, {scaled[1]}",
                hint="Of several settings, name detection.sides before a smaller input.",
            )
        sides = [
            self.preprocessing.height,
            self.preprocessing.width,
            *(phase.side for phase in self.phases if phase.side),
        ]
        odd = [side for side in sides if side % step]
        if odd:
            raise RecipeError(
                f"the network of {self.name} cannot take this input",
                expected=f"sides that are multiples of {step}",
                got=str(odd[0]),
            )
