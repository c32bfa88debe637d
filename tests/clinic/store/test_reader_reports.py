"""What becomes a report of a reader, and for whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.marks.measure import MarkKind
from osteon.clinic.store.database import Database
from osteon.clinic.store.pacs import planning, reader_reports
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.marks import Mark
from osteon.clinic.store.tables.pacs import Delivery, DeliveryState
from osteon.clinic.store.tables.reports import ReaderReport, ReportDraft
from osteon.clinic.store.tables.studies import Opinion, State, StoredReading, Study

QUIET = timedelta(seconds=10)
BUNDLE = "b@1"


@pytest.fixture
def study(database: Database) -> str:
    """A study that was read, with one box."""
    box = {"label": "fracture", "box": [1.0, 2.0, 30.0, 40.0], "score": 0.9, "image": 0, "definite": True}
    with database.session() as session:
        row = Study(id="s1", key="k1", state=State.DONE, received=now(), read=now(), bundle=BUNDLE, examination="s1")
        row.call = "fracture"
        session.add(row)
        session.flush()
        session.add(StoredReading(study_id="s1", content={"findings": [box], "finding_labels": ["fracture"]}))
    return "s1"


def say(
    session: Session, study: str, author: str = "jane", moment: datetime | None = None, **fields: object
) -> Opinion:
    at = moment or now() - 2 * QUIET
    opinion = Opinion(
        study_id=study, author=author, created=at, bundle=BUNDLE, **{"agrees": True, "note": "", **fields}
    )
    session.add(opinion)
    session.flush()
    reader_reports.touch(session, study, author, at)
    return opinion


def contents(session: Session) -> list[dict[str, object]]:
    return [report.content for report in session.scalars(select(ReaderReport).order_by(ReaderReport.id))]


def test_a_reader_is_left_in_peace_until_they_let_go(database: Database, study: str) -> None:
    with database.session() as session:
        say(session, study, moment=now())
        assert reader_reports.settle(session, QUIET) == 0
        assert reader_reports.counted(session) == {"pending": 1, "to make": 0, "made": 0}
        reader_reports.touch(session, study, "jane", now() - 2 * QUIET)
        assert reader_reports.settle(session, QUIET) == 1
        assert reader_reports.settle(session, QUIET) == 0
        reader_reports.touch(session, study, "jane", now() + timedelta(days=1))  # by a clock that was ahead
        say(session, study, moment=now() + timedelta(days=1), agrees=False)
        assert reader_reports.settle(session, QUIET) == 1
        assert all(report.given <= now() for report in session.scalars(select(ReaderReport)))


def test_it_waits_for_the_report_of_the_ai(database: Database, study: str) -> None:
    with database.session() as session:
        say(session, study)
        planning.plan(session, "pacs", ("sr",), now() - timedelta(hours=1))
        assert reader_reports.settle(session, QUIET) == 0
        delivery = session.scalars(select(Delivery)).one()
        delivery.state = DeliveryState.HELD
        session.flush()
        assert reader_reports.settle(session, QUIET) == 1, "what somebody holds back holds no reader up"
        say(session, study, agrees=False)
        delivery.state, delivery.digest = DeliveryState.WAITING, "d" * 64
        session.flush()
        assert reader_reports.settle(session, QUIET) == 1


def test_a_report_says_all_that_its_reader_means(database: Database, study: str) -> None:
    def draw(session: Session, kind: MarkKind, author: str, points: list[list[float]], **fields: object) -> Mark:
        mark = Mark(
            study_id=study, image=0, kind=kind, points=points, author=author, created=now(), bundle=BUNDLE, **fields
        )
        session.add(mark)
        session.flush()
        reader_reports.touch(session, study, author, now() - 2 * QUIET)
        return mark

    with database.session() as session:
        say(session, study, agrees=False, call="no fracture", note="Old.")
        draw(session, MarkKind.VERDICT, "jane", [[1.0, 2.0], [30.0, 40.0]], label="fracture", accepted=False)
        draw(session, MarkKind.BOX, "jane", [[5.0, 5.0], [9.0, 9.0]])
        draw(session, MarkKind.LENGTH, "jane", [[0.0, 0.0], [9.0, 9.0]])
        drawn = draw(session, MarkKind.BOX, "rick", [[50.0, 5.0], [90.0, 9.0]])
        assert reader_reports.settle(session, QUIET) == 2
        jane, rick = contents(session)
        assert (jane["agrees"], jane["call"], jane["note"], jane["withdrawn"]) == (False, "no fracture", "Old.", False)
        assert jane["places"] == [
            {"image": 0, "box": [1.0, 2.0, 30.0, 40.0], "label": "fracture", "present": False, "finding": 0},
            {"image": 0, "box": [5.0, 5.0, 9.0, 9.0], "label": "fracture", "present": True, "finding": None},
        ]
        assert rick["agrees"] is None, "who only draws has not said whether they agree"
        session.delete(drawn)
        session.flush()
        reader_reports.touch(session, study, "rick", now() - 2 * QUIET)
        assert reader_reports.settle(session, QUIET) == 1
        assert contents(session)[-1]["withdrawn"] is True
        reader_reports.touch(session, study, "rick", now() - 2 * QUIET)
        assert reader_reports.settle(session, QUIET) == 0, "nothing is taken back twice"
        assert reader_reports.chain(session, 3)[0].author == "rick"
        assert [report.before for report in session.scalars(select(ReaderReport))] == [None, None, 2]


@pytest.mark.parametrize("signed", [True, False])
def test_a_destination_gets_what_it_wants_once(database: Database, study: str, signed: bool) -> None:
    hour = timedelta(hours=1)
    with database.session() as session:
        say(session, study, "jane", signed=now())
        say(session, study, "rick")
        reader_reports.settle(session, QUIET)
        assert reader_reports.plan(session, "late", now() + hour, signed=signed) == 0, (
            "what was said before is left alone"
        )
        assert reader_reports.plan(session, "pacs", now() - hour, signed=signed) == 2
        assert reader_reports.plan(session, "pacs", now() - hour, signed=signed) == 0
        states = dict(session.execute(select(Delivery.part, Delivery.state)).all())
        assert states == {1: "waiting", 2: "unwanted" if signed else "waiting"}
        assert planning.plan(session, "pacs", ("sr",), now() - hour) == 1, "the AI's results are planned all the same"


def test_no_draft_outlives_its_study(database: Database, study: str) -> None:
    with database.session() as session:
        say(session, study)
    with database.session() as session:
        session.delete(session.get(Study, study))
    with database.session() as session:
        assert session.scalars(select(ReportDraft)).all() == []
