"""The store of a reading room, opened for a command that reads a project or writes snapshots."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from osteon.core.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from osteon.clinic.annotation.records.project_content import ProjectContent
    from osteon.clinic.settings import Settings
    from osteon.clinic.store.database import Database
    from osteon.clinic.store.files import Files

Config = Annotated[Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file of the reading room.")]
Project = Annotated[str, typer.Argument(metavar="PROJECT", help="Name or identifier of a project.")]


class Opened(NamedTuple):
    """An open store."""

    database: Database
    files: Files
    settings: Settings


@contextmanager
def opened(config: Path | None, settings: list[str] | None) -> Generator[Opened]:
    """The store that the settings name; a server may use it at the same time.

    Raises:
        StoreError: there is none.
    """
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.store.database import open_database
    from osteon.clinic.store.files import Files

    chosen = chosen_settings({}, settings or [], config)
    if not (chosen.store / "files").is_dir():
        raise StoreError(
            f"there is no store at {chosen.store}",
            hint="Name the settings of the reading room with --config, or its folder with --set store=FOLDER.",
        )
    database = open_database(chosen.database_url)
    try:
        yield Opened(database, Files(chosen.store), chosen)
    finally:
        database.close()


def content_of(store: Opened, project: str) -> ProjectContent:
    """A project with everything in it.

    Raises:
        DataError: there is none of this name.
    """
    from osteon.clinic.store.annotation.load import project_content

    with store.database.session() as session:
        return project_content(session, project)


def user() -> str:
    """Who is logged in on this machine."""
    import getpass

    return f"{getpass.getuser()} (command line)"


def note(session: Session, action: str, project: str, detail: str = "") -> None:
    """Write into the audit log what a command did with a project."""
    from osteon.clinic.store.audit.audit import Entry, write

    write(session, Entry(user(), "", action, project, "", detail=detail))
