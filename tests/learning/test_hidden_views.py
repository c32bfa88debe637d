"""Which view of a simulated case is hidden follows no order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osteon.learning.reproduce.planning.source import hide
from osteon.phantom.layouts import write

pytestmark = pytest.mark.long


def _listed(root: Path) -> list[dict[str, Any]]:
    return json.loads((root / "truth.json").read_text())["images"]


def _shown(root: Path) -> list[tuple[bool, bool]]:
    """Of each case, whether front and side view show a fracture."""
    shown = [any(finding["visible"] for finding in image["findings"]) for image in _listed(root)]
    return list(zip(shown[0::2], shown[1::2], strict=True))


def test_the_hidden_view_follows_no_order(tmp_path: Path) -> None:
    """Half of the fractures are hidden in one of their views: alike in both views, at no fixed rows."""
    root = write("forearm", "pediurf", 40, 3, tmp_path / "cases", size=64)
    images = [root / image["image"] for image in _listed(root)]
    before, shown = [path.read_bytes() for path in images], _shown(root)
    hide(root, 0.5)
    changed = [path.read_bytes() != content for path, content in zip(images, before, strict=True)]
    pairs = list(zip(changed[0::2], changed[1::2], strict=True))
    assert sum(map(any, pairs)) == 20
    assert not any(map(all, pairs))
    free = [hidden for hidden, views in zip(pairs, shown, strict=True) if all(views)]
    assert abs(sum(front for front, _ in free) - sum(side for _, side in free)) <= 1 + 20 - sum(map(any, free))
    assert all(map(any, _shown(root)))  # never the only view that shows it
    for period in (2, 3, 4):  # every rest holds some hidden cases and some whole ones, and no rest holds all of them
        for rest in range(period):
            assert 0 < sum(map(any, pairs[rest::period])) < len(pairs[rest::period])
