"""Images that are known already, byte for byte or by what they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.core.errors import InputError
from osteon.data.duplicates.hashes import PICTURE_SIDE, Hashes, reduced
from osteon.data.duplicates.perceptual import Pictures, matches, signatures
from osteon.data.files.preview import preview
from osteon.evaluation.inference.overlap import DIGITS, fingerprint, known_files, known_signatures


@dataclass(frozen=True)
class Shown:
    """Images of some files.

    Attributes:
        names: of the files that could be decoded.
        pictures: reduced, (N, 64, 64).
        prints: the start of the SHA-256 of each file, by its name, also of those that could not be decoded.
    """

    names: tuple[str, ...]
    pictures: Pictures
    prints: Mapping[str, frozenset[str]]

    def __len__(self) -> int:
        return len(self.prints)

    @classmethod
    def of(cls, files: Mapping[str, Path], others: Mapping[str, str] | None = None) -> Self:
        """Look at files.

        Args:
            files: by name.
            others: SHA-256 of the file that an image was made from, by name.
        """
        names: list[str] = []
        pictures: list[Pictures] = []
        prints: dict[str, frozenset[str]] = {}
        for name, path in files.items():
            source = (others or {}).get(name)
            prints[name] = frozenset({fingerprint(path), *([source[:DIGITS]] if source else [])})
            try:
                pictures.append(reduced(preview(path.read_bytes())).picture)
            except (OSError, InputError):
                continue
            names.append(name)
        stacked = np.array(pictures, np.uint8).reshape(-1, PICTURE_SIDE, PICTURE_SIDE)
        return cls(tuple(names), stacked, prints)

    def only(self, wanted: Iterable[str]) -> Shown:
        """Some of the files."""
        kept = set(wanted)
        rows = [row for row, name in enumerate(self.names) if name in kept]
        return Shown(
            tuple(self.names[row] for row in rows),
            self.pictures[rows],
            {name: prints for name, prints in self.prints.items() if name in kept},
        )


@dataclass(frozen=True)
class Known:
    """What is known of images.

    Attributes:
        prints: the start of SHA-256 of files.
        signatures: of what they show, (M, 4).
        complete: whether nothing is missing, as far as can be told.
    """

    prints: frozenset[str]
    signatures: Hashes
    complete: bool = True

    def joined(self, other: Known) -> Known:
        """Both."""
        return Known(
            self.prints | other.prints,
            np.concatenate([self.signatures, other.signatures]),
            self.complete and other.complete,
        )

    def met(self, shown: Shown) -> dict[str, str]:
        """The files that are known, by name: ``file`` where byte for byte, ``picture`` where they show the same."""
        found = {shown.names[match.query]: "picture" for match in matches(shown.pictures, self.signatures)}
        return found | {name: "file" for name, prints in shown.prints.items() if prints & self.prints}


def nothing() -> Known:
    """Nothing is known."""
    return Known(frozenset(), np.zeros((0, 4), np.uint64))


def of_shown(parts: Sequence[Shown]) -> Known:
    """What is known of files that were looked at."""
    prints = frozenset(one for part in parts for found in part.prints.values() for one in found)
    pictures = (
        np.concatenate([part.pictures for part in parts])
        if parts
        else np.zeros((0, PICTURE_SIDE, PICTURE_SIDE), np.uint8)
    )
    return Known(prints, signatures(pictures))


def of_bundle(bundle: Bundle) -> Known:
    """What a bundle, and those that it came from, were trained, selected or calibrated on, as far as it says so."""
    files, seen = known_files(bundle), known_signatures(bundle)
    return Known(
        files or frozenset(), nothing().signatures if seen is None else seen, files is not None and seen is not None
    )
