"""What a reader said of a study: answers and regions, with where each came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from osteon.clinic.annotation.records.project import Arm
from osteon.clinic.annotation.schema.records import RegionKind

Point = tuple[float, float]


class Provenance(StrEnum):
    """Where a region comes from: drawn, taken over as the model proposed it, proposed and changed, or from another file."""

    OWN = "own"
    ACCEPTED = "proposed-accepted"
    EDITED = "proposed-edited"
    IMPORTED = "imported"


class Stage(StrEnum):
    """Whether the reader had seen proposals of the model when the read was finished."""

    UNAIDED = "unaided"
    AIDED = "aided"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a label of the scope study or image.

    Attributes:
        label: identifier in the schema.
        value: 1 present, 0 absent, -1 unknown, which never counts as 0.
        image: position of the image; None for labels of the study.
    """

    label: str
    value: int
    image: int | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A region of an image.

    Attributes:
        id: chosen by the client, unique in the assignment; 1 to 64 letters, digits and hyphens.
        label: identifier in the schema.
        image: position of the image.
        kind: its shape.
        points: in pixels of the stored image. A box has its top left and bottom right corner, a point one, an angle three
            (end, vertex, end), a polyline two or more, a polygon three or more (not closed by a repetition of the first).
        provenance: where it comes from.
        model: ``name@version`` of the bundle that proposed it; empty for own ones.
        score: that the model gave it; None for own ones.
        proposal: number of the finding among the model's; None for own ones.
    """

    id: str
    label: str
    image: int
    kind: RegionKind
    points: tuple[Point, ...]
    provenance: Provenance = Provenance.OWN
    model: str = ""
    score: float | None = None
    proposal: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A box that the model proposes.

    Attributes:
        number: among the findings of the reading, from 0.
        label: identifier in the schema.
        image: position of the image.
        points: top left and bottom right corner, in pixels of the stored image.
        score: in [0, 1].
        model: ``name@version``.
    """

    number: int
    label: str
    image: int
    points: tuple[Point, ...]
    score: float
    model: str


@dataclass(frozen=True, slots=True)
class Read:
    """A finished read. It is never changed: reading the study again makes another.

    Attributes:
        id: number, unique in the store.
        assignment: identifier.
        item: number of the item.
        reader: number of the member.
        reader_name: name of the account when it finished.
        round: 1, or higher where the study was sent back.
        stage: whether proposals had been seen.
        arm: of the assignment.
        repeat_of: identifier of the assignment whose study this one repeats; empty where it repeats none.
        schema_version: that the answers keep.
        answers: one for each label and image at most.
        regions: in the order in which they were made.
        rejected: numbers of the proposals that the reader rejected.
        active_seconds: time with idle cut off, of this round and stage.
        started: first event of the round and stage.
        finished: when it was acknowledged.
        skip_reason: why nothing is said; empty where the study was read.
        question: to the lead; empty where there is none.
        sees_room: whether the account could see readings of the model in the reading room when it finished.
        sequence: number of the event that finished it.
        model: ``name@version`` whose proposals were shown; empty for unaided reads.
        imported_from: format of the file that it was imported from; empty where a person read here.
    """

    id: int
    assignment: str
    item: int
    reader: int
    reader_name: str
    round: int
    stage: Stage
    arm: Arm
    repeat_of: str
    schema_version: int
    answers: tuple[Answer, ...]
    regions: tuple[Region, ...]
    active_seconds: float
    started: datetime
    finished: datetime
    rejected: tuple[int, ...] = ()
    skip_reason: str = ""
    question: str = ""
    sees_room: bool = False
    sequence: int = 0
    model: str = ""
    imported_from: str = ""
