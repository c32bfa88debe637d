"""Migrations of the schema, run by ``osteon.clinic.store.database.open_database``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEAD: Final = max(path.name[:4] for path in Path(__file__).with_name("versions").glob("[0-9]*.py"))
"""The newest revision, by the numbers of the files: a store that has it needs no migration, and Alembic is not imported."""

SCRIPTS: Final = "osteon.clinic.store:migrations"
"""Where Alembic finds them."""
