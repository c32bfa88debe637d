"""Fingerprints of image files: SHA-256 of the bytes, a 256-bit difference hash, and a small picture.

The difference hash (dHash: N. Krawetz, "Kind of Like That", 2013) says, for each of 16 x 16 places of the image
reduced to 17 x 16 pixels, whether its left neighbour is darker. It survives rescaling and re-encoding; what inversion
and mirroring do to it is known beforehand (``variants``), so that one hash for each file is enough.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from osteon.core.errors import DataError

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
        pictures: the images reduced to uint8, shape (N, 64, 64), not keeping their proportions.
    """

    sha256: tuple[str, ...]
    hashes: Hashes
    pictures: NDArray[np.uint8]

    def __len__(self) -> int:
        """Number of files."""
        return len(self.sha256)


def difference_hash(picture: Image.Image) -> NDArray[np.uint8]:
    """Difference hash of a grey picture: 256 bits as uint8, shape (16, 16)."""
    small = np.asarray(picture.resize((SIDE + 1, SIDE), Image.Resampling.BOX), np.float32)
    return (small[:, 1:] > small[:, :-1]).astype(np.uint8)


def pack(bits: NDArray[np.uint8]) -> Hashes:
    """Pack bits (N, 16, 16) into uint64 (N, 4)."""
    return np.packbits(bits.reshape(len(bits), BITS), axis=1).view(np.uint64)


def unpack(hashes: Hashes) -> NDArray[np.uint8]:
    """The bits (N, 16, 16) of packed hashes (N, 4)."""
    return np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8), axis=1).reshape(len(hashes), SIDE, SIDE)


def variants(hashes: Hashes) -> tuple[Hashes, Hashes, Hashes, Hashes]:
    """Hashes of the same images as they are, inverted, mirrored, and both.

    Inversion turns every comparison round; mirroring does so too and reverses the columns.
    """
    bits = unpack(hashes)
    mirrored = 1 - bits[:, :, ::-1]
    return hashes, pack(1 - bits), pack(mirrored), pack(1 - mirrored)


def _grey(data: bytes) -> Image.Image:
    """The upright image in 8-bit grey, JPEGs decoded at a fraction of their size where that is enough."""
    image = Image.open(io.BytesIO(data))
    image.draft("L", (4 * PICTURE_SIDE, 4 * PICTURE_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        values = np.asarray(upright, np.float32)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8))
    return upright.convert("L")


def _fingerprint(path: Path) -> tuple[str, NDArray[np.uint8], NDArray[np.uint8]]:
    data = path.read_bytes()
    try:
        picture = _grey(data)
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(f"cannot decode {path.name}", got=type(error).__name__) from error
    small = picture.resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    return hashlib.sha256(data).hexdigest(), difference_hash(picture), np.asarray(small)


def fingerprint(root: Path, images: Sequence[str], *, threads: int = 2) -> Fingerprints:
    """Fingerprint image files.

    Args:
        root: folder that the paths start from.
        images: paths below it.
        threads: how many files are decoded at once.

    Raises:
        DataError: a file cannot be decoded.
    """
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(_fingerprint, [root / name for name in images]))
    bits = np.array([one[1] for one in found], np.uint8).reshape(-1, SIDE, SIDE)
    pictures = np.array([one[2] for one in found], np.uint8).reshape(-1, PICTURE_SIDE, PICTURE_SIDE)
    return Fingerprints(tuple(one[0] for one in found), pack(bits), pictures)
