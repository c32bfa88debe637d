"""Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017): torchvision's heads on a backbone of ours.

The first stage proposes boxes from anchors at strides 4 to 64; the second pools the features of each proposal from the level
that suits its size, and predicts its label, if any, and its box. Both stages learn from a sample of positive and negative
boxes of each image.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import batched_nms
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from osteon.learning.compute.distributed import place, total
from osteon.learning.detection.boxes import DetectedBoxes, Truth, best, ignored, nms, overlaps
from osteon.learning.detection.models.anchors import (
    BACKGROUND,
    Weights,
    anchors_of,
    decode,
    encode,
    match_anchors,
    sample,
)
from osteon.learning.detection.models.regions import GRID, regions
from osteon.learning.detection.models.resnet import STRIDES, Levels, ResNetDetector, image_rows, shapes
from osteon.learning.detection.models.results import (
    CANDIDATES,
    clip_to_image,
    rows_of,
    select_boxes,
    top_k_of_each_class,
)
from osteon.learning.models.method import Method
from osteon.learning.recipe import BoxRule, FasterDetector

_STRIDES = (*STRIDES, 64)
_BOX_WEIGHTS: Weights = (10.0, 10.0, 5.0, 5.0)  # of the second stage's differences, as Girshick 2015 normalises them
SMOOTH_L1_BETA = 1 / 9  # difference below which the loss of the sides is square (Ren et al. 2015)


class RpnOutputs(NamedTuple):
    """Outputs of the first stage for all anchors of each level: logits (N, P), differences (N, P, 4), anchors (P, 4)."""

    logits: list[Tensor]
    deltas: list[Tensor]
    anchors: list[Tensor]


class FasterNetwork(ResNetDetector):
    """See the module.

    Args:
        architecture: the recipe's record.
        rule: of the boxes that are given out.
        labels: number of kinds of findings.
        channels: of the input.
        empty: look for no trained weights, because others are about to be loaded.
    """

    method = Method("Faster R-CNN", "Ren et al. 2015; with a feature pyramid, Lin et al. 2017")

    def __init__(
        self, architecture: FasterDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__(architecture, channels, empty=empty)
        self._architecture, self._rule, self._labels = architecture, rule, labels
        width, hidden = architecture.pyramid, architecture.hidden
        self.pyramid = Levels(self.widths(), STRIDES, width, LastLevelMaxPool())
        self.rpn_head = RPNHead(width, architecture.anchors.octaves * len(architecture.anchors.ratios))
        self.box_head = TwoMLPHead(width * GRID**2, hidden)
        self.box_predictor = FastRCNNPredictor(hidden, labels + 1)  # no finding is label 0
        nn.init.normal_(self.box_predictor.cls_score.weight, std=0.01)
        nn.init.normal_(self.box_predictor.bbox_pred.weight, std=0.001)

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Cross-entropy and smooth distance of the sides, of both stages."""
        levels: list[Tensor] = self.pyramid(self.features(image))
        rpn = self._propose(levels)
        with torch.no_grad():
            proposals = self._proposals(rpn, image, training=True)
        return {**self._rpn_losses(rpn, truth), **self._roi_losses(levels, proposals, truth)}

    def detect(self, image: Tensor) -> DetectedBoxes:
        """The best boxes of the second stage, after non-maximum suppression."""
        levels: list[Tensor] = self.pyramid(self.features(image))
        rpn = self._propose(levels)
        proposals = self._proposals(rpn, image, training=False)
        flat = proposals.boxes.flatten(0, 1)
        logits, deltas = self._classify(levels, flat, image_rows(proposals.boxes))
        share = torch.softmax(logits, -1)[:, 1:].unflatten(0, proposals.scores.shape)
        share = share * (proposals.scores > 0).to(share.dtype).unsqueeze(-1)
        boxes = decode(deltas[:, 1:], flat.unsqueeze(1), _BOX_WEIGHTS).unflatten(0, proposals.scores.shape)
        count = CANDIDATES * self._rule.max_detections
        return select_boxes(top_k_of_each_class(clip_to_image(boxes, image), share, count), self._rule)

    def _propose(self, levels: list[Tensor]) -> RpnOutputs:
        logits, deltas = cast("tuple[list[Tensor], list[Tensor]]", self.rpn_head(levels))
        return RpnOutputs(
            [rows_of(level, 1).squeeze(-1) for level in logits],
            [rows_of(level, 4) for level in deltas],
            anchors_of(shapes(levels), _STRIDES, self._architecture.anchors, levels[0].device),
        )

    def _proposals(self, rpn: RpnOutputs, image: Tensor, *, training: bool) -> DetectedBoxes:
        """The best boxes of the first stage, after suppression within each level, (N, count, 4); score 0 where there is none."""
        mode = 0 if training else 1
        candidates, count = self._architecture.candidates[mode], self._architecture.proposals[mode]
        kept: list[DetectedBoxes] = []
        for logits, deltas, anchors in zip(*rpn, strict=True):
            scores, rows = torch.sigmoid(logits).topk(min(candidates, logits.shape[-1]), -1)
            places = rows.unsqueeze(-1).expand(*rows.shape, 4)
            boxes = clip_to_image(decode(deltas.gather(1, places), anchors[rows]), image)
            scores = scores * ((boxes[..., 2:] - boxes[..., :2]).amin(-1) > 0).to(scores.dtype)
            found = DetectedBoxes(boxes, scores, torch.zeros_like(rows))
            # Both drop the same boxes: the loop takes less memory, the matrices make a graph.
            iou = self._architecture.rpn_nms_iou
            kept.append(_nms_by_loop(found, iou) if training else nms(found, iou, rows.shape[-1]))
        return best(DetectedBoxes(*(torch.cat(columns, 1) for columns in zip(*kept, strict=True))), count)

    def _rpn_losses(self, rpn: RpnOutputs, truth: Truth) -> dict[str, Tensor]:
        logits, deltas = torch.cat(rpn.logits, 1), torch.cat(rpn.deltas, 1)
        anchors = torch.cat(rpn.anchors)
        rows = match_anchors(anchors, truth, self._architecture.anchors)
        chosen = sample(rows >= 0, rows == BACKGROUND, self._architecture.rpn_batch_size, 0.5)
        true = chosen & (rows >= 0)
        image_row, place_row = true.nonzero(as_tuple=True)
        aim = encode(truth.boxes[image_row, rows[true]], anchors[place_row])
        cross = functional.binary_cross_entropy_with_logits(logits[chosen], true[chosen].float(), reduction="sum")
        distance = functional.smooth_l1_loss(deltas[true], aim, reduction="sum", beta=SMOOTH_L1_BETA)
        scale = place().world / total(chosen.sum().float()).clamp_min(1)
        return {"proposal_loss": scale * cross, "proposal_side_loss": scale * distance}

    def _roi_losses(self, levels: list[Tensor], proposals: DetectedBoxes, truth: Truth) -> dict[str, Tensor]:
        known = truth.classes >= 0
        boxes = torch.cat([proposals.boxes, truth.boxes], 1)  # true boxes are proposals, too, or early on none would be
        there = torch.cat([proposals.scores > 0, known], 1)
        overlap, rows = overlaps(truth.boxes, boxes).where(known.unsqueeze(-1), -1.0).max(1)
        holds = overlap >= self._architecture.roi_fg_iou
        nothing = there & ~holds & ~ignored(boxes, truth)
        chosen = sample(
            there & holds, nothing, self._architecture.roi_batch_size, self._architecture.roi_positive_fraction
        )
        image_row, _ = chosen.nonzero(as_tuple=True)
        sampled, true = boxes[chosen], holds[chosen]
        logits, deltas = self._classify(levels, sampled, image_row)
        classes = truth.classes[image_row, rows[chosen]].clamp_min(0) + 1
        cross = functional.cross_entropy(logits, classes.where(true, 0), reduction="sum")
        aim = encode(truth.boxes[image_row, rows[chosen]][true], sampled[true], _BOX_WEIGHTS)
        predicted = deltas[true.nonzero().squeeze(-1), classes[true]]
        distance = functional.smooth_l1_loss(predicted, aim, reduction="sum", beta=SMOOTH_L1_BETA)
        scale = place().world / total(chosen.sum().float()).clamp_min(1)
        return {"score_loss": scale * cross, "side_loss": scale * distance}

    def _classify(self, levels: list[Tensor], boxes: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (R, labels + 1) and differences (R, labels + 1, 4) of boxes (R, 4)."""
        features = self.box_head(regions(levels[:-1], STRIDES, boxes, image))
        logits, deltas = cast("tuple[Tensor, Tensor]", self.box_predictor(features))
        return logits.float(), deltas.float().unflatten(-1, (-1, 4))


def _nms_by_loop(found: DetectedBoxes, iou: float) -> DetectedBoxes:
    """What ``nms`` does, by torchvision's loop."""
    image = torch.arange(len(found.scores), device=found.scores.device).unsqueeze(-1).expand_as(found.scores)
    kept = batched_nms(found.boxes.flatten(0, 1), found.scores.flatten(), image.flatten(), iou)
    mask = torch.zeros_like(found.scores).flatten()
    mask[kept] = 1.0
    return found._replace(scores=found.scores * mask.reshape(found.scores.shape))
