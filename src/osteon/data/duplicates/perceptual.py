"""Signatures of what an image shows: they find copies without the images themselves.

A signature holds the signs of the 16 x 16 lowest coefficients of the discrete cosine transform of the reduced image, 256
bits (after C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, who takes 8 x 8). It
survives re-encoding, rescaling and changes of contrast; inversion turns every bit. The image cannot be made from it again,
so that a bundle may carry the signatures of its training images.

A query is compared as it is, mirrored and turned by quarters; and, mirrored or not, with edges added or taken off, since it may
be a crop.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.duplicates.hashes import BITS, PICTURE_SIDE, SIDE, Hashes, pack

RADIUS: Final = 28
"""Differing bits up to which two images count as the same; chosen on altered copies of FracAtlas (``docs/audit.md``)."""

_EDGES: Final = (0.013, 0.04)
"""Shares of the side that are added at each edge, in every combination, in case the query is a crop."""

_CUTS: Final = (-0.013, -0.04)
"""The same, taken off, in case the query is the larger one."""

_PAIRS: Final = 1 << 20
"""Pairs of signatures that are compared at once; they take about 40 bytes each."""

_WAVES: Final = np.cos(np.pi * np.outer(np.arange(SIDE), (np.arange(PICTURE_SIDE) + 0.5) / PICTURE_SIDE)).astype(
    np.float32
)

_INVERTED: Final = pack((np.arange(BITS) > 0).astype(np.uint8).reshape(1, SIDE, SIDE))
"""The bits that inversion turns: all but that of the mean."""

Pictures = NDArray[np.uint8]
"""Reduced images, (N, 64, 64)."""


class Match(NamedTuple):
    """A query that shows what a known image shows.

    Attributes:
        query: its row.
        known: row of the known image.
        distance: differing bits.
    """

    query: int
    known: int
    distance: int


def signatures(pictures: Pictures) -> Hashes:
    """Signatures of reduced images (N, 64, 64): uint64 (N, 4). The first bit, of the mean, is always 0."""
    coefficients = _WAVES @ pictures.astype(np.float32) @ _WAVES.T
    bits = (coefficients > 0).astype(np.uint8)
    bits[:, 0, 0] = 0
    return pack(bits)


def turned(pictures: Pictures, quarters: int, *, mirrored: bool = False) -> Pictures:
    """Reduced images, mirrored if asked, then turned by quarters anticlockwise."""
    flipped = pictures[:, :, ::-1] if mirrored else pictures
    return np.ascontiguousarray(np.rot90(flipped, quarters, axes=(1, 2)))


def _shifted(pictures: Pictures, left: float, top: float, right: float, bottom: float) -> Pictures:
    """Reduced images with shares of the side added at each edge (negative: taken off), and scaled back."""
    width, height = 1 + left + right, 1 + top + bottom
    moved = np.array(
        [
            [width, 0, 0.5 * width - 0.5 - left * PICTURE_SIDE],
            [0, height, 0.5 * height - 0.5 - top * PICTURE_SIDE],
        ],
        np.float32,
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (PICTURE_SIDE, PICTURE_SIDE)
    return np.stack(
        [
            np.asarray(cv2.warpAffine(picture, moved, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)
            for picture in pictures
        ]
    )


def _readings(pictures: Pictures) -> Iterator[Pictures]:
    """The queries in every way that they are compared."""
    for quarters, mirrored in product(range(4), (False, True)):
        yield turned(pictures, quarters, mirrored=mirrored)
    for mirrored, shares in product((False, True), (_EDGES, _CUTS)):
        flipped = turned(pictures, 0, mirrored=mirrored)
        for edges in product(shares, repeat=4):
            yield _shifted(flipped, *edges)


def matches(pictures: Pictures, known: Hashes, radius: int = RADIUS) -> list[Match]:
    """The queries that show what a known image shows, each with the nearest one.

    Args:
        pictures: reduced queries, (N, 64, 64).
        known: signatures, (M, 4).
        radius: largest number of differing bits.
    """
    if not len(known):
        return []
    found: list[Match] = []
    block = max(1, _PAIRS // len(known))
    for start in range(0, len(pictures), block):
        some = pictures[start : start + block]
        best = np.full(len(some), BITS, np.int64)
        nearest = np.zeros(len(some), np.int64)
        for reading in _readings(some):
            own = signatures(reading)
            for query in (own, own ^ _INVERTED):
                apart = np.bitwise_count(query[:, None] ^ known[None]).sum(axis=2, dtype=np.int64)
                row = apart.argmin(axis=1)
                distance = apart[np.arange(len(some)), row]
                closer = distance < best
                best[closer], nearest[closer] = distance[closer], row[closer]
        found += [
            Match(start + row, int(nearest[row]), int(best[row])) for row in np.flatnonzero(best <= radius).tolist()
        ]
    return found


def to_text(hashes: Hashes) -> list[str]:
    """Signatures as 64 hexadecimal digits each."""
    return [np.ascontiguousarray(row).view(np.uint8).tobytes().hex() for row in hashes]


def from_text(lines: list[str]) -> Hashes:
    """Signatures from their digits.

    Raises:
        ValueError: a line holds anything else.
    """
    if any(len(line) != BITS // 4 for line in lines):
        raise ValueError("expected 64 hexadecimal digits a line")
    return np.frombuffer(bytes.fromhex("".join(lines)), np.uint64).reshape(-1, BITS // 64)
