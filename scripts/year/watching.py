"""The readings of both sites as a year of studies, and what the watch says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from people import Person

from osteon.bundle.archive import open_bundle
from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.core.wording.monitoring import stream_words
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files
from osteon.inference.studies import Study
from osteon.monitoring.freeze import freeze
from osteon.monitoring.observation import Observation
from osteon.monitoring.observe import observe
from osteon.monitoring.streams import Stream
from osteon.monitoring.watch import Watch, watch

START: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAYS: Final = 365
JOINS: Final = 100
"""Day on which the other site joins."""
HOME_A_DAY: Final = 24.0
SITE_A_DAY: Final = 8.0
REFERENCE: Final = 1000
"""Studies that the reference is drawn of."""


class Seen(NamedTuple):
    """What a bundle said of people.

    Attributes:
        observations: for the watch; their time is not that of the year.
        probability: of a fracture, NaN where it was not read, (n,).
        positive: whether called a fracture or doubtful, (n,).
        read: whether it gave a result, (n,).
    """

    observations: tuple[Observation, ...]
    probability: NDArray[np.float64]
    positive: NDArray[np.bool_]
    read: NDArray[np.bool_]


def read(bundle: Path, members: Sequence[Person]) -> Seen:
    """Read people with a bundle, with the deployed inference pipeline."""
    engine = InferenceEngine(open_bundle(bundle), threads=1)
    seen: list[Observation] = []
    readings: list[Reading] = []
    for person in members:
        reading = read_study_files(engine, Study((Path(person.path),))).reading
        if reading is None:
            raise RuntimeError("a simulated image could not be opened")
        plain = observe(reading, START)
        seen.append(
            Observation(
                START,
                plain.bundle,
                {**plain.categories, "sex": person.sex, "manufacturer": person.maker},
                {**plain.quantities, "age": person.age},
            )
        )
        readings.append(reading)
    return Seen(
        tuple(seen),
        np.array([np.nan if one.probability is None else one.probability for one in readings], np.float64),
        np.array([one.call in (Call.FRACTURE, Call.DOUBT) for one in readings]),
        np.array([one.call != Call.ABSTAIN for one in readings]),
    )


class Year(NamedTuple):
    """A year of studies.

    Attributes:
        home: positions of the first site's studies in its pool, for each day.
        site: likewise of the other site.
    """

    home: list[NDArray[np.int64]]
    site: list[NDArray[np.int64]]


def draw(home: int, site: int, random: np.random.Generator) -> Year:
    """Draw a year: adults with replacement, children in turn."""
    return Year(
        [random.integers(home, size=random.poisson(HOME_A_DAY)) for _ in range(DAYS)],
        _in_turn(random.permutation(site), [int(random.poisson(SITE_A_DAY)) * (day >= JOINS) for day in range(DAYS)]),
    )


def _in_turn(order: NDArray[np.int64], sizes: list[int]) -> list[NDArray[np.int64]]:
    """People in turn; after the last the first comes again."""
    ends = np.cumsum([0, *sizes])
    return [order[np.arange(begin, end) % len(order)] for begin, end in pairwise(ends.tolist())]


def follow(home: Seen, site: Seen, year: Year, random: np.random.Generator, *, joins: bool = True) -> Watch:
    """Watch a year.

    Args:
        home: readings of the first site's pool.
        site: of the other's.
        year: which of them came when.
        random: draws the reference.
        joins: whether the other site's studies come at all.
    """
    drawn = [home.observations[index] for index in random.integers(len(home.observations), size=REFERENCE)]
    reference = freeze(drawn, data="draws of simulated adults", made="2026-01-01")
    came: list[Observation] = []
    for day in range(DAYS):
        when = START + timedelta(days=day)
        came += [at(home.observations[index], when) for index in year.home[day]]
        if joins:
            came += [at(site.observations[index], when) for index in year.site[day]]
    return watch(reference, came)


def _words(stream: Stream) -> str:
    return stream_words(stream.field, stream.kind.value, stream.limit, stream.upper, stream.value)


def at(one: Observation, when: datetime) -> Observation:
    """The same study at another time."""
    return Observation(when, one.bundle, one.categories, one.quantities)


def alarms(found: Watch) -> list[dict[str, Any]]:
    """The alarms, the first first."""
    return [
        {
            "day": (alarm.day - START.date()).days,
            "since": (alarm.since - START.date()).days,
            "stream": _words(alarm.stream),
            "field": alarm.stream.field,
            "before": alarm.before.value,
            "after": alarm.after.value,
        }
        for alarm in sorted(found.alarms, key=lambda one: one.day)
    ]


def weekly(found: Watch) -> list[dict[str, Any]]:
    """Of the first alarm of each field: its share in each week."""
    made: dict[str, dict[str, Any]] = {}
    for alarm in sorted(found.alarms, key=lambda one: one.day):
        made.setdefault(
            alarm.stream.field,
            {
                "stream": _words(alarm.stream),
                "day": (alarm.day - START.date()).days,
                "shares": [None if not cases else round(hits / cases, 4) for hits, cases in alarm.weeks],
            },
        )
    return list(made.values())
