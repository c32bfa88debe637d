"""Fingerprints of image files: SHA-256 of the bytes, a 256-bit difference hash, and a reduced image.

The difference hash (dHash: N. Krawetz, "Kind of Like That", 2013) states for each of 16 x 16 positions of the image
reduced to 17 x 16 pixels whether its left neighbour is darker. It survives rescaling and much re-encoding. A second
hash states where the left neighbour is brighter: in a uniform background neither holds, so they are not complements.
Inverted and mirrored images have the same two hashes, exchanged and reversed (``variants``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from osteon.core.errors import DataError, InputError
from osteon.data.files.names import as_path
from osteon.data.files.preview import Picture, preview

SIDE: Final = 16
BITS: Final = SIDE * SIDE
PICTURE_SIDE: Final = 64

Hashes = NDArray[np.uint64]
"""Packed difference hashes, shape (N, 4)."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What identifies each of N files.

    Attributes:
        sha256: of the bytes, in hexadecimal.
        hashes: difference hashes, uint64, shape (N, 4).
        falls: the same for the positions whose left neighbour is brighter, uint64, shape (N, 4).
        images: the images reduced to uint8, shape (N, 64, 64), without keeping the aspect ratio.
    """

    sha256: tuple[str, ...]
    hashes: Hashes
    falls: Hashes
    pictures: NDArray[np.uint8]

    def __len__(self) -> int:
        """Number of files."""
        return len(self.sha256)


Bits = NDArray[np.uint8]
"""Bits of a difference hash, shape (16, 16), or of N, shape (N, 16, 16)."""


def difference_hash(picture: Image.Image) -> tuple[Bits, Bits]:
    """Difference hash of a grey image: where it gets brighter to the right, and where darker, uint8 (16, 16)."""
    small = np.asarray(picture.resize((SIDE + 1, SIDE), Image.Resampling.BOX), np.int16)
    steps = np.diff(small, axis=1)
    return (steps > 0).astype(np.uint8), (steps < 0).astype(np.uint8)


def pack(bits: NDArray[np.uint8]) -> Hashes:
    """Pack bits (N, 16, 16) into uint64 (N, 4)."""
    return np.packbits(bits.reshape(len(bits), BITS), axis=1).view(np.uint64)


def unpack(hashes: Hashes) -> NDArray[np.uint8]:
    """The bits (N, 16, 16) of packed hashes (N, 4)."""
    return np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8), axis=1).reshape(len(hashes), SIDE, SIDE)


def variants(rises: Hashes, falls: Hashes) -> tuple[Hashes, Hashes, Hashes, Hashes]:
    """Hashes of the same images as they are, inverted, mirrored, and both.

    Inversion reverses every step; mirroring does so too and reverses the columns.
    """
    return rises, falls, pack(unpack(falls)[:, :, ::-1]), pack(unpack(rises)[:, :, ::-1])


@dataclass(frozen=True, slots=True)
class Reduced:
    """Hashes and reduced form of an image.

    Attributes:
        rises: difference hash, bits (16, 16).
        falls: the same of the opposite steps.
        image: reduced to uint8 (64, 64).
    """

    rises: Bits
    falls: Bits
    picture: NDArray[np.uint8]


def reduced(picture: Picture) -> Reduced:
    """Difference hashes and reduced form of an image of any size."""
    image = Image.fromarray(picture)
    small = image.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    return Reduced(*difference_hash(image), np.asarray(small))


def collect(digests: Sequence[str], parts: Sequence[Reduced]) -> Fingerprints:
    """Fingerprints of N files from their digests and the results of ``reduced``."""
    rises = np.array([reduction.rises for reduction in parts], np.uint8).reshape(-1, SIDE, SIDE)
    falls = np.array([reduction.falls for reduction in parts], np.uint8).reshape(-1, SIDE, SIDE)
    pictures = np.array([reduction.picture for reduction in parts], np.uint8).reshape(-1, PICTURE_SIDE, PICTURE_SIDE)
    return Fingerprints(tuple(digests), pack(rises), pack(falls), pictures)


def _fingerprint(path: Path) -> tuple[str, Reduced]:
    try:
        data = path.read_bytes()
        picture = preview(data)
    except (OSError, InputError) as error:
        raise DataError(f"cannot decode {path.name}", got=type(error).__name__) from error
    return hashlib.sha256(data).hexdigest(), reduced(picture)


def fingerprint(root: Path, images: Sequence[str], *, threads: int = 2) -> Fingerprints:
    """Fingerprint image files.

    Args:
        root: folder that the paths start from.
        images: paths below it.
        threads: number of files decoded at once.

    Raises:
        DataError: a file cannot be decoded.
    """
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(_fingerprint, [as_path(root, name) for name in images]))
    return collect([digest for digest, _ in results], [reduction for _, reduction in results])
