"""Whether a bundle saw the images that it is about to be measured on.

A bundle may carry :data:`PART`: the SHA-256 of each file that it was trained, selected or calibrated on, cut to 16
hexadecimal digits, one a line. A file that occurs in it byte for byte cannot be a test image.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.bundle.archive import Bundle
from osteon.core.errors import DataError

PART: Final = "training_files.txt"
"""Name of the part of a bundle."""

DIGITS: Final = 16
"""64 bits: among a million files a chance meeting has a probability of 3e-8."""


def fingerprint(path: Path) -> str:
    """The first digits of a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]


def training_part(paths: Iterable[Path]) -> bytes:
    """The content of :data:`PART` for the files that a network was trained, selected or calibrated on."""
    return ("\n".join(sorted({fingerprint(path) for path in paths})) + "\n").encode()


def known_files(bundle: Bundle) -> frozenset[str] | None:
    """Fingerprints of the files that a bundle saw; None where it does not say."""
    content = bundle.parts.get(PART)
    return None if content is None else frozenset(content.decode("ascii").split())


@dataclass(frozen=True, slots=True)
class Overlap:
    """What is known of an overlap between cases and the files that a bundle was made with.

    Attributes:
        bundle: its identity.
        files: of the cases, none of which the bundle is known to have seen.
        training_files: that the bundle lists; None where it lists none, so that nothing is known.
    """

    bundle: str
    files: int
    training_files: int | None

    @property
    def excluded(self) -> bool:
        """Whether it is known that there is none, byte for byte."""
        return self.training_files is not None


def overlap_sentence(overlap: Overlap) -> str:
    """What is known, in words."""
    if overlap.training_files is None:
        return f"{overlap.bundle} does not list the files that it was trained on: whether it saw these cases cannot be known."
    return (
        f"Byte for byte, none of the {overlap.files:,} files is among the {overlap.training_files:,} that "
        f"{overlap.bundle} was made with."
    )


def check_overlap(bundle: Bundle, paths: Sequence[Path]) -> Overlap:
    """Refuse files that the bundle was trained on.

    Returns:
        What is known.

    Raises:
        DataError: at least one file was used in training, selection or calibration.
    """
    known, name = known_files(bundle), bundle.manifest.identity
    if known is None:
        return Overlap(name, len(paths), None)
    met = [path.name for path in paths if path.is_file() and fingerprint(path) in known]
    if met:
        raise DataError(
            "the cases overlap the bundle's training data",
            expected="files that it never saw",
            got=f"{len(met)} of {len(paths)}, e.g. {met[0]}",
            hint="Evaluate on the test part of the split that the bundle was trained with.",
        )
    return Overlap(name, len(paths), len(known))
