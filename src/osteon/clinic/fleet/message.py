"""What processes that share a store tell each other, as notifications of PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from osteon.clinic.events import Event

LONGEST: Final = 7500
"""Bytes of a notification: PostgreSQL takes less than 8,000."""


class Call(StrEnum):
    """What others should look at anew."""

    WORK = "work"
    """Studies were queued."""
    ACCESS = "access"
    """Somebody was shut out: streams of events may have to end."""
    NODE = "node"
    """Results are to be delivered, or studies to be fetched."""


@dataclass(frozen=True, slots=True)
class Message:
    """Some events and calls.

    Attributes:
        sender: the process that tells.
        events: about studies, as the pages hear them.
        calls: what is to be looked at.
    """

    sender: str
    events: Sequence[Event] = ()
    calls: frozenset[Call] = field(default_factory=frozenset[Call])


def written(message: Message) -> Iterator[str]:
    """A message as texts that are short enough each."""
    calls = sorted(message.calls)
    group: list[str] = []
    size = 0
    for event in message.events:
        text = json.dumps(event, separators=(",", ":"))
        if size + len(text) + 200 > LONGEST:
            yield _joined(message.sender, group, calls)
            group, size, calls = [], 0, []
        group.append(text)
        size += len(text) + 1
    if group or calls:
        yield _joined(message.sender, group, calls)


def parsed(text: str) -> Message | None:
    """A message; None where this is none, as of a later version."""
    try:
        content: dict[str, Any] = json.loads(text)
        calls = frozenset(Call(call) for call in content["calls"] if call in set(Call))
        told: list[Any] = content["events"]
        events: list[Event] = [event for event in told if isinstance(event, dict) and "kind" in event]  # pyright: ignore[reportAssignmentType]
        return Message(str(content["from"]), events, calls)
    except (ValueError, KeyError, TypeError):
        return None


def _joined(sender: str, events: Sequence[str], calls: Sequence[str]) -> str:
    return f'{{"from":{json.dumps(sender)},"calls":{json.dumps(list(calls))},"events":[{",".join(events)}]}}'
