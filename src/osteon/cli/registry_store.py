"""What commands on the registry share: the store, who decides, the audit log."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Generator

    from osteon.clinic.settings import Settings
    from osteon.clinic.store.database import Database
    from osteon.clinic.store.registry.registry import Decision

Bundle = Annotated[str, typer.Argument(metavar="NAME@VERSION|DIGEST", help="A bundle of the registry.")]


@contextmanager
def opened(store: Path | None, config: Path | None) -> Generator[tuple[Settings, Database]]:
    """The settings and the database of a store that is there; closed at the end."""
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.store.database import open_database
    from osteon.core.errors import StoreError

    settings = chosen_settings({"store": store}, [], config)
    if not settings.store.is_dir():
        raise StoreError(f"there is no store at {settings.store}", hint="Name the folder of a reading room: --store.")
    database = open_database(settings.database_url)
    try:
        yield settings, database
    finally:
        database.close()


def decision(settings: Settings, reason: str, evidence: Path | None, person: str | None) -> Decision:
    """Who decides and why; of the evidence a copy is kept."""
    from osteon.clinic.store.registry.kept import keep_evidence
    from osteon.clinic.store.registry.registry import Decision

    digest = None if evidence is None else keep_evidence(settings.store, evidence)
    return Decision(person or account(), reason, digest, None if evidence is None else evidence.name)


def account() -> str:
    """Who is logged in on this machine."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without an account
        return "the server's own machine"


def audit(session: object, action: str, subject: str) -> None:
    """Write into the audit log what a command did."""
    from sqlalchemy.orm import Session

    from osteon.clinic.store.audit.audit import Entry, write

    if isinstance(session, Session):
        write(session, Entry(account(), "", action, subject, "the server's own machine"))
