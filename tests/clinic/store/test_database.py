"""Both kinds of database open, migrate to the tables that the code speaks of, and refuse what they do not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from osteon.clinic.store import migrations
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.migrations import HEAD, SCRIPTS
from osteon.clinic.store.tables import accounts, annotation, marks, pacs, registry, reports, retrieve, studies
from osteon.clinic.store.tables.base import Base, now
from osteon.core.errors import StoreError


def test_migrations_make_the_tables_of_the_code(database: Database, database_url: str) -> None:
    del database
    rooms = (accounts, annotation, marks, pacs, registry, reports, retrieve, studies)
    assert all(room.Base.metadata is Base.metadata for room in rooms)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    assert differences == []
    assert {"studies", "readings", "images", "originals", "opinions", "marks", "jobs", "registrations"} <= names


def test_head_is_the_last_migration() -> None:
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_heads() == [HEAD]
    assert SCRIPTS.replace(":", ".") == migrations.__name__


def test_opens_twice_and_keeps(database: Database, database_url: str) -> None:
    with database.session() as session:
        session.add(studies.Job(id="j", created=now(), failures=[]))
    again = open_database(database_url)
    with again.session() as session:
        assert session.get(studies.Job, "j") is not None
    again.close()


def test_what_raises_is_undone(database: Database) -> None:
    def fail() -> None:
        with database.session() as session:
            session.add(studies.Job(id="j", created=now(), failures=[]))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.session() as session:
        assert session.get(studies.Job, "j") is None


def test_newer_schema_is_refused(database: Database, database_url: str) -> None:
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="update"):
        open_database(database_url)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("nonsense", "not valid"),
        ("mysql://x/y", "not supported"),
        ("sqlite:////no/such/folder/osteon.db", "cannot be opened"),
        ("postgresql+psycopg://osteon@127.0.0.1:1/none", "cannot be opened"),
    ],
)
def test_bad_addresses(url: str, problem: str) -> None:
    with pytest.raises(StoreError, match=problem):
        open_database(url)


def test_foreign_keys_are_enforced_and_moments_have_zones(database: Database) -> None:
    with database.session() as session:
        session.add(studies.Job(id="j", created=now(), failures=[]))
    with database.session() as session:
        job = session.get(studies.Job, "j")
        assert job is not None
        assert job.created.utcoffset() is not None
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.session() as session:
        session.add(studies.JobStudy(job_id="j", study_id="none", position=0, files=[0]))
