"""Names of weights as older versions stored them: runs and checkpoints of theirs are loaded through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

T = TypeVar("T")

RENAMED: Final[Mapping[str, str]] = {
    "trunk": "backbone",
    "proposing": "rpn_head",
    "looking": "box_head",
    "telling": "box_predictor",
    "reach": "box_regression",
}
"""Modules that have been renamed since, by their old name."""


def current_name(name: str) -> str:
    """The name of a weight as it is today: ``trunk.conv1.weight`` is ``backbone.conv1.weight``."""
    return ".".join(RENAMED.get(part, part) for part in name.split("."))


def current_state(state: Mapping[str, T]) -> dict[str, T]:
    """Weights by the names of today."""
    return {current_name(name): value for name, value in state.items()}


def rename_on_load(_module: object, state: dict[str, Any], prefix: str, *_others: object) -> None:
    """A hook of ``Module.load_state_dict``: weights below the prefix take the names of today."""
    for name in [name for name in state if name.startswith(prefix)]:
        today = prefix + current_name(name.removeprefix(prefix))
        if today != name:
            state[today] = state.pop(name)
