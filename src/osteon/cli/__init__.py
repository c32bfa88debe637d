"""The command line.

To add a command, write ``cli/<command>.py`` with a ``register(app)`` and name it in ``COMMANDS``. Only typer and the
standard library are imported at the top of such a module, everything else within the command: that keeps
``osteon --help`` fast.
"""

from __future__ import annotations

import errno
import sys
from typing import Annotated, Final

import typer

from osteon.cli import (
    annotate,
    bench,
    bundle,
    claims,
    compare,
    data,
    demo,
    evaluate,
    export,
    improve,
    models,
    monitor,
    pacs,
    read,
    recipes,
    registry,
    reproduce,
    search,
    serve,
    train,
    worker,
)
from osteon.cli.parser_warnings import silence_parsers
from osteon.core.errors import OsteonError

COMMANDS: Final = (
    read,
    serve,
    worker,
    pacs,
    monitor,
    registry,
    annotate,
    demo,
    bundle,
    data,
    recipes,
    models,
    bench,
    train,
    export,
    improve,
    search,
    reproduce,
    evaluate,
    compare,
    claims,
)

WRONG_USAGE: Final = 2
"""Exit code of a command that could not begin, e.g. because there is no bundle; 1 says that some of its inputs failed."""


def application(command: str = "") -> typer.Typer:
    """The ``osteon`` command with all its subcommands, or with one alone: to build all takes a fifth of a second.

    Args:
        command: the name of the only one that is wanted; all are there where none has this name.
    """
    named = [module for module in COMMANDS if module.__name__.rpartition(".")[2] == command]
    app = typer.Typer(
        name="osteon",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_osteon)
    for module in named or COMMANDS:
        module.register(app)
    return app


def main() -> None:
    """Entry point: run a command and translate errors into exit codes."""
    silence_parsers()
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        application(command)()
    except OsteonError as error:
        sys.stderr.write(f"osteon: {error}\n")
        sys.exit(WRONG_USAGE)
    except OSError as error:
        # A folder that cannot be created, a file that cannot be read or written: for the user to correct, without a traceback.
        sys.stderr.write(f"osteon: {_trouble(error)}\n")
        sys.exit(WRONG_USAGE)


def _trouble(error: OSError) -> str:
    """The error of the system and the file concerned, in one line."""
    reason = error.strerror or type(error).__name__
    named = next((str(name) for name in (error.filename2, error.filename) if name), "")
    text = f"{named}: {reason}" if named else reason
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"{text}. Check the path: every parent must exist and be a folder."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{text}. Free disk space, or write to another disk."
    return text


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"osteon {version('osteon')}")
        raise typer.Exit


def _osteon(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Reads bone radiographs. Not for diagnosis."""
