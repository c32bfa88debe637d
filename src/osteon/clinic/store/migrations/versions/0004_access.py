"""Passwords that must be changed, what a key may be used for, and what an entry of the audit log is about in full."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns; accounts and keys that are there stay as they were."""
    op.add_column("users", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("api_keys", sa.Column("scopes", sa.String(64), nullable=False, server_default="all"))
    op.add_column("audit", sa.Column("detail", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "audit_journals",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("taken", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_journals"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("audit_journals")
    op.drop_column("audit", "detail")
    op.drop_column("api_keys", "scopes")
    op.drop_column("users", "must_change")
