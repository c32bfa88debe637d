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
from osteon.learning.recipe import Architecture, Recipe, Standard, UltralyticsRecipe
from osteon.learning.recipe.published import PUBLISHED
from osteon.learning.recipes import ALL
from osteon.learning.recipes import find as find_recipe

LABELS: Final = 2
"""Outputs that a published network is counted with."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Size:
    """What counting gives.

    Attributes:
        parameters: weights and biases that can learn.
        multiply_adds: of one case, to its logits; see ``models/counts.py``.
        map_name: how its map is made, in a few words; of a detector, what it is.
        map_method: the same with its source.
    """

    parameters: int
    multiply_adds: int
    map_name: str
    map_method: str


@dataclass(frozen=True, slots=True)
class Named:
    """An architecture at an input.

    Attributes:
        name: of the published network, or of the first recipe that uses the architecture.
        title: as the papers write it, or what the recipe is.
        task: what it does.
        architecture: the record that a recipe takes; None of a network that other software builds.
        labels: outputs.
        input: shape of one case, (C, H, W), or (V, C, H, W) with V images at once.
        papers: whose recipes use it.
        needs: the extra that brings it; empty where ``osteon[learn]`` does.
        known: how large it is, where it cannot be counted here.
    """

    name: str
    title: str
    task: str
    architecture: Architecture | None
    labels: int
    input: tuple[int, ...]
    papers: tuple[str, ...]
    needs: str = ""
    known: Size | None = None


@cache
def named() -> tuple[Named, ...]:
    """The recipes' own architectures, each once, those that other software builds, then the published networks."""
    own: dict[tuple[Architecture, int, tuple[int, ...]], Named] = {}
    for recipe in ALL:
        network = recipe.network
        if network is None:
            continue
        key = network.architecture, len(network.task.labels), network.case_shape
        if not isinstance(network.architecture, Standard) and key not in own:
            task = "detection" if network.finds_boxes else "classification"
            own[key] = Named(network.name, network.summary, task, *key, (_paper(network.name),))
    external = (_external(recipe) for recipe in ALL if isinstance(recipe, UltralyticsRecipe))
    others = (
        Named(
            entry.name, entry.title, "classification", Standard(entry.name, 0.0), LABELS, (3, entry.side, entry.side),
            tuple(
                dict.fromkeys(
                    _paper(recipe.name)
                    for recipe in ALL
                    if recipe.network is not None and entry.name in recipe.network.architecture.published
                )
            ),
        )
        for entry in PUBLISHED
    )  # fmt: skip
    return (*own.values(), *external, *others)


def _external(recipe: UltralyticsRecipe) -> Named:
    named_by = f"boxes: {recipe.model}, by ultralytics"
    return Named(
        name=recipe.name,
        title=recipe.summary,
        task="detection",
        architecture=None,
        labels=len(recipe.labels),
        input=(3, recipe.side, recipe.side),
        papers=(_paper(recipe.name),),
        needs="osteon[yolo]",
        known=None if recipe.size is None else Size(*recipe.size, named_by, named_by),
    )


def find(name: str) -> Named:
    """The architecture of that name; a recipe's short name will do, e.g. ``urfnet``.

    Raises:
        RecipeError: there is none.
    """
    for listed in named():
        if name in (listed.name, listed.name.rsplit("/", 1)[-1]):
            return listed
    known = ", ".join(listed.name for listed in named())
    raise RecipeError(f"there is no network {name!r}", expected=f"one of: {known}")


def counted(listed: Named) -> Size:
    """Count an architecture.

    Raises:
        RecipeError: it is built by other software, which states no size.
    """
    if listed.known is not None:
        return listed.known
    if listed.architecture is None:
        raise RecipeError(f"the size of {listed.name} is not known", expected="a network that osteon builds")
    if listed.task == "detection":
        return counted_recipe(find_recipe(listed.name))
    return _classifier(listed.architecture, listed.labels, listed.input)


def counted_recipe(recipe: Recipe) -> Size:
    """Count the network of a recipe at its input."""
    import torch  # deferred: see above

    from osteon.learning.detection.models import build
    from osteon.learning.models.counts import counts

    shape = recipe.case_shape
    if not recipe.finds_boxes:
        return _classifier(recipe.architecture, len(recipe.task.labels), shape)
    # Cutting regions out of features needs numbers, which the meta device does not have.
    detector = build(recipe, empty=True)
    detector.requires_grad_(requires_grad=False)  # the counter would follow learnt proposals back
    size = counts(detector, torch.zeros(1, *shape))
    return Size(size.parameters, size.multiply_adds, f"boxes: {detector.method.name}", f"boxes: {detector.method}")


def _classifier(architecture: Architecture, labels: int, shape: tuple[int, ...]) -> Size:
    """Count a classifier on PyTorch's meta device, where it takes no memory."""
    import torch

    from osteon.learning.models import build
    from osteon.learning.models.counts import counts

    with torch.device("meta"):
        network = build(architecture, labels, shape[-3], empty=True)
        size = counts(network, torch.empty(1, *shape))
    return Size(size.parameters, size.multiply_adds, network.map_method.name, str(network.map_method))


def sizes(chosen: Sequence[Named], kept: Path) -> list[Size]:
    """Sizes of architectures, from the file of what was counted before where it has them; others are counted and kept.

    Args:
        chosen: the architectures.
        kept: the file; made where it is missing, and made anew where it cannot be read.
    """
    known = _read(kept)
    before = len(known)
    for listed in chosen:
        if (key := _key(listed)) not in known:
            known[key] = asdict(counted(listed))
    if len(known) > before:
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(kept.name + ".part")
        draft.write_text(json.dumps(known, indent=1) + "\n")
        draft.replace(kept)
    return [Size(**known[_key(listed)]) for listed in chosen]


def _read(kept: Path) -> dict[str, dict[str, Any]]:
    try:
        return json.loads(kept.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        _log.warning("%s cannot be read; the networks are counted anew", kept.name)
        return {}


def _key(listed: Named) -> str:
    record = listed.architecture or listed.known
    return f"{record!r} {listed.labels} {listed.input} {_makers()}"


@cache
def _makers() -> str:
    """What would give other counts if it changed: the libraries and the files of ``models``."""
    here = Path(__file__).parent
    sources = sorted([*(here / "models").rglob("*.py"), *(here / "detection" / "models").rglob("*.py")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return " ".join((*(f"{name} {version(name)}" for name in ("torch", "timm", "torchvision")), digest))


def _paper(recipe: str) -> str:
    return recipe.split("/", 1)[0]
