"""Projects of before the scale of choices keep their weighted figures: the shipped schema of grades becomes ordinal."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select

from osteon.clinic.annotation.schema.records import LabelSchema, Scale
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.store.annotation import projects, schemas
from osteon.clinic.store.annotation.projects import Settings
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.migrations import SCRIPTS
from osteon.clinic.store.tables.annotation import Project, SchemaVersion


def migrate(url: str, revision: str, *, down: bool = False) -> None:
    """Bring a database to a revision."""
    settings = Config()
    settings.set_main_option("script_location", SCRIPTS)
    engine = create_engine(url)
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(settings, revision)
    engine.dispose()


def scales(schema: LabelSchema) -> list[Scale]:
    return [rule.scale for rule in schema.rules]


def test_grades_become_ordinal_and_sites_do_not(database: Database, database_url: str) -> None:
    with database.session() as session:
        for name in ("mobilenet_elbow", "pediurf"):
            projects.create(session, name, shipped(name), Settings(), "lead")
    migrate(database_url, "0013", down=True)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        contents: list[dict[str, Any]] = list(connection.scalars(select(SchemaVersion.content)))
    engine.dispose()
    assert not [rule for content in contents for rule in content["rules"] if "scale" in rule], "as it was before"
    again = open_database(database_url)
    with again.session() as session:
        found = {
            row.name: scales(schemas.schema_of(session, row.id, 1)) for row in session.scalars(select(Project)).all()
        }
    again.close()
    assert found == {"mobilenet_elbow": [Scale.ORDINAL], "pediurf": [Scale.NOMINAL]}
