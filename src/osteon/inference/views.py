"""Which film of a study is which view."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

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


def choose_views(radiographs: Sequence[Radiograph], sound: Sequence[bool], views: Sequence[View]) -> list[int] | str:
    """The film of each view that a bundle sees at once, or why the study cannot be read.

    Args:
        radiographs: of the study.
        sound: whether each of them may be shown to the network.
        views: that the bundle wants, in order.

    Returns:
        The index of the first sound film of each view; or the reason in words. A film whose view is not stated is never
        guessed to be the one that is missing.
    """
    chosen: list[int] = []
    for view in views:
        found = [index for index, film in enumerate(radiographs) if film.view is view]
        if not found:
            unknown = sum(film.view is None for film in radiographs)
            said = f" ({unknown} of its films do not state their view)" if unknown else ""
            return f"the bundle reads {' and '.join(views)} views together, and the study has no {view} view{said}"
        usable = [index for index in found if sound[index]]
        if not usable:
            return f"the study's {view} view must not be read"
        chosen.append(usable[0])
    return chosen
