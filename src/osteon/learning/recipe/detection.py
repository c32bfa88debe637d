"""What a recipe says of a detector: its architecture, how boxes are learnt, and which it gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from osteon.learning.recipe.facts import ArchitectureFacts
from osteon.learning.recipe.published import Lite, mobilenet
from osteon.learning.recipe.ranges import Count, Fraction, Index, NotNegative, Positive, Share, Side, SomeShare


class DetectorFacts(ArchitectureFacts):
    """Base of the records of detectors."""

    __slots__ = ()

    finds_boxes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class PointDetector(DetectorFacts):
    """MobileNetV2 with a feature pyramid in which every place predicts whether a finding is there and how far its sides are.

    See ``detection/models/point.py``.

    Attributes:
        width: the width multiplier of the backbone.
        pyramid: channels of the pyramid's levels.
        blocks: depthwise separable convolutions in each branch of the head.
        strides: of the levels, in pixels of the input; of 4, 8, 16 and 32, each twice the one before.
        candidates: places of each box and level that may learn it, the nearest to its middle (ATSS).
        cell: side of a square that stands for a place, in strides, when overlaps are compared (ATSS).
        gamma: exponent of the quality focal loss.
        box_weight: of the loss of the sides.
        backbone: a network in place of MobileNetV2.
    """

    width: Positive
    pyramid: Count
    blocks: Count
    strides: Annotated[tuple[Literal[4, 8, 16, 32], ...], Field(min_length=1)]
    candidates: Count
    cell: Positive
    gamma: NotNegative
    box_weight: NotNegative
    backbone: Lite | None = None

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.backbone or mobilenet(self.width),)

    @property
    def step(self) -> int:
        """The coarsest stride of the backbone, so that all levels meet."""
        return 32


@dataclass(frozen=True, slots=True)
class Anchors:
    """Boxes of fixed shapes at every place of a pyramid, and which of them learn a true box.

    Attributes:
        side: of the smallest anchor of a level, in strides.
        octaves: sizes of each level; together they divide the step to the next level evenly.
        ratios: heights over widths.
        matched: IoU with a true box from which an anchor learns it; the best anchor of each always does.
        unmatched: IoU with all true boxes below which an anchor learns that it holds none. Between both it learns nothing.
    """

    side: Positive
    octaves: Count
    ratios: Annotated[tuple[Positive, ...], Field(min_length=1)]
    matched: SomeShare
    unmatched: Share


@dataclass(frozen=True, slots=True)
class RetinaDetector(DetectorFacts):
    """RetinaNet: a ResNet with a feature pyramid, and a head that classifies all anchors at once.

    Attributes:
        model: the backbone's name in ``recipe/published.py``.
        frozen_stages: stages of a pre-trained backbone that are frozen, counted from the stem.
        freeze_batch_norm: whether batch norms of a pre-trained backbone keep statistics and scales.
        pyramid: channels of the pyramid's levels.
        anchors: at the strides 8 to 128.
        gamma: exponent of the focal loss.
        alpha: weight of true anchors in the focal loss.
        box_weight: of the loss of the sides.
    """

    model: str
    frozen_stages: Index
    freeze_batch_norm: bool
    pyramid: Count
    anchors: Anchors
    gamma: NotNegative
    alpha: Share
    box_weight: NotNegative

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)


@dataclass(frozen=True, slots=True)
class FasterDetector(DetectorFacts):
    """Faster R-CNN: a ResNet with a feature pyramid, proposals from anchors, and a head that classifies each proposal.

    Attributes:
        model: the backbone's name in ``recipe/published.py``.
        frozen_stages: stages of a pre-trained backbone that are frozen, counted from the stem.
        freeze_batch_norm: whether batch norms of a pre-trained backbone keep statistics and scales.
        pyramid: channels of the pyramid's levels.
        anchors: at the strides 4 to 64.
        rpn_batch_size: anchors of an image that the first stage learns from, at most half of them positive.
        candidates: of each level, that enter non-maximum suppression, in training and in inference.
        proposals: that leave it, in training and in inference.
        rpn_nms_iou: IoU from which the weaker of two proposals is dropped.
        roi_batch_size: proposals of an image that the second stage learns from.
        roi_positive_fraction: share of positive ones among them, at most.
        roi_fg_iou: IoU with a true box from which a proposal is positive.
        hidden: units of the second stage's layers.
    """

    model: str
    frozen_stages: Index
    freeze_batch_norm: bool
    pyramid: Count
    anchors: Anchors
    rpn_batch_size: Count
    candidates: tuple[Count, Count]
    proposals: tuple[Count, Count]
    rpn_nms_iou: Share
    roi_batch_size: Count
    roi_positive_fraction: SomeShare
    roi_fg_iou: Share
    hidden: Count

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)


@dataclass(frozen=True, slots=True)
class EfficientDetector(DetectorFacts):
    """EfficientDet: EfficientNet, weighted bidirectional feature pyramid, shared heads.

    Attributes:
        model: the backbone's name in ``recipe/published.py``.
        pyramid: channels of the pyramid's levels.
        layers: bidirectional passes through the pyramid.
        blocks: depthwise separable convolutions in each branch of the head.
        norm_momentum: share of a batch in the running statistics of pyramid and head.
        anchors: at the strides 8 to 128.
        gamma: exponent of the focal loss.
        alpha: weight of true anchors in the focal loss.
        box_weight: of the loss of the sides.
    """

    model: str
    pyramid: Count
    layers: Count
    blocks: Count
    norm_momentum: SomeShare
    anchors: Anchors
    gamma: NotNegative
    alpha: Share
    box_weight: NotNegative

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)


@dataclass(frozen=True, slots=True)
class SparseDetector(DetectorFacts):
    """Sparse R-CNN: learnt proposals that are refined in stages.

    Attributes:
        model: the backbone's name in ``recipe/published.py``.
        frozen_stages: stages of a pre-trained backbone that are frozen, counted from the stem.
        freeze_batch_norm: whether batch norms of a pre-trained backbone keep statistics and scales.
        pyramid: channels of the pyramid's levels and of the proposals' features.
        proposals: learnt boxes.
        stages: that refine them one after the other.
        heads: of the attention among proposals.
        dynamic: channels between the two dynamic layers.
        hidden: units of the feed-forward layers.
        gamma: exponent of the focal loss.
        alpha: weight of true proposals in the focal loss.
        class_weight: of the focal loss of the classes, in matching and in the loss.
        l1_weight: of the distance of the sides.
        giou_weight: of the generalised IoU.
    """

    model: str
    frozen_stages: Index
    freeze_batch_norm: bool
    pyramid: Count
    proposals: Count
    stages: Count
    heads: Count
    dynamic: Count
    hidden: Count
    gamma: NotNegative
    alpha: Share
    class_weight: NotNegative
    l1_weight: NotNegative
    giou_weight: NotNegative

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)


DetectorArchitecture = PointDetector | RetinaDetector | FasterDetector | EfficientDetector | SparseDetector


@dataclass(frozen=True, slots=True)
class BoxRule:
    """Which boxes a detector gives out, and how they are called.

    Attributes:
        max_detections: boxes of an image that the graph gives out.
        nms_iou: IoU from which the weaker of two boxes of one label is dropped.
        score_threshold: score below which no box is given out.
        doubt_sensitivity: share of the validation part's boxes that those called *doubt* must hit.
        definite_precision: share of the boxes called *definite* that must be right there.
        fusion: weight of the best box in the probability of an image where a bundle holds a classifier, too.
    """

    max_detections: Count
    nms_iou: Share
    score_threshold: Fraction
    doubt_sensitivity: SomeShare
    definite_precision: SomeShare
    fusion: Share


@dataclass(frozen=True, slots=True)
class Detection:
    """How boxes are learnt.

    Attributes:
        sides: smallest and largest length to which the longer side of an image is scaled while the network learns; None
            takes the size of the input. Small ones are padded.
        policy: learned augmentation for detection (Zoph et al. 2019) on top of the recipe's own; None has none.
        smallest: side below which a box that a crop left over is not learnt, in pixels of the input.
        other_label: label that boxes take whose own label the task does not name; None leaves them out.
        image_label: label of the table that says whether an image holds any finding.
        rule: of the boxes that are given out.
    """

    sides: tuple[Side, Side] | None
    policy: Literal["v2"] | None
    smallest: NotNegative
    other_label: str | None
    image_label: str
    rule: BoxRule
