"""Files of studies on their way through a reading room into a project: uploaded, read, added."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from osteon.core.errors import OsteonError, PeerError

if TYPE_CHECKING:
    from osteon.clinic.client import Client
    from osteon.clinic.server.schemas.annotation.items import AddedItems

FILES: Final = 48
"""Files in one upload; a room takes 64 unless it is set otherwise."""

BYTES: Final = 192 << 20
"""Bytes in one upload; a room takes 256 MiB unless it is set otherwise."""

WAITING: Final = 8
"""Uploads that may wait to be read at once."""

_BATCH: Final = 200
"""Studies that are added at once."""

_REFUSED: Final = 3
"""Uploads in a row that the room may refuse before all is given up."""

Told = Callable[[int], object]
"""Is told how many studies were sent."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A study that is to be sent.

    Attributes:
        files: names with the bytes of the files. DICOM files state their study; others of one ``Gathered`` are one study.
        pseudonym: stands for the patient of files that name none; empty where none is known.
        text_found: whether there is text in the pixels, so that a person should look.
    """

    files: Sequence[tuple[str, bytes]]
    pseudonym: str = ""
    text_found: bool = False


@dataclass(slots=True)
class Filled:
    """What became of studies.

    Attributes:
        sent: studies that were sent.
        added: that are new in the project.
        present: that were there.
        unread: that the room could not read.
        to_screen: of those added, how many somebody should look at.
        problems: why files or studies were left out, with how often; nothing in it names a file or patient.
    """

    sent: int = 0
    added: int = 0
    present: int = 0
    unread: int = 0
    to_screen: int = 0
    problems: dict[str, int] = field(default_factory=dict[str, int])

    def left_out(self, problem: str, count: int = 1) -> None:
        """Count something that was left out."""
        self.problems[problem] = self.problems.get(problem, 0) + count


def fill(
    room: Client,
    add: Callable[[list[str], list[str]], AddedItems],
    studies: Iterable[Gathered | OsteonError],
    told: Told | None = None,
) -> Filled:
    """Send studies to a room, wait until they are read, and add them to a project.

    One that cannot be sent or read holds up no other. What is sent again is known to the room and neither kept nor read twice.

    Args:
        room: an open client, of an account or key that may send.
        add: adds studies to the project: their identifiers, and those of them in which text was found.
        studies: one after the other, so that only a few are in memory; an error stands for a study that could not be had.
        told: hears of each study.

    Raises:
        PeerError: the room does not answer, or does not let studies be added.
    """
    done = Filled()
    jobs: deque[tuple[str, bool]] = deque()
    ready: dict[str, bool] = {}

    def settle() -> None:
        """Wait for the oldest upload."""
        job, text_found = jobs.popleft()
        found = room.finished(job)
        for failure in found.failures:
            done.left_out(str(failure.problem.detail or failure.problem.title))
        ready.update({study: text_found or ready.get(study, False) for study in found.studies})
        if len(ready) >= _BATCH:
            put()

    def put() -> None:
        """Add what is read."""
        if ready:
            made = add(list(ready), [study for study, text_found in ready.items() if text_found])
            done.added, done.present = done.added + made.added, done.present + made.present
            done.unread, done.to_screen = done.unread + made.unread, done.to_screen + made.to_screen
            ready.clear()

    refused = 0
    for study in studies:
        if isinstance(study, OsteonError):
            done.left_out(study.problem)
            continue
        for part in _parts(study.files):
            try:
                job = room.submit_later(part, together=True, pseudonym=study.pseudonym)
            except OsteonError as error:
                refused += isinstance(error, PeerError)
                if refused >= _REFUSED:
                    raise
                done.left_out(error.problem)
                continue
            refused = 0
            jobs.append((job.id, study.text_found))
        done.sent += 1
        if told is not None:
            told(done.sent)
        while len(jobs) > WAITING:
            settle()
    while jobs:
        settle()
    put()
    return done


def _parts(files: Sequence[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """Files in uploads that a room takes; those of one DICOM study find each other there."""
    part: list[tuple[str, bytes]] = []
    size = 0
    for name, data in files:
        if part and (len(part) >= FILES or size + len(data) > BYTES):
            yield part
            part, size = [], 0
        part.append((name, data))
        size += len(data)
    if part:
        yield part
