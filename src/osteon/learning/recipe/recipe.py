"""A recipe: everything that moves a result, beside the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from osteon.core.errors import RecipeError
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.models.published import find
from osteon.learning.recipe.data import Augmentation, Films, Sampling, SplitRule, Task
from osteon.learning.recipe.detection import Detection, PointDetector
from osteon.learning.recipe.network import (
    Architecture,
    Classification,
    Ensemble,
    MobileNetLocator,
    PairedResNet,
    Standard,
)
from osteon.learning.recipe.ranges import Fraction, Index, Side
from osteon.learning.recipe.training import Loss, Optimizer, Phase, Pretraining, Schedule, Selection
from osteon.learning.recipe.use import Claim, Indicated, OperatingRule

STRIDE: Final = 32
"""Of the trunk's last features, in pixels of the input."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that moves a result, beside the data.

    Attributes:
        name: what ``osteon train`` calls it; the variants of one paper are called ``paper/variant``.
        summary: one sentence.
        source: the paper, or who made it.
        dataset: the reader in ``osteon.data.datasets``.
        split: the split rule.
        films: which films make a case.
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
        pretraining: of the trunk, without labels, before the first phase; None where there is none.
        phases: one after the other; each starts from the selected weights of the one before, or of one that it names.
        soup: names of phases whose selected weights are averaged in the end (Wortsman et al. 2022); empty takes those of
            the last.
        mirrored: whether the bundle's graph averages what the network says of a film and of its mirror image.
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
    films: Films
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

    def __post_init__(self) -> None:
        """Check that the network can take its input.

        Raises:
            RecipeError: the input has a side that is no multiple of what the network needs (32 for the locator, so that its
                two strides meet; the patch of a transformer), films are drawn larger than it, the films of a case are not what
                the architecture sees at once, or an ensemble averages other probabilities than the task has.
        """
        if self.films.together and not self.films.views:
            raise RecipeError(
                f"the recipe {self.name} shows films together", expected="the views of a case", got="none"
            )
        wanted = 2 if isinstance(self.architecture, PairedResNet) else 1
        if self.films.at_once != wanted:
            raise RecipeError(
                f"the architecture of {self.name} cannot take these films",
                expected=f"{wanted} at once",
                got=str(self.films.at_once),
            )
        if isinstance(self.architecture, Ensemble) and self.architecture.activation != self.task.activation:
            raise RecipeError(
                f"the ensemble of {self.name} averages other probabilities than its task has",
                expected=self.task.activation,
                got=self.architecture.activation,
            )
        boxes = (self.task.activation == "boxes", self.detection is not None, self.loss is None)
        if boxes != (not isinstance(self.architecture, Classification),) * 3:
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
        step = STRIDE if isinstance(self.architecture, MobileNetLocator | PointDetector) else 1
        if isinstance(self.architecture, Standard):
            step = find(self.architecture.model).step
        how = self.preprocessing
        drawn = None if self.detection is None else self.detection.sides
        if drawn is not None and (drawn[0] > drawn[1] or drawn[1] > max(how.height, how.width)):
            raise RecipeError(
                f"the recipe {self.name} draws films larger than the input of the network",
                expected=f"detection.sides from small to large, at most {max(how.height, how.width)}",
                got=f"{drawn[0]}, {drawn[1]}",
                hint="Of several settings, name detection.sides before a smaller input.",
            )
        sides = [how.height, how.width, *(phase.side for phase in self.phases if phase.side)]
        odd = [side for side in sides if side % step]
        if odd:
            raise RecipeError(
                f"the network of {self.name} cannot take this input",
                expected=f"sides that are multiples of {step}",
                got=str(odd[0]),
            )
