"""A locked test set: studies that were set apart once and are never trained on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from osteon.core.part import Part

LOCK_FILE: Final = "local-test.json"
"""Its name within a folder."""


class LockedStudy(Part):
    """A study of the set.

    Attributes:
        study: identifier within the store.
        patient: pseudonym; empty where unknown.
        digests: SHA-256 of the files of its images.
    """

    study: str
    patient: str = ""
    digests: tuple[str, ...]


class Lock(Part):
    """Which studies are locked.

    Attributes:
        version: of this record.
        created: when, UTC.
        seed: that they were chosen with.
        share: of the decided studies that was asked for.
        studies: that are locked.
    """

    version: int = 1
    created: datetime
    seed: int
    share: float
    studies: tuple[LockedStudy, ...]

    @property
    def digests(self) -> frozenset[str]:
        """Hashes of all images."""
        return frozenset(digest for study in self.studies for digest in study.digests)
