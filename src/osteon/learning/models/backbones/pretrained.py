"""Where the weights come from that training starts with."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from osteon.core.errors import DataError
from osteon.learning.models.state_names import current_state

if TYPE_CHECKING:
    from torch import Tensor

    from osteon.learning.recipe.published import Published

VARIABLE: Final = "OSTEON_WEIGHTS"
_BACKBONE: Final = "backbone."
SOURCE: Final = "source"
"""Key of a safetensors file's metadata that says where weights came from."""

_log = logging.getLogger(__name__)


def pretrained(entry: Published) -> tuple[dict[str, Tensor] | None, str]:
    """Published weights of a network.

    Looks for ``<name>_imagenet.safetensors`` (or ``_fp16``) in the folder named by ``OSTEON_WEIGHTS``, then asks the network's
    library (which fetches them from its hub, or finds them in its cache).

    Args:
        entry: the network's line in the catalogue.

    Returns:
        The state dict and where it came from; None and the reason where there is none: the network then starts at random.
    """
    folder = os.environ.get(VARIABLE)
    if folder:
        for name in (f"{entry.name}_imagenet.safetensors", f"{entry.name}_imagenet_fp16.safetensors"):
            path = Path(folder) / name
            if path.is_file():
                state = load_file(path)  # those in half precision are computed with in single
                halves = {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
                return halves, f"{path.name}, ImageNet-1k"
    if entry.weights is None:
        return None, f"random: no weights of {entry.name} are published in {entry.library}, and {VARIABLE} holds none"
    try:
        state = _torchvision(entry.name, entry.weights) if entry.library == "torchvision" else _timm(entry)
    except (OSError, RuntimeError, ValueError) as error:
        _log.warning("no weights of %s could be fetched (%s)", entry.name, type(error).__name__)
        return None, f"random: weights of {entry.name} could not be fetched, and {VARIABLE} holds none"
    return state, f"{entry.library} {entry.name}, {entry.weights}"


def backbone_state(path: Path) -> tuple[dict[str, Tensor], str]:
    """Weights of a backbone and where they came from.

    Args:
        path: safetensors of the backbone alone, as a pre-training writes it, or the folder of a finished run, of whose network
            the backbone is taken.

    Raises:
        DataError: there is no such file, it is no safetensors, or the run is not finished.
    """
    whole = path.is_dir()
    state = _stored(path / "weights.safetensors" if whole else path, whole=whole)
    if not whole:
        return state, _source(path) or f"pre-training, {path.name}"
    backbone = {name.removeprefix(_BACKBONE): value for name, value in state.items() if name.startswith(_BACKBONE)}
    recipe = json.loads((path / "run.json").read_text(encoding="utf-8"))["recipe"]["name"]
    return backbone, f"the backbone of a network of {recipe}"


def network_state(path: Path) -> tuple[dict[str, Tensor], str] | None:
    """Weights of a whole network and where they came from, as its file says; None where the file holds a backbone alone.

    Raises:
        DataError: the file is no safetensors.
    """
    if path.is_dir():
        return None
    state = _stored(path, whole=False)
    if not any(name.startswith(_BACKBONE) for name in state):
        return None
    return state, _source(path) or f"a network, {path.name}"


def _source(path: Path) -> str:
    """Where weights came from, as their file says; empty where it does not."""
    with safe_open(path, framework="pt") as file:
        return (file.metadata() or {}).get(SOURCE, "")


def _stored(path: Path, *, whole: bool) -> dict[str, Tensor]:
    try:
        return current_state(load_file(path))
    except (OSError, SafetensorError) as error:
        expected = "a finished run" if whole else "a safetensors file"
        raise DataError("these weights cannot be read", expected=expected, got=path.name) from error


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
