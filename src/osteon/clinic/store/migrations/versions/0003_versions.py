"""Versions of an examination, what identifies it, names of files, and what the store knows of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_WHOLE: Final = {"sqlite": "CAST({} AS INTEGER)", "postgresql": "floor({})"}
"""A positive number without its fraction."""


def upgrade() -> None:
    """Add columns in place.

    Tables are not made anew: on SQLite that would delete the rows that refer to them.
    """
    for column in (
        sa.Column("examination", sa.String(32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("newer", sa.String(32)),
        sa.Column("cause", sa.String(16), nullable=False, server_default="received"),
        sa.Column("uid", sa.String(64)),
        sa.Column("accession", sa.String(64)),
        sa.Column("patient", sa.String(64)),
        sa.Column("marks", sa.JSON()),
        sa.Column("label", sa.String(120)),
    ):
        op.add_column("studies", column)
    op.execute("UPDATE studies SET examination = id")
    # An age to the day gives the birth date back: whole years, below two whole months.
    whole = _WHOLE[op.get_context().dialect.name]
    years, months = whole.format("age"), whole.format("(age * 12 + 0.000001)")
    op.execute(f"UPDATE studies SET age = CASE WHEN age >= 2 THEN {years} ELSE {months} / 12.0 END")  # noqa: S608 - no input
    op.create_index("ix_studies_examination_version", "studies", ["examination", "version"], unique=True)
    op.create_index("ix_studies_uid", "studies", ["uid"])
    for column in (
        sa.Column("name", sa.String(120)),
        sa.Column("instance", sa.String(64)),
        sa.Column("pixels", sa.BigInteger()),
    ):
        op.add_column("originals", column)
    op.create_index("ix_originals_instance", "originals", ["instance"])
    op.create_table(
        "facts",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("facts")
    op.drop_index("ix_originals_instance", "originals")
    for column in ("pixels", "instance", "name"):
        op.drop_column("originals", column)
    op.drop_index("ix_studies_uid", "studies")
    op.drop_index("ix_studies_examination_version", "studies")
    for column in ("label", "marks", "patient", "accession", "uid", "cause", "newer", "version", "examination"):
        op.drop_column("studies", column)
