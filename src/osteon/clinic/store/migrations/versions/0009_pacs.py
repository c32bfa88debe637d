"""Receipts, the quarantine and the outbox of the DICOM node."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("peer", sa.String(80), nullable=False),
        sa.Column("received", Moment(), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_receipts_study_id_studies", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sa.UniqueConstraint("file", name="uq_receipts_file"),
    )
    op.create_index("ix_receipts_peer", "receipts", ["peer"])
    op.create_index("ix_receipts_study_id", "receipts", ["study_id"])
    op.create_table(
        "held_instances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("peer", sa.String(80), nullable=False),
        sa.Column("received", Moment(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("instance", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_held_instances"),
        sa.UniqueConstraint("file", name="uq_held_instances_file"),
    )
    op.create_index("ix_held_instances_uid", "held_instances", ["uid"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("destination", sa.String(64), nullable=False),
        sa.Column("form", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.Column("sop_class", sa.String(64)),
        sa.Column("instance", sa.String(64)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("sent", Moment()),
        sa.Column("settled", Moment()),
        sa.Column("transaction", sa.String(64)),
        sa.Column("problem", sa.JSON(none_as_null=True)),
        sa.Column("lease_owner", sa.String(32)),
        sa.Column("leased_until", Moment()),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name="fk_deliveries_study_id_studies", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_study_id_destination_form_part",
        "deliveries",
        ["study_id", "destination", "form", "part"],
        unique=True,
    )
    op.create_index("ix_deliveries_destination_state_due", "deliveries", ["destination", "state", "due"])
    op.create_index("ix_deliveries_digest", "deliveries", ["digest"])
    op.create_index("ix_deliveries_instance", "deliveries", ["instance"])
    op.create_index("ix_deliveries_transaction", "deliveries", ["transaction"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("deliveries")
    op.drop_table("held_instances")
    op.drop_table("receipts")
