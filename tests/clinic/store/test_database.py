"""Both kinds of database open, migrate to the tables that the code speaks of, and refuse what they do not know."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from osteon.clinic.store import migrations
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.migrations import HEAD, OLDEST, SCRIPTS
from osteon.clinic.store.tables import accounts, annotation, fleet, marks, pacs, registry, reports, retrieve, studies
from osteon.clinic.store.tables.base import Base, now
from osteon.core.errors import StoreError


def test_migrations_make_the_tables_of_the_code(database: Database, database_url: str) -> None:
    del database
    rooms = (accounts, annotation, fleet, marks, pacs, registry, reports, retrieve, studies)
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


def test_newer_schema_is_used_where_it_may_and_else_refused(database: Database, database_url: str) -> None:
    """While servers are updated one after the other, those of before are started on the schema of the new ones, too."""
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        session.execute(text("CREATE TABLE of_later (id INTEGER PRIMARY KEY)"))
        session.execute(text("ALTER TABLE jobs ADD COLUMN of_later INTEGER"))
    older = open_database(database_url)
    with older.session() as session:
        session.add(studies.Job(id="j", created=now(), failures=[]))
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    older.close()
    with database.session() as session:
        session.merge(studies.Fact(name="schema", content={"oldest": "9999"}))
    with pytest.raises(StoreError, match="update"):
        open_database(database_url)


ADDITIVE = {"create_table", "create_index", "add_column"}


def additive(source: str) -> bool:
    """Whether a migration only adds what servers of before need not know."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [(call.func.attr, call) for call in calls if isinstance(call.func, ast.Attribute)]
    upgrade = source.split("def downgrade")[0]
    of_upgrade = {name for name, call in named if isinstance(call.func.value, ast.Name) and call.func.value.id == "op"}  # pyright: ignore[reportAttributeAccessIssue]
    done = {name for name in of_upgrade if f"op.{name}(" in upgrade}
    columns = [call for name, call in named if name == "add_column"]
    filled = ["nullable=False" not in ast.unparse(call) or "server_default" in ast.unparse(call) for call in columns]
    return done <= ADDITIVE and all(filled)


def test_migrations_after_the_oldest_only_add() -> None:
    """Who writes one that does more raises ``OLDEST``."""
    versions = Path(migrations.__file__).with_name("versions")
    sources = {path.name[:4]: path.read_text("utf-8") for path in versions.glob("[0-9]*.py")}
    assert additive(sources["0013"])
    assert not additive(sources["0007"]), "it renames columns"
    assert [number for number, source in sources.items() if number > OLDEST and not additive(source)] == []


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
