"""Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017): torchvision's heads on a trunk of ours.

The first stage tells from anchors at strides 4 to 64 where something may be; the second looks at each proposal on the level
that suits its size, and tells which label it has, if any, and where its box lies. Both stages learn from a draw of true and
false boxes of each film.
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
from osteon.learning.detection.boxes import Found, Truth, best, overlaps, suppressed
from osteon.learning.detection.models.anchors import (
    HOLDS_NONE,
    Weights,
    anchors_of,
    decoded,
    drawn,
    encoded,
    matched,
)
from osteon.learning.detection.models.regions import GRID, regions
from osteon.learning.detection.models.resnet import STRIDES, Levels, ResNetDetector, image_rows, shapes
from osteon.learning.detection.models.results import CANDIDATES, bounded, given, rows_of, strongest_of_each
from osteon.learning.recipe import BoxRule, FasterDetector

_STRIDES = (*STRIDES, 64)
_SECOND: Weights = (10.0, 10.0, 5.0, 5.0)  # of the second stage's differences, as Girshick 2015 normalises them
_BEND = 1 / 9  # difference below which the loss of the sides is square (Ren et al. 2015)


class _First(NamedTuple):
    """What the first stage says of all anchors of each level: logits (N, P), differences (N, P, 4), anchors (P, 4)."""

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

    method = "Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017)"

    def __init__(
        self, architecture: FasterDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__(architecture, channels, empty=empty)
        self._how, self._rule, self._labels = architecture, rule, labels
        width, hidden = architecture.pyramid, architecture.hidden
        self.pyramid = Levels(self.widths(), STRIDES, width, LastLevelMaxPool())
        self.proposing = RPNHead(width, architecture.anchors.octaves * len(architecture.anchors.ratios))
        self.looking = TwoMLPHead(width * GRID**2, hidden)
        self.telling = FastRCNNPredictor(hidden, labels + 1)  # no finding is label 0
        nn.init.normal_(self.telling.cls_score.weight, std=0.01)
        nn.init.normal_(self.telling.bbox_pred.weight, std=0.001)

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Cross-entropy and smooth distance of the sides, of both stages."""
        levels: list[Tensor] = self.pyramid(self.features(image))
        first = self._first(levels)
        with torch.no_grad():
            proposals = self._proposals(first, image, self._how.candidates[0], self._how.proposals[0], learns=True)
        return {**self._first_losses(first, truth), **self._second_losses(levels, proposals, truth)}

    def detect(self, image: Tensor) -> Found:
        """The best boxes of the second stage, suppressed."""
        levels: list[Tensor] = self.pyramid(self.features(image))
        first = self._first(levels)
        proposals = self._proposals(first, image, self._how.candidates[1], self._how.proposals[1], learns=False)
        flat = proposals.boxes.flatten(0, 1)
        logits, deltas = self._second(levels, flat, image_rows(proposals.boxes))
        share = torch.softmax(logits, -1)[:, 1:].unflatten(0, proposals.scores.shape)
        share = share * (proposals.scores > 0).to(share.dtype).unsqueeze(-1)
        boxes = decoded(deltas[:, 1:], flat.unsqueeze(1), _SECOND).unflatten(0, proposals.scores.shape)
        return given(strongest_of_each(bounded(boxes, image), share, CANDIDATES * self._rule.most), self._rule)

    def _first(self, levels: list[Tensor]) -> _First:
        logits, deltas = cast("tuple[list[Tensor], list[Tensor]]", self.proposing(levels))
        return _First(
            [rows_of(one, 1).squeeze(-1) for one in logits],
            [rows_of(one, 4) for one in deltas],
            anchors_of(shapes(levels), _STRIDES, self._how.anchors, levels[0].device),
        )

    def _proposals(self, first: _First, image: Tensor, candidates: int, count: int, *, learns: bool) -> Found:
        """The best boxes of the first stage, suppressed within each level, (N, count, 4); score 0 where there is none."""
        kept: list[Found] = []
        for logits, deltas, anchors in zip(*first, strict=True):
            scores, rows = torch.sigmoid(logits).topk(min(candidates, logits.shape[-1]), -1)
            places = rows.unsqueeze(-1).expand(*rows.shape, 4)
            boxes = bounded(decoded(deltas.gather(1, places), anchors[rows]), image)
            scores = scores * ((boxes[..., 2:] - boxes[..., :2]).amin(-1) > 0).to(scores.dtype)
            found = Found(boxes, scores, torch.zeros_like(rows))
            # Both drop the same boxes: the loop takes less memory, the matrices make a graph.
            one = _dropped(found, self._how.overlap) if learns else suppressed(found, self._how.overlap, rows.shape[-1])
            kept.append(one)
        return best(Found(*(torch.cat(columns, 1) for columns in zip(*kept, strict=True))), count)

    def _first_losses(self, first: _First, truth: Truth) -> dict[str, Tensor]:
        logits, deltas = torch.cat(first.logits, 1), torch.cat(first.deltas, 1)
        anchors = torch.cat(first.anchors)
        rows = matched(anchors, truth, self._how.anchors)
        chosen = drawn(rows >= 0, rows == HOLDS_NONE, self._how.drawn, 0.5)
        true = chosen & (rows >= 0)
        image_row, place_row = true.nonzero(as_tuple=True)
        aim = encoded(truth.boxes[image_row, rows[true]], anchors[place_row])
        cross = functional.binary_cross_entropy_with_logits(logits[chosen], true[chosen].float(), reduction="sum")
        distance = functional.smooth_l1_loss(deltas[true], aim, reduction="sum", beta=_BEND)
        scale = place().world / total(chosen.sum().float()).clamp_min(1)
        return {"proposal_loss": scale * cross, "proposal_side_loss": scale * distance}

    def _second_losses(self, levels: list[Tensor], proposals: Found, truth: Truth) -> dict[str, Tensor]:
        known = truth.classes >= 0
        boxes = torch.cat([proposals.boxes, truth.boxes], 1)  # true boxes are proposals, too, or early on none would be
        there = torch.cat([proposals.scores > 0, known], 1)
        overlap, rows = overlaps(truth.boxes, boxes).where(known.unsqueeze(-1), -1.0).max(1)
        holds = overlap >= self._how.looked_matched
        chosen = drawn(there & holds, there & ~holds, self._how.looked, self._how.looked_share)
        image_row, _ = chosen.nonzero(as_tuple=True)
        looked, true = boxes[chosen], holds[chosen]
        logits, deltas = self._second(levels, looked, image_row)
        classes = truth.classes[image_row, rows[chosen]].clamp_min(0) + 1
        cross = functional.cross_entropy(logits, classes.where(true, 0), reduction="sum")
        aim = encoded(truth.boxes[image_row, rows[chosen]][true], looked[true], _SECOND)
        told = deltas[true.nonzero().squeeze(-1), classes[true]]
        distance = functional.smooth_l1_loss(told, aim, reduction="sum", beta=_BEND)
        scale = place().world / total(chosen.sum().float()).clamp_min(1)
        return {"score_loss": scale * cross, "side_loss": scale * distance}

    def _second(self, levels: list[Tensor], boxes: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (R, labels + 1) and differences (R, labels + 1, 4) of boxes (R, 4)."""
        seen = self.looking(regions(levels[:-1], STRIDES, boxes, image))
        logits, deltas = cast("tuple[Tensor, Tensor]", self.telling(seen))
        return logits.float(), deltas.float().unflatten(-1, (-1, 4))


def _dropped(found: Found, overlap: float) -> Found:
    """What ``suppressed`` does, by torchvision's loop."""
    image = torch.arange(len(found.scores), device=found.scores.device).unsqueeze(-1).expand_as(found.scores)
    kept = batched_nms(found.boxes.flatten(0, 1), found.scores.flatten(), image.flatten(), overlap)
    mask = torch.zeros_like(found.scores).flatten()
    mask[kept] = 1.0
    return found._replace(scores=found.scores * mask.reshape(found.scores.shape))
