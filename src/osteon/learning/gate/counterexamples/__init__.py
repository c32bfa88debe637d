"""Images that are no bone radiograph of an indicated part: synthetic ones by kind, and real ones that packages ship."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.discs import fundus, scintigram
from osteon.learning.gate.counterexamples.echoes import ultrasound
from osteon.learning.gate.counterexamples.pages import page, window
from osteon.learning.gate.counterexamples.scrambled import melted, phases, shuffled
from osteon.learning.gate.counterexamples.slices import head, heart, joint, trunk
from osteon.learning.gate.counterexamples.spine import spine
from osteon.learning.gate.counterexamples.teeth import intraoral, panoramic
from osteon.learning.gate.counterexamples.textures import shapes, texture
from osteon.learning.gate.counterexamples.torso import abdomen, breast, chest, skull

SYNTHETIC: Final[dict[str, Callable[[np.random.Generator], Pixels]]] = {
    "slice of a head": head,
    "slice of a trunk": trunk,
    "slice of a heart": heart,
    "slice of a joint": joint,
    "ultrasound": ultrasound,
    "fundus": fundus,
    "scintigram": scintigram,
    "panoramic of teeth": panoramic,
    "teeth": intraoral,
    "chest": chest,
    "abdomen": abdomen,
    "breast": breast,
    "skull": skull,
    "spine": spine,
    "page": page,
    "window": window,
    "texture": texture,
    "shapes": shapes,
}
"""Kinds that are drawn, by name; ``spine`` is a phantom."""

DESTROYED: Final[dict[str, Callable[[np.random.Generator, Pixels], Pixels]]] = {
    "shuffled": shuffled,
    "random phases": phases,
    "melted": melted,
}
"""Kinds that are made of a radiograph, by name."""
