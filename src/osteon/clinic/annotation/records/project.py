"""Projects, their members, their studies, and who reads which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from osteon.core.instance import InstanceRef


class MemberRole(StrEnum):
    """What a member does in a project; separate from the role of the account in the reading room.

    A lead sees and changes everything, an annotator sees their own reads only, an adjudicator sees the reads of studies
    that all have finished.
    """

    LEAD = "lead"
    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"


class Order(StrEnum):
    """In which order an annotator gets studies.

    ``uncertainty``: those whose probability by the model is nearest to 0.5 first. ``disagreement``: those first where the
    probabilities that the model gave to the images of the study differ most.
    """

    RANDOM = "random"
    UNCERTAINTY = "uncertainty"
    DISAGREEMENT = "disagreement"


class Arm(StrEnum):
    """When a reader sees what the model proposes: never, after the own first read, or from the start."""

    UNAIDED = "unaided"
    AFTER_OWN = "after_own"
    WITH_MODEL = "with_model"


class AssignmentState(StrEnum):
    """How far an assignment is; ``aided`` follows the own first read in the arm ``after_own``."""

    OPEN = "open"
    AIDED = "aided"
    FINISHED = "finished"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class ItemState(StrEnum):
    """How far a study of a project is; ``screened_out`` is left out of everything, with its reason kept."""

    INCLUDED = "included"
    SCREENED_OUT = "screened_out"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Project:
    """A project.

    Attributes:
        id: 32 hexadecimal digits.
        name: unique.
        schema_name: of its label schema.
        schema_version: from 1; a project gets another when its schema is changed.
        readers_per_study: how many annotators read each study.
        repeat_share: share of the studies, in [0, 1], that an annotator reads a second time without being told.
        seed: of assignment and order.
        order: see ``Order``.
        arm: of new assignments.
        box_iou: overlap from which boxes of two readers are the same.
        body_parts: that belong into it, values of ``BodyPart``; empty where any does. Others are proposed to be screened out.
        created: by the clock of the store.
        closed: whether nothing may be changed any more.
    """

    id: str
    name: str
    schema_name: str
    schema_version: int
    readers_per_study: int
    repeat_share: float
    seed: int
    order: Order
    arm: Arm
    box_iou: float
    created: datetime
    closed: bool = False
    body_parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a project.

    Attributes:
        id: number of the member, unique in the store and never given again, unlike that of an account.
        name: of the account.
        role: what they do in the project.
        active: False for former members, whose reads stay.
        sees_room: whether their account may see readings of the model in the reading room.
    """

    id: int
    name: str
    role: MemberRole
    active: bool = True
    sees_room: bool = False


@dataclass(frozen=True, slots=True)
class ItemImage:
    """An image of a study.

    Attributes:
        position: among the images of the study, from 0.
        instance: its DICOM instance and frame (from 1); without a UID where the file is no DICOM.
        digest: SHA-256 of the file that holds it.
        rows: height in pixels.
        columns: width in pixels.
        view: a value of ``View``, or None.
        laterality: a value of ``Laterality``, or None.
        body_part: a value of ``BodyPart``, or None.
        spacing: between rows and between columns in mm, or None.
        format: ``DICOM``, ``JPEG``, ``PNG`` or ``TIFF``.
        series: SeriesInstanceUID; empty where there is none.
        sop_class: SOPClassUID; empty where there is none.
    """

    position: int
    instance: InstanceRef
    digest: str
    rows: int
    columns: int
    view: str | None = None
    laterality: str | None = None
    body_part: str | None = None
    spacing: tuple[float, float] | None = None
    format: str = "DICOM"
    series: str = ""
    sop_class: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A study of a project.

    Attributes:
        id: number of the item, unique in the store.
        study: identifier of the study (of one version) in the store.
        examination: identifier that all versions of the study share.
        uid: StudyInstanceUID; empty where there is none.
        patient: pseudonym of the patient: studies of the same patient have the same; empty where the files name none.
        state: see ``ItemState``.
        reason: why it was screened out.
        age: in years, as coarse as the store tells it; None where unknown.
        sex: a value of ``Sex``, or None.
        images: in the order of their positions.
        year: in which the study was received by the store.
    """

    id: int
    study: str
    examination: str
    uid: str
    patient: str
    state: ItemState
    age: float | None
    sex: str | None
    images: tuple[ItemImage, ...]
    reason: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """A study that an annotator is to read.

    Attributes:
        id: 32 hexadecimal digits, drawn at random: it tells an annotator nothing of the study.
        item: number of the item.
        reader: number of the member.
        repeat_of: identifier of the first assignment of the same study to the same reader; empty where this is the first.
        arm: when the reader sees what the model proposes.
        order: by which the queue was made.
        position: in the queue of the reader, from 0.
        state: see ``AssignmentState``.
        round: how often the study was given to this reader under this assignment: one more each time that it is sent back.
        sequence: number of the last event; 0 where there is none.
    """

    id: str
    item: int
    reader: int
    arm: Arm
    order: Order
    position: int
    state: AssignmentState
    repeat_of: str = ""
    round: int = 1
    sequence: int = 0
