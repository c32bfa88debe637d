"""Annotation in both kinds of database: assignment, events under load, blinding in the query, consensus, loading."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import Arm, AssignmentState, ItemState, MemberRole, Order
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.store.annotation import (
    adjudication,
    assigning,
    consensus,
    events,
    items,
    members,
    projects,
    proposals,
    reads,
    work,
)
from osteon.clinic.store.annotation.events import Fate, Sent
from osteon.clinic.store.annotation.load import project_content
from osteon.clinic.store.annotation.projects import ProjectError, Settings
from osteon.clinic.store.database import Database
from osteon.clinic.store.studies.removal import due
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Study

Studies = Callable[..., list[str]]
People = Callable[..., list[User]]


def begin(database: Database, names: list[str], people: list[User], **settings: Any) -> str:
    """A project with studies and annotators."""
    with database.session() as session:
        given = {"readers_per_study": len(people), **settings}
        project = projects.create(session, f"p{names[0]}", shipped("fractuvision"), Settings(**given), "lead")
        for user in people:
            members.put(session, project, user, MemberRole.ANNOTATOR)
        assert items.add(session, project, [Study.id.in_(names)]).added == len(names)
        return project.id


def sent(kind: EventKind, /, **payload: Any) -> Sent:
    return Sent(str(uuid.uuid4()), kind, payload)


def whole(fractured: int, *boxes: tuple[float, float, float, float]) -> list[Sent]:
    """All that the schema wants of a study of two images."""
    made = [
        sent(EventKind.ANSWER, label="fractured", value=fractured, image=None),
        sent(EventKind.ANSWER, label="hardware", value=0, image=None),
        sent(EventKind.ANSWER, label="no_fracture", value=1, image=1),
    ]
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        points = [[x0, y0], [x1, y1]]
        made.append(sent(EventKind.REGION, id=f"r{number}", label="fracture", image=0, kind="box", points=points))
    if not boxes:
        made.append(sent(EventKind.ANSWER, label="no_fracture", value=1, image=0))
    return [*made, sent(EventKind.FINISH)]


def finish(database: Database, user: User, assignment: str, given: list[Sent]) -> None:
    with database.session() as session:
        found = work.own(session, user.id, assignment, changing=True)
        assert found is not None
        fates = [outcome.fate for outcome in events.append(session, found, given, sees_room=False)]
        assert fates == [Fate.KEPT] * len(given)


def of(database: Database, user: User) -> list[str]:
    """The assignments of an account in the order of its queue."""
    with database.session() as session:
        member = session.scalars(select(tables.Member).where(tables.Member.user_id == user.id)).one()
        return [row.id for row in work.queue(session, member, (), 100).rows]


def test_the_whole_way(database: Database, studies: Studies, people: People) -> None:
    ann, bob = people("ann", "bob")
    project = begin(database, studies(3), [ann, bob], repeat_share=0.3)
    with database.session() as session:
        row = session.get_one(tables.Project, project)
        done = assigning.assign(session, row)
        assert (dict(done.made), done.repeats, done.short) == ({"ann": 4, "bob": 4}, 2, 0)
        assert sum(assigning.assign(session, row).made.values()) == 0
    for user in (ann, bob):
        for assignment in of(database, user):
            boxes = [(10.0, 10.0, 50.0, 60.0)] if user is ann else []
            finish(database, user, assignment, whole(int(user is ann), *boxes))
    with database.session() as session:
        content = project_content(session, project)
        assert len(content.reads) == 8
        assert sum(bool(read.repeat_of) for read in content.reads) == 2
        assert [item.age for item in content.items] == [48.0] * 3
        assert [len(item.images) for item in content.items] == [2] * 3
        row = session.get_one(tables.Project, project)
        rows, following, total = adjudication.listed(session, row, adjudication.Wanted.DISPUTED, 2)
        assert (len(rows), following, total) == (2, rows[-1].id, 3)
        case = adjudication.case(session, row, rows[0])
        assert {(found.label, found.image) for found in case.disagreement.labels} == {
            ("fractured", None),
            ("no_fracture", 0),
        }
        made = consensus.put(session, row, rows[0], consensus.Decision(ConsensusRule.ANY), "cat", sign=True)
        assert made.signed is not None
        assert rows[0].state == ItemState.LOCKED
        with pytest.raises(ProjectError, match="locked"):
            adjudication.send_back(session, row, rows[0], [made.reads[0]], "again", "cat")
        assert consensus.put_all(session, row, consensus.Decision(ConsensusRule.ALL), "lead", sign=False) == 2
        assert consensus.sign(session, row, rows[1], "lead").rule is ConsensusRule.ALL
    with database.session() as session:
        assert [found.rule for found in project_content(session, project).consensus] == ["any", "all", "all"]


def test_nobody_gets_the_work_of_another_out_of_the_query(database: Database, studies: Studies, people: People) -> None:
    ann, bob = people("ann", "bob")
    project = begin(database, studies(1), [ann, bob])
    with database.session() as session:
        assigning.assign(session, session.get_one(tables.Project, project))
    (own,), (other,) = of(database, ann), of(database, bob)
    with database.session() as session:
        assert work.own(session, ann.id, own) is not None
        assert work.own(session, ann.id, other) is None
        assert work.own(session, None, own) is None
        found = work.own(session, ann.id, own)
        assert found is not None
        assert not proposals.may_see(found.assignment)
        members.remove(session, found.project, "ann")
        session.flush()
        assert work.own(session, ann.id, own) is None, "former members have no work"


def test_an_account_that_takes_the_number_of_a_deleted_one_inherits_nothing(
    database: Database, studies: Studies, people: People
) -> None:
    (ann,) = people("ann")
    project = begin(database, studies(1), [ann])
    with database.session() as session:
        assigning.assign(session, session.get_one(tables.Project, project))
    (own,) = of(database, ann)
    with database.session() as session:
        session.execute(delete(User).where(User.id == ann.id))
    with database.session() as session:
        again = User(
            id=ann.id,
            key="eve",
            name="eve",
            password=None,
            role="annotator",
            active=True,
            created=ann.created,
            seen=None,
        )
        session.add(again)
        session.flush()
        assert work.own(session, again.id, own) is None
        assert projects.enter(session, project, again.id, administrator=False) is None
        assert [(one.name, one.active) for one in members.of_project(session, project)] == [("ann", False)]


def test_threads_that_append_at_once_lose_and_double_nothing(
    database: Database, studies: Studies, people: People
) -> None:
    (ann,) = people("ann")
    project = begin(database, studies(1), [ann])
    with database.session() as session:
        assigning.assign(session, session.get_one(tables.Project, project))
    (own,) = of(database, ann)
    batches = [[sent(EventKind.ACTIVE, seconds=1.0) for _ in range(3)] for _ in range(20)]
    failures: list[BaseException] = []

    def send(mine: list[list[Sent]]) -> None:
        try:
            for batch in mine:
                for _ in range(2):  # each is sent twice, as after a lost answer
                    with database.session() as session:
                        found = work.own(session, ann.id, own, changing=True)
                        assert found is not None
                        events.append(session, found, batch, sees_room=False)
        except BaseException as error:  # noqa: BLE001 - it is raised where the test sees it
            failures.append(error)

    threads = [threading.Thread(target=send, args=(batches[start::2] + batches[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with database.session() as session:
        found = work.own(session, ann.id, own)
        assert found is not None
        kept = work.events(session, found.assignment)
    assert [event.sequence for event in kept] == list(range(1, 61))
    assert Counter(event.client_id for event in kept) == Counter(one.client_id for batch in batches for one in batch)


def test_two_who_finish_at_once_leave_a_study_ready(database: Database, studies: Studies, people: People) -> None:
    ann, bob = people("ann", "bob")
    project = begin(database, studies(4), [ann, bob])
    with database.session() as session:
        assigning.assign(session, session.get_one(tables.Project, project))

    def read_all(user: User) -> None:
        for assignment in of(database, user):
            finish(database, user, assignment, whole(0))

    threads = [threading.Thread(target=read_all, args=(user,)) for user in (ann, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.session() as session:
        assert session.scalars(select(tables.Item.disputed)).all() == [0] * 4


@pytest.mark.parametrize(
    # The second image of each study has half the probability of the first: views of the likeliest fracture differ most.
    ("order", "expected"),
    [(Order.UNCERTAINTY, [1, 3, 0, 2]), (Order.DISAGREEMENT, [0, 1, 3, 2])],
)
def test_the_order_by_the_model_is_recorded(
    database: Database, studies: Studies, people: People, order: Order, expected: list[int]
) -> None:
    (ann,) = people("ann")
    names = [*studies(1, 0.9), *studies(1, 0.55), *studies(1, None), *studies(1, 0.2)]
    project = begin(database, names, [ann], order=order, arm=Arm.AFTER_OWN)
    with database.session() as session:
        assigning.assign(session, session.get_one(tables.Project, project))
    with database.session() as session:
        rows = session.execute(
            select(tables.Item.study_id, tables.Assignment.order, tables.Assignment.arm)
            .join(tables.Assignment, tables.Assignment.item_id == tables.Item.id)
            .order_by(tables.Assignment.position)
        ).all()
    assert [row[0] for row in rows] == [names[place] for place in expected]
    assert {(row[1], row[2]) for row in rows} == {(order, Arm.AFTER_OWN)}


def test_a_study_that_is_sent_back_after_the_model_was_seen_stays_aided(
    database: Database, studies: Studies, people: People
) -> None:
    (ann,) = people("ann")
    project = begin(database, studies(1), [ann], arm=Arm.AFTER_OWN)
    with database.session() as session:
        assigning.assign(session, session.get_one(tables.Project, project))
    (own,) = of(database, ann)
    finish(database, ann, own, whole(0))
    taken = sent(EventKind.PROPOSAL, number=0, decision="accepted", id="p")
    none = sent(EventKind.ANSWER, label="no_fracture", value=None, image=0)
    finish(database, ann, own, [taken, none, sent(EventKind.FINISH)])
    with database.session() as session:
        row = session.get_one(tables.Project, project)
        item = session.scalars(select(tables.Item)).one()
        first, second = reads.of_project(session, project)
        assert [(region.model, region.score) for region in second.regions] == [("boxes@1.0.0", 0.9)]
        assert first.regions == ()
        adjudication.send_back(session, row, item, [second.id], "once more", "lead")
        assert session.get_one(tables.Assignment, own).state == AssignmentState.AIDED
        assert item.disputed is None
    finish(database, ann, own, [sent(EventKind.FINISH)])
    with database.session() as session:
        assert [(one.round, one.stage) for one in reads.of_project(session, project)] == [
            (1, "unaided"),
            (1, "aided"),
            (2, "aided"),
        ]


def test_studies_of_open_projects_are_not_cleared_away(database: Database, studies: Studies, people: People) -> None:
    (ann,) = people("ann")
    kept, free = studies(1), studies(1)
    project = begin(database, kept, [ann])
    assert due(database, now(), 10) == (free, 1)
    with database.session() as session:
        session.get_one(tables.Project, project).closed = True
    assert due(database, now(), 10) == ([*kept, *free], 2)
