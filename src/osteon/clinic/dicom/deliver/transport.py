"""What carries objects to a destination: DICOM, DICOMweb or a webhook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from osteon.clinic.dicom.checks.outcome import Outcome
from osteon.clinic.store.pacs.outbox import Parcel
from osteon.core.errors import OsteonError


@dataclass(frozen=True, slots=True)
class Load:
    """An object to carry.

    Attributes:
        parcel: its row in the outbox.
        path: of its bytes.
    """

    parcel: Parcel
    path: Path


Sent = OsteonError | None
"""None where the destination has accepted an object, else why it has not."""


class Transport(Protocol):
    """Carries objects to one destination."""

    def test(self) -> Outcome:
        """Try, step by step and in bounded time, whether the destination answers; nothing is stored there."""
        ...

    def send(self, loads: Sequence[Load]) -> dict[int, Sent]:
        """Send objects as they are, byte for byte.

        Returns:
            The outcome of each that was tried, by the id of its parcel.

        Raises:
            PeerError: the destination cannot be reached, or refuses everything.
        """
        ...

    def ask(self, parcels: Sequence[Parcel], transaction: str) -> None:
        """Ask the destination to commit itself to what it has accepted.

        Raises:
            PeerError: it cannot be asked.
        """
        ...
