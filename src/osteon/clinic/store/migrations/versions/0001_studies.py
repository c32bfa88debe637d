"""Studies, their files, images, readings and opinions, and jobs."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "studies",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("received", Moment(), nullable=False),
        sa.Column("read", Moment()),
        sa.Column("bundle", sa.String(200), nullable=False),
        sa.Column("pseudonym", sa.String(64)),
        sa.Column("age", sa.Double()),
        sa.Column("sex", sa.String(1)),
        sa.Column("body_part", sa.String(16)),
        sa.Column("view_count", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(16)),
        sa.Column("probability", sa.Double()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("problem", sa.JSON()),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("falling", sa.Double(), nullable=False),
        sa.Column("holder", sa.String(32)),
        sa.Column("leased_until", Moment()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_studies"),
        sa.UniqueConstraint("key", name="uq_studies_key"),
    )
    op.create_index("ix_studies_state_received_id", "studies", ["state", "received", "id"])
    op.create_index("ix_studies_urgency_falling_id", "studies", ["urgency", "falling", "id"])
    op.create_index("ix_studies_received_id", "studies", ["received", "id"])
    op.create_table(
        "originals",
        _study("originals"),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("view", sa.String(16)),
        sa.Column("problem", sa.JSON()),
        sa.PrimaryKeyConstraint("study_id", "place", name="pk_originals"),
    )
    op.create_index("ix_originals_digest", "originals", ["digest"])
    op.create_table(
        "images",
        _study("images"),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("original", sa.Integer(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("row_spacing", sa.Double()),
        sa.Column("column_spacing", sa.Double()),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.Column("view", sa.String(16)),
        sa.Column("laterality", sa.String(1)),
        sa.Column("body_part", sa.String(16)),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("probability", sa.Double()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("heat", sa.Boolean(), nullable=False),
        sa.Column("window_low", sa.Double()),
        sa.Column("window_high", sa.Double()),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("study_id", "place", name="pk_images"),
    )
    op.create_table(
        "readings",
        _study("readings"),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("study_id", name="pk_readings"),
    )
    op.create_table(
        "opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        _study("opinions"),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("bundle", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opinions"),
    )
    op.create_index("ix_opinions_study_id", "opinions", ["study_id"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_created", "jobs", ["created"])
    op.create_table(
        "job_studies",
        sa.Column("job_id", sa.String(32), nullable=False),
        _study("job_studies"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_studies_job_id_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "study_id", name="pk_job_studies"),
    )
    op.create_index("ix_job_studies_study_id", "job_studies", ["study_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("job_studies", "jobs", "opinions", "readings", "images", "originals", "studies"):
        op.drop_table(table)


def _study(table: str) -> sa.Column[str]:
    """The study that a row belongs to; it goes with it."""
    key = sa.ForeignKey("studies.id", name=f"fk_{table}_study_id_studies", ondelete="CASCADE")
    return sa.Column("study_id", sa.String(32), key, nullable=False)
