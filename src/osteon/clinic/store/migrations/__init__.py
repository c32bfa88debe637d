"""Migrations of the schema, run by ``osteon.clinic.store.database.open_database``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEAD: Final = max(path.name[:4] for path in Path(__file__).with_name("versions").glob("[0-9]*.py"))
"""The newest revision, by the numbers of the files: a store that has it needs no migration, and Alembic is not imported."""

OLDEST: Final = "0016"
"""The oldest revision whose servers may go on with the newest schema, while they are updated one after the other. It rises to the
number of each migration that does more than to add tables, indexes, and columns that may be empty or have a default."""

SCRIPTS: Final = "osteon.clinic.store:migrations"
"""Where Alembic finds them."""
