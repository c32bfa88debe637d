"""A read as it stands: what the events of an assignment come to when they are replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from osteon.clinic.annotation.records.event import Event, EventKind
from osteon.clinic.annotation.records.read import Answer, Proposal, Provenance, Region
from osteon.clinic.annotation.schema.records import RegionKind


@dataclass(slots=True)
class Draft:
    """A read as it stands.

    Attributes:
        answers: by label and image.
        regions: by identifier, in the order in which they were made.
        rejected: numbers of proposals.
        question: to the lead; empty where there is none.
        skip_reason: of a skipped read.
        sent_back: why it was sent back last; empty where it was not.
        active_seconds: since the last ``finish``, ``skip`` or ``sent_back``: of this round and stage.
        started: the first event since then; None where there is none.
        sequence: number of the last event.
    """

    answers: dict[tuple[str, int | None], int] = field(default_factory=dict[tuple[str, int | None], int])
    regions: dict[str, Region] = field(default_factory=dict[str, Region])
    rejected: set[int] = field(default_factory=set[int])
    question: str = ""
    skip_reason: str = ""
    sent_back: str = ""
    active_seconds: float = 0.0
    started: datetime | None = None
    sequence: int = 0

    def said(self) -> tuple[Answer, ...]:
        """The answers in a settled order."""
        return tuple(
            Answer(label, value, image)
            for (label, image), value in sorted(
                self.answers.items(), key=lambda entry: (entry[0][0], -1 if entry[0][1] is None else entry[0][1])
            )
        )


def replay(
    events: Iterable[Event], proposals: Mapping[int, Proposal] | None = None, draft: Draft | None = None
) -> Draft:
    """Replay events in the order of their numbers.

    Args:
        events: of one assignment; those that make no sense any more (a region removed twice) change nothing.
        proposals: by number, for the events that accept one; without a proposal such an event changes nothing.
        draft: to go on from; a fresh one otherwise.
    """
    current = Draft() if draft is None else draft
    for event in events:
        _apply(current, event, proposals or {})
        current.sequence = event.sequence
    return current


def _apply(draft: Draft, event: Event, proposals: Mapping[int, Proposal]) -> None:
    payload = event.payload
    match event.kind:
        case EventKind.FINISH | EventKind.SKIP | EventKind.SENT_BACK:
            draft.active_seconds, draft.started = 0.0, None
            draft.skip_reason = payload["reason"] if event.kind is EventKind.SKIP else ""
            if event.kind is EventKind.SENT_BACK:
                draft.sent_back = payload["reason"]
            return
        case EventKind.ANSWER:
            key = (payload["label"], payload["image"])
            draft.answers.pop(key, None)
            if payload["value"] is not None:
                draft.answers[key] = payload["value"]
        case EventKind.REGION:
            _put(draft, payload)
        case EventKind.REGION_REMOVED:
            draft.regions.pop(payload["id"], None)
        case EventKind.PROPOSAL:
            _decide(draft, payload, proposals)
        case EventKind.QUESTION:
            draft.question = payload["text"]
        case EventKind.ACTIVE:
            draft.active_seconds += payload["seconds"]
    if draft.started is None:
        draft.started = event.at


def _put(draft: Draft, payload: Mapping[str, object]) -> None:
    """Add a region, or move the one that has its identifier: what was proposed and is changed counts as edited."""
    points = tuple((float(x), float(y)) for x, y in payload["points"])  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType]
    made = Region(
        str(payload["id"]), str(payload["label"]), int(str(payload["image"])), RegionKind(str(payload["kind"])), points
    )
    before = draft.regions.get(made.id)
    same = before is not None and (before.label, before.image, before.kind, before.points) == (
        made.label,
        made.image,
        made.kind,
        made.points,
    )
    # No client can state a provenance: only an import writes it. What a reader then moves is their own.
    if payload.get("provenance") == Provenance.IMPORTED or (
        same and before is not None and before.provenance is Provenance.IMPORTED
    ):
        made = replace(made, provenance=Provenance.IMPORTED)
    elif before is not None and before.proposal is not None:
        made = replace(
            made,
            provenance=before.provenance if same else Provenance.EDITED,
            model=before.model,
            score=before.score,
            proposal=before.proposal,
        )
    draft.regions[made.id] = made


def _decide(draft: Draft, payload: Mapping[str, object], proposals: Mapping[int, Proposal]) -> None:
    number, decision = int(str(payload["number"])), payload["decision"]
    draft.rejected.discard(number)
    if decision == "rejected":
        draft.rejected.add(number)
        for made in [region.id for region in draft.regions.values() if region.proposal == number]:
            del draft.regions[made]
    proposal = proposals.get(number)
    if decision == "accepted" and proposal is not None:
        draft.regions[str(payload["id"])] = Region(
            str(payload["id"]),
            proposal.label,
            proposal.image,
            RegionKind.BOX,
            proposal.points,
            Provenance.ACCEPTED,
            proposal.model,
            proposal.score,
            number,
        )
