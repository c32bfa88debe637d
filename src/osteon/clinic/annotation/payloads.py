"""What the payloads of events hold, and whether a label schema and the images of a study let them be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osteon.clinic.annotation.codec import invalid
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import ItemImage
from osteon.clinic.annotation.schema.records import LabelSchema, LabelScope, RegionKind
from osteon.core.errors import DataError

IDLE: Final = 60.0
"""Seconds that one event of the kind ``active`` may state: clients send one at least that often, and none while idle."""

POINTS: Final[Mapping[RegionKind, tuple[int, int]]] = {
    RegionKind.BOX: (2, 2),
    RegionKind.POLYGON: (3, 2000),
    RegionKind.POLYLINE: (2, 2000),
    RegionKind.POINT: (1, 1),
    RegionKind.ANGLE: (3, 3),
}
"""Fewest and most points of a region."""

SMALLEST: Final = 1.0
"""Of the sides of a box, in pixels."""

_SLIP: Final = 0.5
"""Pixels by which a point may lie outside of its image, by rounding."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Position = Annotated[int, Field(ge=0, le=100_000)]
Coordinate = Annotated[float, Field(ge=-1, le=1e6, allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=2000)]
LabelName = Annotated[str, Field(max_length=64)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnswerPayload(_Payload):
    """Of ``answer``."""

    label: LabelName
    value: Literal[1, 0, -1] | None
    image: Position | None = None


class RegionPayload(_Payload):
    """Of ``region``: all of it, also where only its place changes."""

    id: Identifier
    label: LabelName
    image: Position
    kind: RegionKind
    points: list[tuple[Coordinate, Coordinate]] = Field(min_length=1, max_length=2000)


class RegionRemovedPayload(_Payload):
    """Of ``region_removed``."""

    id: Identifier


class ProposalPayload(_Payload):
    """Of ``proposal``."""

    number: Annotated[int, Field(ge=0, le=100_000)]
    decision: Literal["accepted", "rejected", "open"]
    id: Identifier | None = None


class QuestionPayload(_Payload):
    """Of ``question``."""

    text: Text


class ActivePayload(_Payload):
    """Of ``active``."""

    seconds: Annotated[float, Field(ge=0, le=IDLE, allow_inf_nan=False)]


class FinishPayload(_Payload):
    """Of ``finish``: nothing."""


class ReasonPayload(_Payload):
    """Of ``skip`` and ``sent_back``."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


PAYLOADS: Final[Mapping[EventKind, type[_Payload]]] = {
    EventKind.ANSWER: AnswerPayload,
    EventKind.REGION: RegionPayload,
    EventKind.REGION_REMOVED: RegionRemovedPayload,
    EventKind.PROPOSAL: ProposalPayload,
    EventKind.QUESTION: QuestionPayload,
    EventKind.ACTIVE: ActivePayload,
    EventKind.FINISH: FinishPayload,
    EventKind.SKIP: ReasonPayload,
    EventKind.SENT_BACK: ReasonPayload,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What events are about: the label schema and the images of a study."""

    schema: LabelSchema
    images: tuple[ItemImage, ...]

    def image(self, position: int) -> ItemImage:
        """An image.

        Raises:
            DataError: the study has none there.
        """
        found = next((image for image in self.images if image.position == position), None)
        if found is None:
            raise DataError("the study has no such image", expected=f"0 to {len(self.images) - 1}", got=str(position))
        return found


def checked(kind: EventKind, payload: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """A payload as it is kept.

    Raises:
        DataError: it has another form, names a label or image that there is not, or lies outside of its image.
    """
    try:
        found = PAYLOADS[kind].model_validate(payload)
    except ValidationError as error:
        raise invalid(f"payload of an event {kind}", error) from error
    check = _CHECKS.get(type(found))
    if check is not None:
        check(found, subject)
    return found.model_dump(mode="json")


def _check_answer(found: AnswerPayload, subject: Subject) -> None:
    label = subject.schema.find(found.label)
    if label is None or not label.selectable or label.scope is LabelScope.REGION:
        raise DataError("there is no such label to answer", got=found.label)
    if (found.image is None) != (label.scope is LabelScope.STUDY):
        expected = "no image" if label.scope is LabelScope.STUDY else "an image"
        raise DataError(f"the label {label.id} is one of a {label.scope}", expected=expected)
    if found.image is not None:
        subject.image(found.image)


def _check_region(found: RegionPayload, subject: Subject) -> None:
    label = subject.schema.find(found.label)
    if label is None or not label.selectable or label.scope is not LabelScope.REGION:
        raise DataError("there is no such label of a region", got=found.label)
    if found.kind not in label.kinds:
        raise DataError(f"the label {label.id} has no such regions", expected=", ".join(label.kinds), got=found.kind)
    image = subject.image(found.image)
    least, most = POINTS[found.kind]
    if not least <= len(found.points) <= most:
        expected = f"{least}" if least == most else f"{least} to {most}"
        raise DataError(f"a {found.kind} has another number of points", expected=expected, got=str(len(found.points)))
    if any(not (-_SLIP <= x <= image.columns + _SLIP and -_SLIP <= y <= image.rows + _SLIP) for x, y in found.points):
        raise DataError("a point lies outside of the image", expected=f"x up to {image.columns}, y up to {image.rows}")
    if found.kind is RegionKind.BOX:
        (x0, y0), (x1, y1) = found.points
        if x1 - x0 < SMALLEST or y1 - y0 < SMALLEST:
            raise DataError(
                "a box is too small, or turned round",
                expected=f"the top left corner, then the bottom right one, at least {SMALLEST:g} px apart",
            )
    found.points = [(min(max(x, 0.0), image.columns), min(max(y, 0.0), image.rows)) for x, y in found.points]


def _check_proposal(found: ProposalPayload, _subject: Subject) -> None:
    if (found.decision == "accepted") != (found.id is not None):
        raise DataError("a proposal that is accepted names the region to be made, and no other does", expected="id")


_CHECKS: Final[Mapping[type[_Payload], Callable[[Any, Subject], None]]] = {
    AnswerPayload: _check_answer,
    RegionPayload: _check_region,
    ProposalPayload: _check_proposal,
}
