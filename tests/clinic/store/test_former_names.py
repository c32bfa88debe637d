"""A store whose columns have their former names opens, keeps what it holds in its order, and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text

from osteon.clinic.state import State
from osteon.clinic.store.database import open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.migrations import HEAD, SCRIPTS
from osteon.clinic.store.studies import jobs, queue, studies
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Study

FAULT = {"kind": "InputError", "problem": "the file is not a radiograph"}
ROWS = (("sure", 0, 0.1, "done"), ("less", 0, 0.4, "done"), ("clear", 4, 0.9, "done"), ("under-way", 5, 1.0, "reading"))
RENAMED = {"falling", "holder", "place"}


def migrated(connection: Connection, revision: str, *, down: bool = False) -> None:
    settings = Config()
    settings.set_main_option("script_location", SCRIPTS)
    settings.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(settings, revision)


@pytest.fixture
def former(database_url: str) -> Iterator[str]:
    """A database of the former schema with studies, files, images and a job, as the former code wrote them."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        migrated(connection, "0005")
        for study, urgency, falling, state in ROWS:
            connection.execute(
                text(
                    "INSERT INTO studies (id, key, state, received, bundle, view_count, reason, urgency, falling, holder, "
                    "leased_until, attempts, examination) VALUES (:id, :id, :state, :moment, 'b@1', 2, '', :urgency, "
                    ":falling, :holder, :until, 1, :id)"
                ),
                {
                    "id": study,
                    "state": state,
                    "moment": "2025-02-03 09:41:07.120000",
                    "urgency": urgency,
                    "falling": falling,
                    "holder": "other" if state == "reading" else None,
                    "until": now().replace(tzinfo=None) - timedelta(minutes=1) if state == "reading" else None,
                },
            )
        for place, digest in ((1, "b" * 64), (0, "a" * 64)):
            connection.execute(
                text(
                    "INSERT INTO originals (study_id, place, digest, size, format) VALUES ('sure', :place, :digest, 1, 'PNG')"
                ),
                {"place": place, "digest": digest},
            )
            connection.execute(
                text(
                    "INSERT INTO images (study_id, place, original, frame, rows, columns, bits, format, notes, reason, heat, "
                    "thumbnail) VALUES ('sure', :place, :place, 0, 8, 9, 8, 'PNG', '[]', '', :no, :jpeg)"
                ),
                {"place": place, "no": False, "jpeg": bytes([place])},
            )
        connection.execute(
            text("INSERT INTO jobs (id, created, failures) VALUES ('job', :moment, :failures)"),
            {"moment": now().replace(tzinfo=None), "failures": json.dumps([{"place": 2, "fault": FAULT}])},
        )
        for place, study in ((1, "less"), (0, "sure")):
            connection.execute(
                text(
                    "INSERT INTO job_studies (job_id, study_id, place, files) VALUES ('job', :study, :place, '[[0, 0], [1, 1]]')"
                ),
                {"study": study, "place": place},
            )
    yield database_url
    engine.dispose()


def test_everything_is_found_again(former: str) -> None:
    database = open_database(former)
    with database.session() as session:
        page = studies.listed(session, studies.Filter(), "urgency", 2)
        rest = studies.listed(session, studies.Filter(), "urgency", 9, page.following)
        assert [row.id for row in (*page.studies, *rest.studies)] == [row[0] for row in ROWS]
        assert [row.sort_key for row in page.studies] == [0.1, 0.4]
        assert [file.digest[0] for file in studies.originals(session, "sure")] == ["a", "b"]
        assert [image.position for image in studies.images(session, "sure")] == [0, 1]
        assert studies.thumbnail(session, "sure", 1) == b"\1"
        progress = jobs.progress(session, "job")
        assert progress is not None
        assert progress.studies == ("sure", "less")
        assert [(one.position, one.fault) for one in progress.failures] == [(2, FAULT)]
    database.close()


def test_a_study_under_way_is_read_by_another(former: str) -> None:
    """The lease of the former server is told by its column, and is over."""
    database = open_database(former)
    with database.session() as session:
        row = session.get(Study, "under-way")
        assert row is not None
        assert row.lease_owner == "other"
    assert queue.give_back(database, None, but="mine") == 1
    with database.session() as session:
        row = session.get(Study, "under-way")
        assert row is not None
        assert (row.state, row.lease_owner) == (State.QUEUED, None)
    database.close()


def test_the_way_back_keeps_everything(former: str, files: Files, tmp_path: Path) -> None:
    del files, tmp_path
    open_database(former).close()
    engine = create_engine(former)
    with engine.begin() as connection:
        migrated(connection, "0005", down=True)
    with engine.connect() as connection:
        names = {
            column["name"]
            for table in ("studies", "originals", "images", "job_studies")
            for column in inspect(connection).get_columns(table)
        }
        assert names >= RENAMED
        count = connection.scalar(text("SELECT count(*) FROM originals WHERE place IN (0, 1)"))
        assert (count, connection.scalar(text("SELECT version_num FROM alembic_version"))) == (2, "0005")
    with engine.begin() as connection:
        migrated(connection, "head")
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
    engine.dispose()
