"""Which image of a study is which view."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import View
from osteon.core.records import Radiograph

_WORDS: Final = {
    View.FRONTAL: frozenset({"front", "frontal", "ap", "pa", "anteroposterior"}),
    View.LATERAL: frozenset({"side", "lateral", "lat"}),
    View.OBLIQUE: frozenset({"oblique", "obl"}),
}


def view_of_name(path: PurePath) -> View | None:
    """The view that a file's name states as one of its words (``front.jpg``, ``wrist_LAT.png``), or None."""
    words = set(re.findall(r"[a-z]+", path.stem.lower()))
    found = [view for view, names in _WORDS.items() if words & names]
    return found[0] if len(found) == 1 else None


def choose_views(
    radiographs: Sequence[Radiograph], readable: Sequence[bool], views: Sequence[View]
) -> list[int] | Refusal:
    """The image of each view that a bundle sees at once, or why the study cannot be read.

    Args:
        radiographs: of the study.
        readable: whether each of them may be shown to the network.
        views: that the bundle wants, in order.

    Returns:
        The index of the first readable image of each view; or the refusal. An image whose view is not stated is never
        guessed to be the one that is missing.
    """
    chosen: list[int] = []
    for view in views:
        found = [index for index, radiograph in enumerate(radiographs) if radiograph.view is view]
        if not found:
            unstated = sum(radiograph.view is None for radiograph in radiographs)
            wanted = tuple(view_wanted.value for view_wanted in views)
            return Refusal(RefusalCode.VIEW_MISSING, {"view": view.value, "views": wanted, "unstated": unstated})
        usable = [index for index in found if readable[index]]
        if not usable:
            return Refusal(RefusalCode.VIEW_REFUSED, {"view": view.value})
        chosen.append(usable[0])
    return chosen
