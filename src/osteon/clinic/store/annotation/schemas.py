"""Label schemas of projects: versions, which are never changed."""

from __future__ import annotations

import json
from functools import lru_cache

from sqlalchemy.orm import Session

from osteon.clinic.annotation import codec
from osteon.clinic.annotation.schema.records import LabelSchema
from osteon.clinic.store.tables.annotation import Project, SchemaVersion
from osteon.clinic.store.tables.base import now
from osteon.core.errors import DataError


def schema_of(session: Session, project: str, version: int) -> LabelSchema:
    """A version of the label schema of a project.

    Raises:
        DataError: there is none.
    """
    row = session.get(SchemaVersion, (project, version))
    if row is None:
        raise DataError("the project has no such version of its label schema", got=str(version))
    return _restored(json.dumps(row.content))


def add_version(session: Session, project: Project, schema: LabelSchema, author: str) -> int:
    """Give a project another version of its label schema.

    Labels that reads may have used must stay, with their scope: else those reads would lose their meaning.

    Raises:
        DataError: a label is missing, or has another scope.
    """
    before = schema_of(session, project.id, project.schema_version)
    labels = {label.id: label for label in schema.walk()}
    gone = [label.id for label in before.walk() if label.id not in labels or labels[label.id].scope is not label.scope]
    if gone:
        raise DataError(
            "a label schema in use keeps its labels and their scopes",
            got=f"without {', '.join(gone[:5])}",
            hint="Make a label that is out of use `selectable: false`, or begin another project.",
        )
    project.schema_version += 1
    keep(session, project.id, project.schema_version, schema, author)
    return project.schema_version


def keep(session: Session, project: str, version: int, schema: LabelSchema, author: str) -> None:
    """Write a version down."""
    session.add(
        SchemaVersion(project_id=project, version=version, content=codec.dump(schema), author=author, created=now())
    )


@lru_cache(maxsize=256)
def _restored(text: str) -> LabelSchema:
    return codec.restore(LabelSchema, json.loads(text))
