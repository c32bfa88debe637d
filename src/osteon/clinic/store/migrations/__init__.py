"""Migrations of the schema, run by ``osteon.clinic.store.database.open_database``."""

from __future__ import annotations

from typing import Final

HEAD: Final = "0008"
"""The newest revision: a store that has it needs no migration. A new file in ``versions`` sets it anew."""

SCRIPTS: Final = "osteon.clinic.store:migrations"
"""Where Alembic finds them."""
