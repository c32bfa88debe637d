"""The family of EfficientDets: one number scales trunk, pyramid, heads and input together (Tan et al. 2020, table 1)."""

from __future__ import annotations

from typing import Final, NamedTuple


class Compound(NamedTuple):
    """A member of the family.

    Attributes:
        name: as the paper writes it.
        model: the trunk.
        side: of the square input, in pixels.
        pyramid: channels of the pyramid.
        layers: bidirectional passes through it.
        blocks: convolutions in each branch of the head.
    """

    name: str
    model: str
    side: int
    pyramid: int
    layers: int
    blocks: int


FAMILY: Final = (
    Compound("D0", "efficientnet_b0", 512, 64, 3, 3),
    Compound("D1", "efficientnet_b1", 640, 88, 4, 3),
    Compound("D2", "efficientnet_b2", 768, 112, 5, 3),
    Compound("D3", "efficientnet_b3", 896, 160, 6, 4),
    Compound("D4", "efficientnet_b4", 1024, 224, 7, 4),
    Compound("D5", "efficientnet_b5", 1280, 288, 7, 4),
    Compound("D6", "efficientnet_b6", 1280, 384, 8, 5),
    Compound("D7", "efficientnet_b6", 1536, 384, 8, 5),
)
"""D0 and D1 have their trunks in ``learning/catalogue.py``; a line there adds another."""
