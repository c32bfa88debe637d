"""Annotation: projects, label schemas, members, studies, assignments, events, reads, consensus, snapshots."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "annotation_projects",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("readers_per_study", sa.Integer(), nullable=False),
        sa.Column("repeat_share", sa.Double(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("order", sa.String(16), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("box_iou", sa.Double(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("creator", sa.String(80), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_projects"),
        sa.UniqueConstraint("name", name="uq_annotation_projects_name"),
    )
    op.create_table(
        "annotation_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("study_id", sa.String(32), nullable=False),
        sa.Column("examination", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("uncertainty", sa.Double()),
        sa.Column("disagreement", sa.Double()),
        sa.Column("disputed", sa.Integer()),
        sa.Column("added", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_items_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name="fk_annotation_items_study_id_studies", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_items"),
    )
    op.create_index(
        "ix_annotation_items_project_id_examination", "annotation_items", ["project_id", "examination"], unique=True
    )
    op.create_index("ix_annotation_items_project_id_disputed_id", "annotation_items", ["project_id", "disputed", "id"])
    op.create_index("ix_annotation_items_project_id_state_id", "annotation_items", ["project_id", "state", "id"])
    op.create_index("ix_annotation_items_study_id", "annotation_items", ["study_id"])
    op.create_table(
        "annotation_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("joined", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_members_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_annotation_members_user_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_members"),
    )
    op.create_index(
        "ix_annotation_members_project_id_user_id", "annotation_members", ["project_id", "user_id"], unique=True
    )
    op.create_index("ix_annotation_members_user_id", "annotation_members", ["user_id"])
    op.create_table(
        "annotation_schemas",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_schemas_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "version", name="pk_annotation_schemas"),
    )
    op.create_table(
        "annotation_snapshots",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_snapshots_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_snapshots"),
    )
    op.create_index("ix_annotation_snapshots_project_id", "annotation_snapshots", ["project_id"])
    op.create_table(
        "annotation_assignments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("repeat_of", sa.String(32), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("order", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("aided", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("begun", Moment()),
        sa.Column("changed", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["annotation_items.id"],
            name="fk_annotation_assignments_item_id_annotation_items",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["annotation_members.id"],
            name="fk_annotation_assignments_member_id_annotation_members",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_assignments_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_assignments"),
    )
    op.create_index("ix_annotation_assignments_item_id", "annotation_assignments", ["item_id"])
    op.create_index(
        "ix_annotation_assignments_item_id_member_id_repeat_of",
        "annotation_assignments",
        ["item_id", "member_id", "repeat_of"],
        unique=True,
    )
    op.create_index(
        "ix_annotation_assignments_member_id_state_position_id",
        "annotation_assignments",
        ["member_id", "state", "position", "id"],
    )
    op.create_index(
        "ix_annotation_assignments_project_id_state_id", "annotation_assignments", ["project_id", "state", "id"]
    )
    op.create_table(
        "annotation_consensus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("signed", Moment()),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["annotation_items.id"],
            name="fk_annotation_consensus_item_id_annotation_items",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_consensus_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_consensus"),
    )
    op.create_index("ix_annotation_consensus_item_id", "annotation_consensus", ["item_id"])
    op.create_index("ix_annotation_consensus_project_id_id", "annotation_consensus", ["project_id", "id"])
    op.create_table(
        "annotation_events",
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("client_at", Moment()),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["annotation_assignments.id"],
            name="fk_annotation_events_assignment_id_annotation_assignments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assignment_id", "sequence", name="pk_annotation_events"),
    )
    op.create_index(
        "ix_annotation_events_assignment_id_client_id", "annotation_events", ["assignment_id", "client_id"], unique=True
    )
    op.create_table(
        "annotation_reads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("finished", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["annotation_assignments.id"],
            name="fk_annotation_reads_assignment_id_annotation_assignments",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["annotation_items.id"],
            name="fk_annotation_reads_item_id_annotation_items",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["annotation_members.id"],
            name="fk_annotation_reads_member_id_annotation_members",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["annotation_projects.id"],
            name="fk_annotation_reads_project_id_annotation_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation_reads"),
    )
    op.create_index(
        "ix_annotation_reads_assignment_id_round_stage",
        "annotation_reads",
        ["assignment_id", "round", "stage"],
        unique=True,
    )
    op.create_index("ix_annotation_reads_item_id", "annotation_reads", ["item_id"])
    op.create_index("ix_annotation_reads_member_id", "annotation_reads", ["member_id"])
    op.create_index("ix_annotation_reads_project_id_id", "annotation_reads", ["project_id", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("annotation_reads")
    op.drop_table("annotation_events")
    op.drop_table("annotation_consensus")
    op.drop_table("annotation_assignments")
    op.drop_table("annotation_snapshots")
    op.drop_table("annotation_schemas")
    op.drop_table("annotation_members")
    op.drop_table("annotation_items")
    op.drop_table("annotation_projects")
