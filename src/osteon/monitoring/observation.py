"""What is watched of one study: a few facts and figures, no picture, no identifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader said of a reading.

    Attributes:
        time: when, with its zone.
        agrees: whether with the bundle.
    """

    time: datetime
    agrees: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """A study that was read.

    Attributes:
        time: when it came, with its zone.
        bundle: ``name@version`` that read it.
        categories: values by the name of their field, see ``osteon.monitoring.fields``; a field that nothing is known of is
            left out.
        quantities: numbers by the name of their field, likewise.
        site: who sent it, for subgroups; None where that is not known.
        answer: of a reader; None where there is none yet.
        file: first file of the study, to run a network on it again; never passed on.
    """

    time: datetime
    bundle: str
    categories: Mapping[str, str] = field(default_factory=dict[str, str])
    quantities: Mapping[str, float] = field(default_factory=dict[str, float])
    site: str | None = None
    answer: Answer | None = None
    file: Path | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check the zone.

        Raises:
            ValueError: a time has none.
        """
        if self.time.tzinfo is None or (self.answer is not None and self.answer.time.tzinfo is None):
            raise ValueError("expected times with a zone")
