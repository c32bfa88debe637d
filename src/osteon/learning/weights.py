"""Where the weights come from that training starts with."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from safetensors.torch import load_file

if TYPE_CHECKING:
    from torch import Tensor

VARIABLE: Final = "OSTEON_WEIGHTS"
_log = logging.getLogger(__name__)


def pretrained(model: str) -> tuple[dict[str, Tensor] | None, str]:
    """ImageNet weights of a timm model.

    Looks for ``<model>_imagenet.safetensors`` in the folder named by ``OSTEON_WEIGHTS``, then asks timm for weights of its
    own (which it fetches from its hub, or finds in its cache).

    Args:
        model: timm's name, e.g. ``mobilenetv2_100``.

    Returns:
        The state dict and where it came from; None and the reason where there is none: the network then starts at random.
    """
    folder = os.environ.get(VARIABLE)
    if folder:
        path = Path(folder) / f"{model}_imagenet.safetensors"
        if path.is_file():
            return load_file(path), f"{path.name}, ImageNet-1k"
    import timm  # deferred: importing timm takes seconds and a found file does not need it

    if not timm.is_model_pretrained(model):
        return None, f"random: no weights of {model} are published in timm, and {VARIABLE} holds none"
    try:
        network = timm.create_model(model, pretrained=True)
    except (OSError, RuntimeError, ValueError) as error:
        _log.warning("no weights of %s could be fetched (%s)", model, type(error).__name__)
        return None, f"random: weights of {model} could not be fetched, and {VARIABLE} holds none"
    about = cast("dict[str, str]", network.pretrained_cfg)
    return network.state_dict(), f"timm {model}, {about.get('tag', '')}"
