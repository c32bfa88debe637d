"""The series and the SOP class of each DICOM file, which outputs need to refer to it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns; ``osteon.clinic.store.studies.adopt`` fills them from the files."""
    op.add_column("originals", sa.Column("series", sa.String(64)))
    op.add_column("originals", sa.Column("sop_class", sa.String(64)))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("originals", "sop_class")
    op.drop_column("originals", "series")
