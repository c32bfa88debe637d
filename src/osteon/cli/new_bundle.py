"""What the commands of ``osteon bundle`` ask for that write a bundle anew, and how they take and tell it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.bundle.archive import Bundle

New = Annotated[Path, typer.Argument(metavar="NEW", help="File to write, NAME.osteon.", dir_okay=False)]
Version = Annotated[str, typer.Option("--version", metavar="VERSION", help="Version of the new bundle.")]
Created = Annotated[
    str | None, typer.Option("--created", metavar="DATE", help="Date of the new bundle. Default: today.")
]
Commands = Annotated[
    Path | None,
    typer.Option(
        "--commands",
        metavar="FILE",
        help="How to make it again, Markdown for its card.",
        exists=True,
        dir_okay=False,
    ),
]


def date_of(created: str | None) -> str:
    """The date that was given, or today's (UTC)."""
    return created or dt.datetime.now(dt.UTC).date().isoformat()


def text_of(commands: Path | None) -> str:
    """The Markdown that was given; empty where there is none."""
    return "" if commands is None else commands.read_text("utf-8").strip()


def tell(new: Path, made: Bundle) -> None:
    """Say on standard error what was written."""
    typer.echo(f"{new}: {made.manifest.identity}, SHA-256 of bundle.json {made.digest}", err=True)
