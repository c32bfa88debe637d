"""Fetches what matches a query: study by study, only what is not here already, and says of each what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from osteon.clinic.dicom.retrieve.archive import Archive, UnreachableError
from osteon.clinic.dicom.retrieve.found import FoundImage, FoundStudy
from osteon.clinic.dicom.retrieve.query import Query
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.core.errors import OsteonError, PeerError, StoreError
from osteon.imaging.dicom.scope import ACCEPTED

LIMIT: Final = 500
"""Studies that one request may bring."""

Told = Callable[[int, int], object]
"""Called with the number of images of the current study that are here, and of all its images."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a study.

    Attributes:
        study: StudyInstanceUID.
        fetched: images that came now.
        known: images that were here.
        left: images that Osteon does not read, as those of a CT.
        error: why not all images are here; None where they are.
    """

    study: str
    fetched: int = 0
    known: int = 0
    left: int = 0
    error: OsteonError | None = None


def find(archive: Archive, query: Query, limit: int = LIMIT) -> list[FoundStudy]:
    """The studies that match, the newest first.

    Args:
        archive: is asked.
        query: which studies.
        limit: how many there may be.

    Raises:
        PeerError: the archive does not answer.
        OsteonError: more match.
    """
    found: list[FoundStudy] = []
    for study in archive.find(query, limit + 1):
        found.append(study)
        if len(found) > limit:
            raise OsteonError(
                "too many studies match",
                expected=f"at most {limit}",
                hint="Ask for less, as by a shorter range of dates.",
            )
    return sorted(found, key=lambda study: (study.date, study.time, study.uid), reverse=True)


def missing(query: Query, found: Sequence[FoundStudy]) -> list[Outcome]:
    """The outcomes of studies that are named and that the archive has not."""
    there = {study.uid for study in found}
    error = PeerError("the archive has no such study")
    return [Outcome(uid, error=error) for uid in dict.fromkeys(query.studies) if uid not in there]


def pull(archive: Archive, sink: Sink, studies: Sequence[FoundStudy], told: Told | None = None) -> Iterator[Outcome]:
    """Fetch studies; one that cannot be had holds up no other, unless the archive does not answer at all.

    Args:
        archive: has them.
        sink: gets their images.
        studies: which.
        told: called for each image.

    Yields:
        The outcome of each, as soon as it is known.
    """
    gone: OsteonError | None = None
    for study in studies:
        if gone is not None:
            yield Outcome(study.uid, error=gone)
            continue
        outcome = _one(archive, sink, study.uid, told)
        if isinstance(outcome.error, (UnreachableError, StoreError)):
            gone = outcome.error
        yield outcome


def _one(archive: Archive, sink: Sink, study: str, told: Told | None) -> Outcome:
    try:
        images = archive.images(study)
    except OsteonError as error:
        return Outcome(study, error=error)
    wanted = [image for image in images if _readable(image)]
    left = len(images) - len(wanted)
    if not wanted:
        return Outcome(study, left=left, error=PeerError("the archive has no radiograph of this study"))
    known = sink.here([image.uid for image in wanted])
    to_fetch = [image for image in wanted if image.uid not in known]
    count = len(known)

    def arrived() -> None:
        nonlocal count
        count = min(count + 1, len(wanted))
        if told is not None:
            told(count, len(wanted))

    if told is not None:
        told(count, len(wanted))
    error: OsteonError | None = None
    try:
        if to_fetch:
            archive.fetch(study, to_fetch, sink, arrived, whole=len(to_fetch) == len(images))
    except OsteonError as failure:
        error = failure
    here = sink.here([image.uid for image in wanted])
    if sink.failure is not None:
        error = sink.failure
    if len(here) == len(wanted):
        error = None  # whatever the archive says, all is here
    elif error is None:
        error = PeerError(
            "the archive did not send all images",
            expected=f"{len(wanted)}",
            got=f"{len(here)}",
            hint="Its log says why; run it again for the rest.",
        )
    return Outcome(study, len(here) - len(known), len(known), left, error)


def _readable(image: FoundImage) -> bool:
    """Whether it is of a kind that is read, or of one that the archive does not tell."""
    return not image.sop_class or image.sop_class in ACCEPTED
