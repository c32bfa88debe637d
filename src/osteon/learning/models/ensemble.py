"""Several networks whose probabilities are averaged, in one graph, as VinDr-SpineXR does with three DenseNets.

    sigmoid: logit = log mean_m p_m - log mean_m (1 - p_m),    softmax: logit = log mean_m p_m

so that sigmoid or softmax of the logits gives the mean probabilities; or the logits themselves are averaged. The map is the
mean of the members' maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from osteon.learning.models.backbones.pretrained import backbone_state
from osteon.learning.models.method import Method
from osteon.learning.models.network import Explanation, Network, Outputs
from osteon.learning.models.standard import standard
from osteon.learning.models.state_names import current_state
from osteon.learning.models.trained import Trainable
from osteon.learning.recipe import Ensemble


class AveragedEnsemble(Network):
    """Members that see the same images. They are trained each by itself, and put together by ``assembled``."""

    def __init__(self, architecture: Ensemble, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        members = [standard(member, labels, channels, empty=empty) for member in architecture.members]
        self.backbone = nn.ModuleList(members)
        self.weights_source = "; ".join(dict.fromkeys(member.weights_source for member in members))
        self.pretrained = all(member.pretrained for member in members)
        names, sources = (tuple(dict.fromkeys(part)) for part in zip(*(m.map_method for m in members), strict=True))
        self.map_method = Method(f"mean over the members: {'; '.join(names)}", "; ".join(sources))
        self._exclusive = architecture.activation == "softmax"
        self._of_logits = architecture.average == "logits"

    @property
    def members(self) -> list[Network]:
        """The networks whose probabilities are averaged."""
        return [cast("Network", member) for member in self.backbone.children()]

    def features(self, image: Tensor) -> Tensor:
        """Pooled features (N, K) of all members, side by side."""
        return torch.cat([member.pooled(member.features(image)) for member in self.members], 1)

    def pooled(self, features: Tensor) -> Tensor:
        """The features: they are pooled."""
        return features

    def forward(self, image: Tensor) -> Outputs:
        """Logits of the mean probability; no local logits."""
        return Outputs(self._averaged([member(image).logits for member in self.members]), None)

    def explain(self, image: Tensor) -> Explanation:
        """Logits, the mean map of each label at the size of the largest, and the members' pooled features."""
        explanations = [member.explain(image) for member in self.members]
        maps = [explanation.maps for explanation in explanations]
        size = max((tuple(member_map.shape[2:]) for member_map in maps), key=lambda shape: shape[0] * shape[1])
        resized = [
            member_map
            if tuple(member_map.shape[2:]) == size
            else functional.interpolate(member_map, size, mode="bilinear")
            for member_map in maps
        ]
        pooled = torch.cat([explanation.pooled for explanation in explanations], 1)
        logits = self._averaged([explanation.logits for explanation in explanations])
        return Explanation(logits, torch.stack(resized).mean(0), pooled)

    def freeze(self, trainable: Trainable) -> None:
        """Let only the named layers of each member's backbone learn, and its head."""
        for member in self.members:
            member.freeze(trainable)

    def head_parameters(self) -> list[nn.Parameter]:
        """Parameters of all members' new layers."""
        return [parameter for member in self.members for parameter in member.head_parameters()]

    def dense_layers(self) -> list[nn.Module]:
        """The output layers of all members."""
        return [layer for member in self.members for layer in member.dense_layers()]

    def _averaged(self, logits: Sequence[Tensor]) -> Tensor:
        each = torch.stack(list(logits)).float()
        if self._of_logits:
            return each.mean(0)
        if self._exclusive:
            # Up to log M, which softmax ignores.
            return torch.logsumexp(functional.log_softmax(each, 2), 0)
        return torch.logsumexp(functional.logsigmoid(each), 0) - torch.logsumexp(functional.logsigmoid(-each), 0)


def assembled(weights: Sequence[Path]) -> dict[str, Tensor]:
    """The state of an ensemble from ``weights.safetensors`` of its members' finished runs, in the order of its record.

    Raises:
        DataError: a file is missing or no safetensors.
    """
    return {
        f"backbone.{index}.{key}": value
        for index, path in enumerate(weights)
        for key, value in current_state(backbone_state(path)[0]).items()
    }
