"""Where the weights come from that training starts with."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from safetensors import SafetensorError
from safetensors.torch import load_file

from osteon.core.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

    from osteon.learning.catalogue import Published

VARIABLE: Final = "OSTEON_WEIGHTS"
_log = logging.getLogger(__name__)


def pretrained(entry: Published) -> tuple[dict[str, Tensor] | None, str]:
    """Published weights of a network.

    Looks for ``<name>_imagenet.safetensors`` in the folder named by ``OSTEON_WEIGHTS``, then asks the network's library (which
    fetches them from its hub, or finds them in its cache).

    Args:
        entry: the network's line in the catalogue.

    Returns:
        The state dict and where it came from; None and the reason where there is none: the network then starts at random.
    """
    folder = os.environ.get(VARIABLE)
    if folder:
        path = Path(folder) / f"{entry.name}_imagenet.safetensors"
        if path.is_file():
            return load_file(path), f"{path.name}, ImageNet-1k"
    if entry.weights is None:
        return None, f"random: no weights of {entry.name} are published in {entry.library}, and {VARIABLE} holds none"
    try:
        state = _torchvision(entry.name, entry.weights) if entry.library == "torchvision" else _timm(entry)
    except (OSError, RuntimeError, ValueError) as error:
        _log.warning("no weights of %s could be fetched (%s)", entry.name, type(error).__name__)
        return None, f"random: weights of {entry.name} could not be fetched, and {VARIABLE} holds none"
    return state, f"{entry.library} {entry.name}, {entry.weights}"


def stored(path: Path) -> tuple[dict[str, Tensor], str]:
    """Weights of a trunk from a file, as a pre-training writes it: the state dict and where it came from.

    Raises:
        DataError: there is no such file, or it is no safetensors.
    """
    try:
        return load_file(path), path.name
    except (OSError, SafetensorError) as error:
        raise DataError("these weights cannot be read", expected="a safetensors file", got=path.name) from error


def _timm(entry: Published) -> dict[str, Tensor]:
    import timm  # deferred: importing timm takes seconds and a found file does not need it

    return timm.create_model(f"{entry.name}.{entry.weights}", pretrained=True).state_dict()


def _torchvision(name: str, weights: str) -> dict[str, Tensor]:
    """The state dict of torchvision's weights; nothing is fetched where the hub was switched off by ``HF_HUB_OFFLINE``.

    Raises:
        OSError: the weights cannot be had.
    """
    from huggingface_hub import constants
    from torch.hub import get_dir
    from torchvision.models import get_model_weights  # deferred: see above

    published = get_model_weights(name)[weights]
    cached = Path(get_dir()) / "checkpoints" / published.url.rsplit("/", 1)[-1]
    if constants.is_offline_mode() and not cached.is_file():
        raise OSError("the network is switched off")
    return cast("dict[str, Tensor]", published.get_state_dict(progress=False, check_hash=True))
