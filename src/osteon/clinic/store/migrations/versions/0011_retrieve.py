"""What studies are searched by over DICOMweb; studies that are fetched from archives, and patients' earlier studies there."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from osteon.clinic.store.tables.base import Moment

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_STUDY: Sequence[tuple[str, int]] = (("date", 8), ("time", 6), ("number", 64), ("name", 400), ("referrer", 400))


def upgrade() -> None:
    """Add columns and tables; ``osteon.clinic.store.studies.adopt`` fills the columns from the files."""
    for name, length in _STUDY:
        op.add_column("studies", sa.Column(name, sa.String(length)))
    op.add_column("originals", sa.Column("modality", sa.String(16)))
    op.create_index("ix_studies_date", "studies", ["date"])
    op.create_index("ix_studies_patient", "studies", ["patient"])
    op.create_table(
        "pulls",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("finished", Moment()),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("studies", sa.Integer()),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.Column("problem", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name="pk_pulls"),
    )
    op.create_index("ix_pulls_state_created", "pulls", ["state", "created"])
    op.create_table(
        "earlier_searches",
        sa.Column("examination", sa.String(32), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked", Moment(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("problem", sa.JSON(none_as_null=True)),
        sa.ForeignKeyConstraint(
            ["examination"], ["studies.id"], name="fk_earlier_searches_examination_studies", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("examination", name="pk_earlier_searches"),
    )
    op.create_index("ix_earlier_searches_state", "earlier_searches", ["state"])
    op.create_table(
        "earlier_studies",
        sa.Column("examination", sa.String(32), nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("date", sa.String(8), nullable=False),
        sa.Column("description", sa.String(64), nullable=False),
        sa.Column("modalities", sa.String(120), nullable=False),
        sa.Column("images", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["examination"],
            ["earlier_searches.examination"],
            name="fk_earlier_studies_examination_earlier_searches",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("examination", "uid", name="pk_earlier_studies"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("earlier_studies", "earlier_searches", "pulls"):
        op.drop_table(table)
    op.drop_index("ix_studies_patient", "studies")
    op.drop_index("ix_studies_date", "studies")
    op.drop_column("originals", "modality")
    for name, _ in reversed(_STUDY):
        op.drop_column("studies", name)
