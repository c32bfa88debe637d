"""Locked test sets of projects, and what a promotion rested on."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table and the columns."""
    op.create_table(
        "annotation_locked_tests",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_locked_tests_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name="pk_annotation_locked_tests"),
    )
    op.add_column("registry_events", sa.Column("checks", sa.JSON(none_as_null=True)))
    op.add_column("registry_events", sa.Column("override", sa.Text()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("registry_events", "override")
    op.drop_column("registry_events", "checks")
    op.drop_table("annotation_locked_tests")
