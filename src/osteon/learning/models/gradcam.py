"""Networks whose map is Grad-CAM (Selvaraju et al. 2017), written as part of the forward pass.

``map = ReLU(sum_k weight_k A_k)``, ``weight_k`` the gradient of the logit by channel ``A_k`` of the explained layer, averaged
over places. The gradient through the head is written in closed form, so that the exported graph needs no backward pass.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from osteon.learning.models.method import Method
from osteon.learning.models.network import Explanation, Network, Outputs


class GradCam(Network):
    """A backbone with features in two dimensions, and a head whose gradient is written out."""

    map_method = Method("Grad-CAM at the last features", "Selvaraju et al. 2017")

    @abstractmethod
    def head(self, features: Tensor) -> Outputs:
        """From the last features to the logits."""

    def explained(self, features: Tensor) -> Tensor:
        """The layer (N, K, h, w) that is explained; the last features unless a network has a later one."""
        return features

    @abstractmethod
    def head_gradient(self, features: Tensor) -> Tensor:
        """Gradient of each logit by the explained layer, averaged over places, without dropout: (N, labels, K).

        These are the channel weights of Grad-CAM (Selvaraju et al. 2017, equation 1). With V images at once:
        (N, labels, V, K).
        """

    def explain(self, image: Tensor) -> Explanation:
        """Logits, the map of each label, and the pooled features of images (N, C, H, W) or (N, V, C, H, W)."""
        features = self.features(image)
        weights = self.head_gradient(features)
        shown = self.explained(features)
        mix = "nlvk,nvkhw->nlvhw" if shown.ndim == 5 else "nlk,nkhw->nlhw"
        maps = torch.relu(torch.einsum(mix, weights, shown))
        return Explanation(self.head(features).logits, maps, self.pooled(features))

    def forward(self, image: Tensor) -> Outputs:
        """Logits of images (N, C, H, W), or (N, V, C, H, W) with V images at once."""
        return self.head(self.features(image))
