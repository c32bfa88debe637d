"""The registry of bundles, and readings of bundles in shadow."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "registrations",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("identity", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("added", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_registrations"),
    )
    op.create_index("ix_registrations_name", "registrations", ["name"])
    op.create_table(
        "registry_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("replaced", sa.String(64)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(64)),
        sa.Column("evidence_name", sa.String(120)),
        sa.ForeignKeyConstraint(["digest"], ["registrations.digest"], name="fk_registry_events_digest_registrations"),
        sa.PrimaryKeyConstraint("id", name="pk_registry_events"),
    )
    op.create_index("ix_registry_events_digest", "registry_events", ["digest"])
    op.create_table(
        "shadow_readings",
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("call", sa.String(16)),
        sa.Column("probability", sa.Double()),
        sa.Column("content", sa.JSON(none_as_null=True)),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name="fk_shadow_readings_study_id_studies", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["digest"], ["registrations.digest"], name="fk_shadow_readings_digest_registrations"),
        sa.PrimaryKeyConstraint("study_id", "digest", name="pk_shadow_readings"),
    )
    op.create_index("ix_shadow_readings_digest_time", "shadow_readings", ["digest", "time"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("shadow_readings")
    op.drop_table("registry_events")
    op.drop_table("registrations")
