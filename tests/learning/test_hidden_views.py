"""Which view of a simulated case is hidden follows no order."""

from __future__ import annotations

import json
from pathlib import Path

from osteon.learning.reproduce.planning.source import hide
from osteon.phantom.layouts import write


def test_the_hidden_view_follows_no_order(tmp_path: Path) -> None:
    """Half of the fractures are hidden in one of their views: alike in both views, at no fixed rows."""
    root = write("forearm", "pediurf", 40, 3, tmp_path / "cases", size=64)
    images = [root / image["image"] for image in json.loads((root / "truth.json").read_text())["images"]]
    before = [path.read_bytes() for path in images]
    hide(root, 0.5)
    changed = [path.read_bytes() != content for path, content in zip(images, before, strict=True)]
    pairs = list(zip(changed[0::2], changed[1::2], strict=True))
    assert sum(map(any, pairs)) == 20
    assert not any(map(all, pairs))
    assert sum(front for front, _ in pairs) == 10
    for period in (2, 3, 4):  # every rest holds some hidden cases and some whole ones, and no rest holds all of them
        for rest in range(period):
            assert 0 < sum(map(any, pairs[rest::period])) < len(pairs[rest::period])
