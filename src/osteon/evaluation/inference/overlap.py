"""Whether a bundle saw the images that it is about to be measured on.

A bundle may carry two lists of the images that it was trained, selected or calibrated on: :data:`PART`, the SHA-256 of
each file, cut to 16 hexadecimal digits, and :data:`SIGNATURES`, what each shows (``osteon.data.duplicates.perceptual``),
one a line. A file that occurs byte for byte cannot be a test image; one that shows what a training image shows, re-encoded,
mirrored, turned, inverted or cropped, is named in a caution, since two radiographs may be that similar by chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError, DataError, InputError
from osteon.data.duplicates.hashes import PICTURE_SIDE, Hashes, reduced
from osteon.data.duplicates.perceptual import from_text, matches, signatures, to_text
from osteon.data.files.preview import preview

PART: Final = "training_files.txt"
"""Name of the part of a bundle that lists files."""

SIGNATURES: Final = "training_images.txt"
"""Name of the part that lists what they show."""

DIGITS: Final = 16
"""64 bits: among a million files a chance meeting has a probability of 3e-8."""

NAMED: Final = 5
"""Copies that a caution names."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What is known of an overlap between cases and the images that a bundle was made with.

    Attributes:
        bundle: its identity.
        files: of the cases, none of which the bundle is known to have seen byte for byte.
        training_files: that the bundle lists; None where it lists none, so that nothing is known.
        signatures: number of training images whose signature it carries; None where it carries none.
        copies: names of files that show what a training image shows.
    """

    bundle: str
    files: int
    training_files: int | None
    signatures: int | None = None
    copies: tuple[str, ...] = ()

    @property
    def excluded(self) -> bool:
        """Whether it is known that there is none: neither byte for byte, nor as a copy that was altered."""
        return self.training_files is not None and self.signatures is not None and not self.copies


def overlap_sentence(overlap: Overlap) -> str:
    """What is known, in words."""
    if overlap.training_files is None:
        return f"{overlap.bundle} does not list the files that it was trained on: whether it saw these cases cannot be known."
    said = (
        f"Byte for byte, none of the {overlap.files:,} files is among the {overlap.training_files:,} that "
        f"{overlap.bundle} was made with."
    )
    if overlap.signatures is None:
        return (
            f"{said} It carries no signatures of its training images: copies that were re-encoded, mirrored, turned or "
            "cropped could not be searched for."
        )
    if not overlap.copies:
        return f"{said} None shows what one of its {overlap.signatures:,} training images shows."
    named = ", ".join(overlap.copies[:NAMED]) + (" ..." if len(overlap.copies) > NAMED else "")
    return (
        f"{said} But {len(overlap.copies):,} of them show what one of its {overlap.signatures:,} training images shows, "
        f"perhaps re-encoded, mirrored, turned or cropped: {named}. Figures on copies are too good."
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(path: Path) -> str:
    """The first digits of a file's SHA-256."""
    return sha256_of(path)[:DIGITS]


def training_parts(paths: Iterable[Path], others: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Both lists for the files that a network was trained, selected or calibrated on.

    Args:
        paths: of the files; those that cannot be decoded have no signature.
        others: parts of another bundle whose lists are joined.
    """
    listed = sorted(set(paths))
    lines = {PART: {fingerprint(path) for path in listed}, SIGNATURES: set(to_text(signatures(_shown(listed)[1])))}
    for name, known in lines.items():
        known.update((others or {}).get(name, b"").decode("ascii").split())
    return {name: ("\n".join(sorted(known)) + "\n").encode() for name, known in lines.items()}


def known_files(bundle: Bundle) -> frozenset[str] | None:
    """Fingerprints of the files that a bundle saw; None where it does not say."""
    content = bundle.parts.get(PART)
    return None if content is None else frozenset(content.decode("ascii").split())


def known_signatures(bundle: Bundle) -> Hashes | None:
    """Signatures of the images that a bundle saw; None where it does not say.

    Raises:
        BundleError: the list is damaged.
    """
    content = bundle.parts.get(SIGNATURES)
    if content is None:
        return None
    try:
        return from_text(content.decode("ascii").split())
    except ValueError as error:
        raise BundleError(f"{bundle.manifest.identity}: {SIGNATURES} is damaged", got=str(error)) from error


def refuse_training_files(bundle: Bundle, paths: Sequence[Path]) -> None:
    """Refuse files that the bundle was trained on, byte for byte.

    Raises:
        DataError: at least one file was used in training, selection or calibration.
    """
    known = known_files(bundle) or frozenset()
    met = [path.name for path in paths if path.is_file() and fingerprint(path) in known] if known else []
    if met:
        raise DataError(
            "the cases overlap the bundle's training data",
            expected="files that it never saw",
            got=f"{len(met)} of {len(paths)}, e.g. {met[0]}",
            hint="Evaluate on the test part of the split that the bundle was trained with.",
        )


def check_overlap(bundle: Bundle, paths: Sequence[Path]) -> Overlap:
    """Refuse files that the bundle was trained on, and look for copies of its training images.

    Raises:
        DataError: at least one file was used in training, selection or calibration.
    """
    refuse_training_files(bundle, paths)
    known, shown = known_files(bundle), known_signatures(bundle)
    copies: tuple[str, ...] = ()
    if shown is not None:
        names, pictures = _shown([path for path in paths if path.is_file()])
        copies = tuple(names[match.query] for match in matches(pictures, shown))
    return Overlap(
        bundle.manifest.identity,
        len(paths),
        None if known is None else len(known),
        None if shown is None else len(shown),
        copies,
    )


def _shown(paths: Sequence[Path]) -> tuple[list[str], NDArray[np.uint8]]:
    """Names and reduced images (N, 64, 64) of the files that can be decoded."""
    names: list[str] = []
    pictures: list[NDArray[np.uint8]] = []
    for path in paths:
        try:
            pictures.append(reduced(preview(path.read_bytes())).picture)
        except (OSError, InputError):
            continue
        names.append(path.name)
    return names, np.array(pictures, np.uint8).reshape(-1, PICTURE_SIDE, PICTURE_SIDE)
