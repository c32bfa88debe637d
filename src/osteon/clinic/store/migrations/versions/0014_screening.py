"""Screening of annotation projects, and the scale of choices of grades."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SCHEMAS = sa.table(
    "annotation_schemas",
    sa.column("project_id", sa.String),
    sa.column("version", sa.Integer),
    sa.column("content", sa.JSON),
)
_GRADES = ["normal", "hairline", "displaced"]
"""The one choice of a shipped label schema that is one of grades."""


def upgrade() -> None:
    """Add the columns; choices of the shipped schema of grades become ordinal, as all choices were taken before."""
    op.add_column("annotation_projects", sa.Column("body_parts", sa.JSON()))
    op.add_column("annotation_items", sa.Column("suspicions", sa.JSON()))
    op.add_column("annotation_items", sa.Column("to_screen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("annotation_items", sa.Column("screened_by", sa.String(80)))
    op.add_column("annotation_items", sa.Column("screened", Moment()))
    op.create_index(
        "ix_annotation_items_project_id_to_screen_id", "annotation_items", ["project_id", "to_screen", "id"]
    )
    _set_scale("ordinal")


def downgrade() -> None:
    """Take them away."""
    _set_scale(None)
    op.drop_index("ix_annotation_items_project_id_to_screen_id", "annotation_items")
    for column in ("screened", "screened_by", "to_screen", "suspicions"):
        op.drop_column("annotation_items", column)
    op.drop_column("annotation_projects", "body_parts")


def _set_scale(scale: str | None) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_SCHEMAS)).all():
        content: dict[str, Any] = json.loads(row.content) if isinstance(row.content, str) else row.content
        changed = False
        for rule in content.get("rules", ()):
            if scale is None:
                changed |= rule.pop("scale", None) is not None
            elif rule["kind"] == "one_of" and list(rule["labels"]) == _GRADES:
                rule["scale"], changed = scale, True
        if changed:
            same = (_SCHEMAS.c.project_id == row.project_id, _SCHEMAS.c.version == row.version)
            connection.execute(_SCHEMAS.update().where(*same).values(content=content))
