"""Columns are called what they hold: sort_key, lease_owner, position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from alembic import op

revision: str = "0007"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_RENAMED: Final = (
    ("studies", "falling", "sort_key"),
    ("studies", "holder", "lease_owner"),
    ("originals", "place", "position"),
    ("images", "place", "position"),
    ("job_studies", "place", "position"),
)


def upgrade() -> None:
    """Rename the columns in place: on SQLite to make a table anew would delete the rows that refer to it."""
    op.drop_index("ix_studies_urgency_falling_id", "studies")
    for table, old, new in _RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    op.create_index("ix_studies_urgency_sort_key_id", "studies", ["urgency", "sort_key", "id"])


def downgrade() -> None:
    """Give them their former names."""
    op.drop_index("ix_studies_urgency_sort_key_id", "studies")
    for table, old, new in _RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    op.create_index("ix_studies_urgency_falling_id", "studies", ["urgency", "falling", "id"])
