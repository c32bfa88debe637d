"""What a store keeps of patients to tell them apart: keyed hashes, which can be compared and not turned back into names."""

from __future__ import annotations

from typing import Final

from osteon.clinic.store.files import Files
from osteon.imaging.heading import Heading
from osteon.imaging.patient_identity import patient_identity

_LENGTH: Final = 24
"""Letters of a hash that are kept."""


def stored_identity(heading: Heading, files: Files) -> dict[str, str]:
    """The hashes of what a header states of its patient, with the key of the store."""
    return patient_identity(heading, lambda text: files.hashed(text)[:_LENGTH])
