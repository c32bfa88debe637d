"""The recipe of a YOLO, which ultralytics trains by its own rules; see ``learning/yolo.py``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import PurePath
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from osteon.learning.recipe.data import ImageSelection, SplitRule, Task
from osteon.learning.recipe.facts import RecipeFacts
from osteon.learning.recipe.ranges import Count, Index, Positive, Side
from osteon.learning.recipe.training import Selection
from osteon.learning.recipe.use import Claim


class PublishedSize(NamedTuple):
    """How large a network is by its publisher, for 80 labels at 640 x 640 pixels.

    Attributes:
        parameters: weights and biases.
        multiply_adds: half of the stated floating point operations.
    """

    parameters: int
    multiply_adds: int


SIZES: Final = {
    "yolov8n": PublishedSize(3_157_200, 4_450_000_000),
    "yolov8s": PublishedSize(11_166_560, 14_400_000_000),
    "yolov8m": PublishedSize(25_902_640, 39_650_000_000),
    "yolov8l": PublishedSize(43_691_520, 82_850_000_000),
    "yolov8x": PublishedSize(68_229_648, 129_250_000_000),
}
"""As ultralytics states them in ``yolov8.yaml``."""


@dataclass(frozen=True, slots=True)
class UltralyticsRecipe(RecipeFacts):
    """A detector of ultralytics (AGPL-3.0). Whatever is not named here has ultralytics' default.

    Attributes:
        name: within ``osteon reproduce``.
        summary: one sentence.
        source: the paper.
        dataset: its name in ``osteon.data.datasets``.
        split: the split rule.
        labels: of the dataset's boxes.
        image_label: label of the table that says whether an image holds any finding.
        model: weights to start from, or an architecture (``yolov8s.yaml``), by ultralytics' name or as a path.
        side: of the square input, in pixels.
        batch_size: images in a step.
        epochs: over the training part; the epoch of the best mAP on the validation part is kept.
        optimizer: how weights move.
        lr: learning rate at the start.
        only_with_boxes: whether images without boxes are left out of all parts.
        seeds: of the runs that a figure of the recipe is averaged over.
        claims: the paper's figures.
        unstated: what the paper leaves out, and what we chose.
        deviations: where we depart, and why.
    """

    trainable: ClassVar[bool] = False

    name: str
    summary: str
    source: str
    dataset: str
    split: SplitRule
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    image_label: str
    model: str
    side: Side
    batch_size: Count
    epochs: Count
    optimizer: Literal["sgd", "adam", "adamw"]
    lr: Positive
    only_with_boxes: bool
    seeds: Annotated[tuple[Index, ...], Field(min_length=1)]
    claims: tuple[Claim, ...]
    unstated: tuple[str, ...]
    deviations: tuple[str, ...]

    @property
    def task(self) -> Task:
        """Boxes of its labels."""
        return Task(labels=self.labels, positive=self.labels, activation="boxes")

    @property
    def images(self) -> ImageSelection:
        """Each image by itself, whatever its view."""
        return ImageSelection(views=(), together=False)

    @property
    def selection(self) -> Selection:
        """Ultralytics keeps the epoch of the highest mAP."""
        return Selection(metric="val_map", mode="max", patience=None)

    @property
    def size(self) -> PublishedSize | None:
        """How large the network is; None where ultralytics states nothing of it."""
        return SIZES.get(PurePath(self.model).stem)

    @property
    def finds_boxes(self) -> bool:
        """It does."""
        return True

    @property
    def unavailable(self) -> str:
        """Why it cannot be run where ultralytics is not installed."""
        if find_spec("ultralytics") is None:
            return "ultralytics is not installed: it is licensed under AGPL-3.0, and comes with the extra osteon[yolo] only"
        return ""
