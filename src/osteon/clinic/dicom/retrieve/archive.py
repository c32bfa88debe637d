"""What studies are fetched from: DICOM or DICOMweb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from osteon.clinic.dicom.retrieve.found import FoundImage, FoundStudy
from osteon.clinic.dicom.retrieve.query import Query
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.core.errors import PeerError


class UnreachableError(PeerError):
    """The archive does not answer at all, or not this node: further attempts are in vain for now."""


Arrived = Callable[[], object]
"""Is called after each image that was kept."""


class Archive(Protocol):
    """Answers queries, and sends images."""

    def find(self, query: Query, limit: int) -> Iterator[FoundStudy]:
        """The studies that match, each once.

        Args:
            query: which studies.
            limit: no more are asked for.

        Raises:
            PeerError: the archive does not answer the query.
        """
        ...

    def images(self, study: str) -> list[FoundImage]:
        """The instances of a study.

        Raises:
            PeerError: the archive does not tell.
        """
        ...

    def fetch(self, study: str, wanted: Sequence[FoundImage], sink: Sink, arrived: Arrived, *, whole: bool) -> None:
        """Fetch images of a study; what comes is kept, also where the rest does not.

        Args:
            study: StudyInstanceUID.
            wanted: its images.
            sink: gets them.
            arrived: is called after each image that was kept.
            whole: whether these are all instances of the study.

        Raises:
            PeerError: the archive does not send them, or not all of them.
        """
        ...
