"""Consensus on studies: by a person, by a rule, and signed, which locks the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation import codec
from osteon.clinic.annotation.decide import decide
from osteon.clinic.annotation.disagreement import counted
from osteon.clinic.annotation.payloads import Subject, checked
from osteon.clinic.annotation.records.consensus import Consensus, ConsensusRule
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import ItemState
from osteon.clinic.annotation.records.read import Answer, Region
from osteon.clinic.annotation.rules import broken
from osteon.clinic.store.annotation import items, reads, schemas
from osteon.clinic.store.annotation.projects import ProjectError, check_open, hold
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.annotation import Item, Project
from osteon.clinic.store.tables.base import now
from osteon.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides of a study.

    Attributes:
        rule: by which; of ``person`` answers and regions are what the person says.
        answers: see above; empty for rules.
        regions: likewise.
        weights: by number of the reader, for ``weighted``.
        note: of the author.
    """

    rule: ConsensusRule
    answers: tuple[Answer, ...] = ()
    regions: tuple[Region, ...] = ()
    weights: Mapping[int, float] | None = None
    note: str = ""


def latest(session: Session, item: int) -> Consensus | None:
    """The consensus that holds for a study."""
    query = select(tables.Consensus).where(tables.Consensus.item_id == item).order_by(tables.Consensus.id.desc())
    row = session.scalar(query.limit(1))
    return None if row is None else to_consensus(row)


def of_project(session: Session, project: str) -> list[Consensus]:
    """The consensus that holds for each study that has one."""
    newest = (
        select(func.max(tables.Consensus.id))
        .where(tables.Consensus.project_id == project)
        .group_by(tables.Consensus.item_id)
    )
    query = select(tables.Consensus).where(tables.Consensus.id.in_(newest)).order_by(tables.Consensus.item_id)
    return [to_consensus(row) for row in session.scalars(query)]


def put(
    session: Session,
    project: Project,
    item: Item,
    decision: Decision,
    author: str,
    *,
    sign: bool,
    decided: Consensus | None = None,
) -> Consensus:
    """Decide a study; earlier decisions are kept, and the latest holds.

    Args:
        session: of the database.
        project: of the study.
        item: the study.
        decision: what is decided, or by which rule.
        author: name of the account.
        sign: whether it is signed, which locks the study.
        decided: what a rule came to before, to be signed as it is.

    Raises:
        ProjectError: the study is locked, or not all readers have finished.
        DataError: what a person says does not fit the label schema, or, where it is signed, breaks a rule of it.
    """
    check_open(project)
    hold(session, Item, Item.id == item.id)
    session.refresh(item)
    if item.state != ItemState.INCLUDED:
        raise ProjectError(f"the study is {item.state.replace('_', ' ')}", hint="What is signed stays.")
    if item.disputed is None:
        raise ProjectError(
            "not all readers of the study have finished", hint="Wait, or withdraw those who do not read."
        )
    said = counted(reads.of_item(session, item.id))
    schema = schemas.schema_of(session, project.id, project.schema_version)
    subject = Subject(schema, items.images(session, [item.study_id])[item.study_id])
    if decision.rule is ConsensusRule.PERSON:
        answers, regions = _checked(decision, subject)
    elif decided is not None:
        answers, regions = decided.answers, decided.regions
    elif said:
        answers, regions = decide(said, decision.rule, project.box_iou, decision.weights)
    else:
        raise ProjectError("nobody has read the study", hint="All its readers skipped it.")
    if sign:
        faults = broken(schema, answers, regions, [image.position for image in subject.images])
        if faults and decision.rule is ConsensusRule.PERSON:
            named = ", ".join(sorted({name for fault in faults for name in fault.labels})[:5])
            raise DataError("the consensus breaks a rule of the label schema", got=f"labels {named}")
    made = Consensus(
        id=0,
        item=item.id,
        rule=decision.rule,
        answers=answers,
        regions=regions,
        reads=tuple(read.id for read in said),
        author=author,
        created=now(),
        signed=now() if sign else None,
        note=decision.note,
    )
    row = tables.Consensus(
        project_id=project.id,
        item_id=item.id,
        rule=made.rule,
        content=codec.dump(made),
        author=author,
        created=made.created,
        signed=made.signed,
    )
    session.add(row)
    if sign:
        item.state = ItemState.LOCKED
    session.flush()
    return replace(made, id=row.id)


def sign(session: Session, project: Project, item: Item, author: str) -> Consensus:
    """Sign the consensus that holds: it is written down once more, signed, and the study is locked.

    Raises:
        ProjectError: there is none, it is older than a read, or the study is locked.
        DataError: what a person said breaks a rule of the label schema.
    """
    found = latest(session, item.id)
    if found is None:
        raise ProjectError("the study has no consensus yet", hint="Decide it first.")
    if found.reads != tuple(read.id for read in counted(reads.of_item(session, item.id))):
        raise ProjectError("the study was read again after its consensus", hint="Decide it again.")
    said = Decision(found.rule, found.answers, found.regions, note=found.note)
    return put(session, project, item, said, author, sign=True, decided=found)


def put_all(session: Session, project: Project, decision: Decision, author: str, *, sign: bool) -> int:
    """Decide by a rule all studies that all readers have finished and nobody has decided himself; how many."""
    check_open(project)
    decided = {found.item for found in of_project(session, project.id) if found.rule is ConsensusRule.PERSON}
    ready = (Item.project_id == project.id, Item.state == ItemState.INCLUDED, Item.disputed.is_not(None))
    done = 0
    rows: Sequence[Item] = session.scalars(select(Item).where(*ready).order_by(Item.id)).all()
    for item in rows:
        if item.id not in decided and counted(reads.of_item(session, item.id)):
            put(session, project, item, decision, author, sign=sign)
            done += 1
    return done


def to_consensus(row: tables.Consensus) -> Consensus:
    """A consensus as its record."""
    return replace(codec.restore(Consensus, row.content), id=row.id)


def _checked(decision: Decision, subject: Subject) -> tuple[tuple[Answer, ...], tuple[Region, ...]]:
    """What a person decides, checked as what a reader says is."""
    seen: set[tuple[str, int | None]] = set()
    for answer in decision.answers:
        checked(EventKind.ANSWER, {"label": answer.label, "value": answer.value, "image": answer.image}, subject)
        if (answer.label, answer.image) in seen:
            raise DataError("a label is answered twice", got=answer.label)
        seen.add((answer.label, answer.image))
    regions: dict[str, Region] = {}
    for region in decision.regions:
        payload = {
            "id": region.id,
            "label": region.label,
            "image": region.image,
            "kind": region.kind,
            "points": region.points,
        }
        kept = checked(EventKind.REGION, payload, subject)
        regions[region.id] = replace(region, points=tuple((x, y) for x, y in kept["points"]))
    if len(regions) != len(decision.regions):
        raise DataError("two regions have the same identifier")
    return decision.answers, tuple(regions.values())
