"""Which counterexamples resemble each other: a family is left out as a whole when one of its kinds is measured."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.learning.gate.counterexamples import DESTROYED, SYNTHETIC
from osteon.learning.gate.samples import JOINED, OTHER_PARTS, RADIOGRAPH, Samples

_PACKAGE: Final = " (package)"
FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "slices": (
        "slice of a head", "slice of a trunk", "slice of a heart", "slice of a joint", f"magnetic resonance{_PACKAGE}",
        f"computed tomography{_PACKAGE}", f"other DICOM{_PACKAGE}",
    ),
    "ultrasound": ("ultrasound",),
    "eyes": ("fundus", f"retina{_PACKAGE}"),
    "scintigrams": ("scintigram",),
    "teeth": ("panoramic of teeth", "teeth"),
    "trunk and head": ("chest", "abdomen", "breast", "skull", "spine"),
    "pages": ("page", "window", f"text{_PACKAGE}"),
    "pictures": (f"photograph{_PACKAGE}", f"microscope, telescope{_PACKAGE}"),
    "textures": ("texture", "shapes"),
    "destroyed": tuple(DESTROYED),
}  # fmt: skip
"""Kinds by family."""

RADIOGRAPHIC: Final = (*FAMILIES["teeth"], *FAMILIES["trunk and head"])
"""Kinds that are radiographs of bones which the bundle does not read: the second output learns them too."""

UNSEEN: Final = (*FAMILIES["slices"], "ultrasound", *FAMILIES["eyes"], "scintigram")
"""Kinds of other modalities."""

_KNOWN: Final = {kind for kinds in FAMILIES.values() for kind in kinds}
if missing := {*SYNTHETIC, *DESTROYED} - _KNOWN:
    raise TypeError(f"kinds of no family: {sorted(missing)}")


def family_of(kinds: NDArray[np.str_]) -> NDArray[np.str_]:
    """The family of each kind (N,); empty for radiographs and phantoms of limbs."""
    names = {kind: family for family, kinds in FAMILIES.items() for kind in kinds}
    return np.array([names.get(str(kind), "") for kind in kinds])


def odd_weights(family: NDArray[np.str_], rows: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Weights of the counterexamples among some rows: each family weighs as the square root of its size."""
    weights = np.zeros(len(family), np.float32)
    for name in FAMILIES:
        chosen = rows & (family == name)
        if chosen.any():
            weights[chosen] = 1 / np.sqrt(chosen.sum())
    return weights


def other_weights(samples: Samples, rows: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Weights of images of other parts among some rows.

    Half for radiographs of such parts and copies of them, a quarter for such joined with their mirror images, a quarter for
    synthetic radiographs of trunk, head and teeth; what is absent gives its share to the others.
    """
    parts = [part.value for part in OTHER_PARTS]
    weights = np.zeros(len(rows), np.float32)
    for share, chosen in (
        (0.5, rows & (samples.kind == RADIOGRAPH) & np.isin(samples.part, parts)),
        (0.25, rows & (samples.kind == JOINED)),
        (0.25, rows & np.isin(samples.kind, RADIOGRAPHIC)),
    ):
        if chosen.any():
            weights[chosen] = share / chosen.sum()
    return weights
