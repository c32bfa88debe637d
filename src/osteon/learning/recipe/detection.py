"""What a recipe says of a detector: its architecture, how boxes are learnt, and which it gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from osteon.learning.recipe.ranges import Count, Fraction, Index, NotNegative, Positive, Share, Side, SomeShare


@dataclass(frozen=True, slots=True)
class PointDetector:
    """MobileNetV2 with a feature pyramid whose every place says whether a finding is there and how far its sides are.

    See ``detection/models/point.py``.

    Attributes:
        width: the width multiplier of the trunk.
        pyramid: channels of the pyramid's levels.
        blocks: depthwise separable convolutions in each branch of the head.
        strides: of the levels, in pixels of the input; of 8, 16 and 32.
        candidates: places of each box and level that may learn it, the nearest to its middle (ATSS).
        cell: side of a square that stands for a place, in strides, when overlaps are compared (ATSS).
        gamma: exponent of the quality focal loss.
        box_weight: of the loss of the sides.
    """

    width: Positive
    pyramid: Count
    blocks: Count
    strides: Annotated[tuple[Literal[8, 16, 32], ...], Field(min_length=1)]
    candidates: Count
    cell: Positive
    gamma: NotNegative
    box_weight: NotNegative


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
class RetinaDetector:
    """RetinaNet: a ResNet with a feature pyramid, and a head that tells labels of all anchors at once.

    Attributes:
        model: the trunk's name in ``learning/catalogue.py``.
        resting: stages of the trunk that rest where it is pre-trained, counted from the stem.
        still_norms: whether batch norms of a pre-trained trunk keep statistics and scales.
        pyramid: channels of the pyramid's levels.
        anchors: at the strides 8 to 128.
        gamma: exponent of the focal loss.
        alpha: weight of true anchors in the focal loss.
        box_weight: of the loss of the sides.
    """

    model: str
    resting: Index
    still_norms: bool
    pyramid: Count
    anchors: Anchors
    gamma: NotNegative
    alpha: Share
    box_weight: NotNegative


@dataclass(frozen=True, slots=True)
class FasterDetector:
    """Faster R-CNN: a ResNet with a feature pyramid, proposals from anchors, and a head that looks at each proposal.

    Attributes:
        model: the trunk's name in ``learning/catalogue.py``.
        resting: stages of the trunk that rest where it is pre-trained, counted from the stem.
        still_norms: whether batch norms of a pre-trained trunk keep statistics and scales.
        pyramid: channels of the pyramid's levels.
        anchors: at the strides 4 to 64.
        drawn: anchors of a film that the first stage learns from, half of them true ones at most.
        candidates: of each level, that enter suppression, while it learns and when it reads.
        proposals: that leave it, while it learns and when it reads.
        overlap: IoU from which the weaker of two proposals is dropped.
        looked: proposals of a film that the second stage learns from.
        looked_share: of true ones among them, at most.
        looked_matched: IoU with a true box from which a proposal is one of those.
        hidden: units of the second stage's layers.
    """

    model: str
    resting: Index
    still_norms: bool
    pyramid: Count
    anchors: Anchors
    drawn: Count
    candidates: tuple[Count, Count]
    proposals: tuple[Count, Count]
    overlap: Share
    looked: Count
    looked_share: SomeShare
    looked_matched: Share
    hidden: Count


@dataclass(frozen=True, slots=True)
class EfficientDetector:
    """EfficientDet: EfficientNet, weighted bidirectional feature pyramid, shared heads.

    Attributes:
        model: the trunk's name in ``learning/catalogue.py``.
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


@dataclass(frozen=True, slots=True)
class SparseDetector:
    """Sparse R-CNN: learnt proposals that are refined in stages.

    Attributes:
        model: the trunk's name in ``learning/catalogue.py``.
        resting: stages of the trunk that rest where it is pre-trained, counted from the stem.
        still_norms: whether batch norms of a pre-trained trunk keep statistics and scales.
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
        giou_weight: of the generalised overlap.
    """

    model: str
    resting: Index
    still_norms: bool
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


@dataclass(frozen=True, slots=True)
class YoloDetector:
    """A detector of ultralytics (AGPL-3.0), which trains it by its own rules; see ``learning/yolo.py``.

    Attributes:
        model: weights to start from, or an architecture (``yolov8s.yaml``), by ultralytics' name or as a path.
    """

    model: str


@dataclass(frozen=True, slots=True)
class DecisionFusion:
    """A classifier and a detector that read together; neither is trained anew.

    Attributes:
        classifier: name of the recipe.
        detectors: names of recipes. Of those that were trained the best on the validation part is taken.
    """

    classifier: str
    detectors: tuple[str, ...]


DetectorArchitecture = PointDetector | RetinaDetector | FasterDetector | EfficientDetector | SparseDetector


@dataclass(frozen=True, slots=True)
class BoxRule:
    """Which boxes a detector gives out, and how they are called.

    Attributes:
        most: boxes of a film that the graph gives out.
        overlap: IoU from which the weaker of two boxes of one label is dropped.
        least: score below which no box is given out.
        doubt_sensitivity: share of the validation part's boxes that those called *doubt* must hit.
        definite_precision: share of the boxes called *definite* that must be right there.
        fusion: weight of the best box in the probability of a film where a bundle holds a classifier, too.
    """

    most: Count
    overlap: Share
    least: Fraction
    doubt_sensitivity: SomeShare
    definite_precision: SomeShare
    fusion: Share


@dataclass(frozen=True, slots=True)
class Detection:
    """How boxes are learnt.

    Attributes:
        sides: smallest and largest length to which the longer side of a film is scaled while the network learns; None
            takes the size of the input. Small ones are padded.
        policy: learned augmentation for detection (Zoph et al. 2019) on top of the recipe's own; None has none.
        smallest: side below which a box that a crop left over is not learnt, in pixels of the input.
        rest: label that boxes of labels which the task does not name take; None leaves them out.
        film: label of the table that says whether a film holds any finding.
        rule: of the boxes that are given out.
    """

    sides: tuple[Side, Side] | None
    policy: Literal["v2"] | None
    smallest: NotNegative
    rest: str | None
    film: str
    rule: BoxRule
