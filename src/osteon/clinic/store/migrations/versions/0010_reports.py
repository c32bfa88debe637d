"""Reports of readers on their way to archives, and whether an opinion is signed."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables, and add the column."""
    op.create_table(
        "report_drafts",
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("changed", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name="fk_report_drafts_study_id_studies", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "author", name="pk_report_drafts"),
    )
    op.create_index("ix_report_drafts_changed", "report_drafts", ["changed"])
    op.create_table(
        "reader_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("given", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("before", sa.Integer()),
        sa.Column("digest", sa.String(64)),
        sa.Column("sop_class", sa.String(64)),
        sa.Column("instance", sa.String(64)),
        sa.Column("series", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name="fk_reader_reports_study_id_studies", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reader_reports"),
    )
    op.create_index("ix_reader_reports_study_id", "reader_reports", ["study_id"])
    op.create_index("ix_reader_reports_given", "reader_reports", ["given"])
    op.create_index("ix_reader_reports_digest", "reader_reports", ["digest"])
    op.add_column("opinions", sa.Column("signed", Moment()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("opinions", "signed")
    op.drop_table("reader_reports")
    op.drop_table("report_drafts")
