"""Marks of people on images; a reader's own call beside the opinion."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table, and the columns of opinions."""
    op.add_column("opinions", sa.Column("call", sa.String(16)))
    op.add_column("opinions", sa.Column("changed", Moment()))
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("image", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("millimetres", sa.Double()),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("changed", Moment()),
        sa.Column("bundle", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_marks_study_id_studies", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
    )
    op.create_index("ix_marks_study_id", "marks", ["study_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("marks")
    op.drop_column("opinions", "changed")
    op.drop_column("opinions", "call")
