"""Jobs: uploads that are answered later. They are kept for some days."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from osteon.clinic.store.faults import Fault
from osteon.clinic.store.studies.arrivals import Arrival
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import OPEN, Job, JobStudy, Original, State, Study

PositionPairs = tuple[tuple[int, int], ...]
"""Pairs of the position of a file in its study and its position in the upload."""

KEPT: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Failed:
    """A file of a job that could not be read.

    Attributes:
        position: in the upload, from 0.
        study: that it belongs to; None where it was refused at once.
        fault: why.
    """

    position: int
    study: str | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job is.

    Attributes:
        id: of the job.
        state: of all of it.
        done: studies that were read or failed.
        total: its studies.
        studies: their identifiers.
        failures: files that could not be read.
    """

    id: str
    state: State
    done: int
    total: int
    studies: tuple[str, ...]
    failures: tuple[Failed, ...]


def start(session: Session, arrivals: Sequence[Arrival], refused: Sequence[tuple[int, Fault]]) -> str:
    """Keep a job; returns its identifier.

    The lock of the files is held, so that no study of it is removed meanwhile; those that were before are left out.
    """
    studies = [arrival.study for arrival in arrivals]
    there = set(session.scalars(select(Study.id).where(Study.id.in_(studies))))
    failures: list[dict[str, Any]] = [{"position": position, "fault": fault} for position, fault in refused]
    job = Job(id=secrets.token_hex(10), created=now(), failures=failures)
    session.add(job)
    session.flush()
    session.add_all(
        JobStudy(
            job_id=job.id, study_id=item.study, position=position, files=[list(pair) for pair in item.position_pairs]
        )
        for position, item in enumerate(arrivals)
        if item.study in there
    )
    return job.id


def forget(session: Session) -> int:
    """Delete jobs that are older than they are kept; returns how many there were."""
    return len(session.scalars(delete(Job).where(Job.created < now() - KEPT).returning(Job.id)).all())


def progress(session: Session, job: str) -> Progress | None:
    """Where a job is, or None where there is none."""
    found = session.get(Job, job)
    if found is None:
        return None
    rows = session.execute(
        select(JobStudy, Study)
        .join(Study, Study.id == JobStudy.study_id)
        .where(JobStudy.job_id == job)
        .order_by(JobStudy.position)
    ).all()
    failures = [
        Failed(failure["position"] if "position" in failure else failure["place"], None, failure["fault"])
        for failure in found.failures
    ]
    failures += faults(session, [(study, _position_pairs(part.files)) for part, study in rows])
    done = sum(study.state not in OPEN for _, study in rows)
    return Progress(
        job,
        _state([State(study.state) for _, study in rows], refused=len(found.failures)),
        done,
        len(rows),
        tuple(study.id for _, study in rows),
        tuple(sorted(failures, key=lambda failure: failure.position)),
    )


def faults(session: Session, studies: Sequence[tuple[Study, PositionPairs]]) -> list[Failed]:
    """What could not be read of studies, given the positions of their files in the upload."""
    found: list[Failed] = []
    done = {study.id: position_pairs for study, position_pairs in studies if study.state == State.DONE}
    broken = select(Original).where(Original.study_id.in_(done), Original.problem.is_not(None))
    for original in session.scalars(broken) if done else ():
        positions = [position for in_study, position in done[original.study_id] if in_study == original.position]
        if original.problem is not None:
            found += [Failed(position, original.study_id, original.problem) for position in positions]
    for study, position_pairs in studies:
        if study.state == State.FAILED and study.problem is not None:
            found += [Failed(position, study.id, study.problem) for _, position in position_pairs]
    return found


def _position_pairs(stored: Sequence[Any]) -> PositionPairs:
    """From the column; jobs of earlier versions hold the positions in the upload alone."""
    return tuple((index, kept) if isinstance(kept, int) else (kept[0], kept[1]) for index, kept in enumerate(stored))


def _state(states: Sequence[State], *, refused: int) -> State:
    if not states:
        return State.FAILED if refused else State.DONE
    if all(state is State.FAILED for state in states):
        return State.FAILED
    if any(state in OPEN for state in states):
        return State.QUEUED if all(state is State.QUEUED for state in states) else State.READING
    return State.DONE
