"""A YOLO that ultralytics trained, as the graph of a bundle's detector.

The network in the graph is built by ultralytics and licensed under AGPL-3.0, as is a bundle that holds it: whoever passes
one on must say so in its manifest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from osteon.learning.bundling.onnx_graph import exported
from osteon.learning.detection.boxes import DetectedBoxes
from osteon.learning.detection.models.results import CANDIDATES, clip_to_image, select_boxes, top_k_of_each_class
from osteon.learning.recipe import BoxRule
from osteon.learning.yolo import ultralytics


class YoloBoxes(nn.Module):
    """From images to the boxes that a rule gives out.

    Args:
        network: ultralytics' model for detection, trained.
        rule: of the boxes.
    """

    def __init__(self, network: nn.Module, rule: BoxRule) -> None:
        super().__init__()
        self.network = network
        self._rule = rule

    def forward(self, image: Tensor) -> DetectedBoxes:
        """The boxes of images (N, 3, H, W) in [0, 1]; ``rule.max_detections`` rows for each."""
        answer: Any = self.network(image)
        raw: Tensor = answer[0] if isinstance(answer, tuple | list) else answer  # (N, 4 + labels, P)
        middle, extent, scores = raw.transpose(1, 2).split([2, 2, raw.shape[1] - 4], -1)
        corners = torch.cat([middle - extent / 2, middle + extent / 2], -1)
        each = corners.unsqueeze(-2).expand(*scores.shape, 4)
        found = top_k_of_each_class(each, scores, CANDIDATES * self._rule.max_detections)
        chosen = select_boxes(found, self._rule)
        # After suppression, as ultralytics does: boxes that differ outside the image alone may be the same inside.
        return chosen._replace(boxes=clip_to_image(chosen.boxes, image))


def yolo_graph(weights: Path, side: int, rule: BoxRule) -> bytes:
    """The ONNX graph: ``image`` (N, 3, side, side) to ``boxes`` (N, K, 4), ``scores`` (N, K) and ``classes`` (N, K).

    Args:
        weights: trained by ``train_yolo``.
        side: of the input, in pixels.
        rule: of the boxes that the graph gives out.

    Raises:
        RecipeError: ultralytics is not installed.
    """
    return exported(yolo_network(weights, rule), torch.zeros(2, 3, side, side), ["boxes", "scores", "classes"])


def yolo_network(weights: Path, rule: BoxRule) -> YoloBoxes:
    """What ``yolo_graph`` exports.

    Args:
        weights: trained by ``train_yolo``.
        rule: of the boxes that it gives out.

    Raises:
        RecipeError: ultralytics is not installed.
    """
    network: Any = ultralytics().YOLO(str(weights)).model.float().eval()
    head = network.model[-1]
    head.export, head.format = True, "onnx"  # the boxes alone, decoded
    return YoloBoxes(network, rule)
