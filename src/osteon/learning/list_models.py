"""What ``osteon models`` lists: the networks of the recipes, and every published network that a recipe may name.

Counting needs PyTorch, whose import alone takes seconds. So what was counted is kept in a file, by the architecture, its input
and what counted it; listing it again needs no PyTorch.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import RecipeError
from osteon.learning.models.published import PUBLISHED
from osteon.learning.recipe import Architecture, DecisionFusion, Recipe, Standard, YoloDetector
from osteon.learning.recipe.network import published
from osteon.learning.recipes import RECIPES
from osteon.learning.recipes import find as find_recipe

LABELS: Final = 2
"""Outputs that a published network is counted with."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Named:
    """An architecture at an input.

    Attributes:
        name: of the published network, or of the first recipe that uses the architecture.
        title: as the papers write it, or what the recipe is.
        task: what it does.
        architecture: the record that a recipe takes.
        labels: outputs.
        input: shape of one case, (C, H, W), or (V, C, H, W) with V films at once.
        papers: whose recipes use it.
    """

    name: str
    title: str
    task: str
    architecture: Architecture
    labels: int
    input: tuple[int, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """What counting gives.

    Attributes:
        parameters: weights and biases that can learn.
        multiply_adds: of one case, to its logits; see ``models/counts.py``.
        map_method: how it says where it looked; of a detector, what it is.
    """

    parameters: int
    multiply_adds: int
    map_method: str


@cache
def named() -> tuple[Named, ...]:
    """The recipes' own architectures, each once, then the published networks."""
    own: dict[tuple[Architecture, int, tuple[int, ...]], Named] = {}
    for recipe in RECIPES:
        key = recipe.architecture, len(recipe.task.labels), _shape(recipe)
        if not isinstance(recipe.architecture, Standard | YoloDetector | DecisionFusion) and key not in own:
            task = "classification" if recipe.detection is None else "detection"
            own[key] = Named(recipe.name, recipe.summary, task, *key, (_paper(recipe.name),))
    others = (
        Named(
            entry.name, entry.title, "classification", Standard(entry.name, 0.0), LABELS, (3, entry.side, entry.side),
            tuple(
                dict.fromkeys(
                    _paper(recipe.name) for recipe in RECIPES if entry.name in published(recipe.architecture)
                )
            ),
        )
        for entry in PUBLISHED
    )  # fmt: skip
    return (*own.values(), *others)


def find(name: str) -> Named:
    """The architecture of that name; a recipe's short name will do, e.g. ``urfnet``.

    Raises:
        RecipeError: there is none.
    """
    for one in named():
        if name in (one.name, one.name.rsplit("/", 1)[-1]):
            return one
    raise RecipeError(f"there is no network {name!r}", expected=f"one of: {', '.join(one.name for one in named())}")


def counted(one: Named) -> Size:
    """Count an architecture."""
    if one.task == "detection":
        return counted_recipe(find_recipe(one.name))
    return _classifier(one.architecture, one.labels, one.input)


def counted_recipe(recipe: Recipe) -> Size:
    """Count the network of a recipe at its input."""
    import torch  # deferred: see above

    from osteon.learning.detection.models import build
    from osteon.learning.models.counts import counts

    shape = _shape(recipe)
    if recipe.detection is None:
        return _classifier(recipe.architecture, len(recipe.task.labels), shape)
    # Cutting regions out of features needs numbers, which the meta device has not.
    detector = build(recipe, empty=True)
    detector.requires_grad_(requires_grad=False)  # the counter would follow learnt proposals back
    size = counts(detector, torch.zeros(1, *shape))
    return Size(size.parameters, size.multiply_adds, f"boxes: {detector.method}")


def _classifier(architecture: Architecture, labels: int, shape: tuple[int, ...]) -> Size:
    """Count a classifier on PyTorch's meta device, where it takes no memory."""
    import torch

    from osteon.learning.models import build
    from osteon.learning.models.counts import counts

    with torch.device("meta"):
        network = build(architecture, labels, shape[-3], empty=True)
        size = counts(network, torch.empty(1, *shape))
    return Size(size.parameters, size.multiply_adds, network.map_method)


def _shape(recipe: Recipe) -> tuple[int, ...]:
    """Shape of one case: (C, H, W), or (V, C, H, W) with V films at once."""
    how, films = recipe.preprocessing, recipe.films.at_once
    shape = (how.channels, how.height, how.width)
    return shape if films == 1 else (films, *shape)


def sizes(chosen: Sequence[Named], kept: Path) -> list[Size]:
    """Sizes of architectures, from the file of what was counted before where it has them; others are counted and kept.

    Args:
        chosen: the architectures.
        kept: the file; made where it is missing, and made anew where it cannot be read.
    """
    known = _read(kept)
    before = len(known)
    for one in chosen:
        if (key := _key(one)) not in known:
            known[key] = asdict(counted(one))
    if len(known) > before:
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(kept.name + ".part")
        draft.write_text(json.dumps(known, indent=1) + "\n")
        draft.replace(kept)
    return [Size(**known[_key(one)]) for one in chosen]


def _read(kept: Path) -> dict[str, dict[str, Any]]:
    try:
        return json.loads(kept.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        _log.warning("%s cannot be read; the networks are counted anew", kept.name)
        return {}


def _key(one: Named) -> str:
    return f"{one.architecture!r} {one.labels} {one.input} {_makers()}"


@cache
def _makers() -> str:
    """What would give other counts if it were another: the libraries and the files of ``models``."""
    here = Path(__file__).parent
    sources = sorted([*(here / "models").glob("*.py"), *(here / "detection" / "models").glob("*.py")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return " ".join((*(f"{name} {version(name)}" for name in ("torch", "timm", "torchvision")), digest))


def _paper(recipe: str) -> str:
    return recipe.split("/", 1)[0]
