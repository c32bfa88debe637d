"""The reading room whose annotation projects a command asks for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from osteon.clinic.annotation.client import Annotation

Server = Annotated[
    str, typer.Option("--server", envvar="OSTEON_SERVER", metavar="URL", help="Address of the reading room.")
]
Key = Annotated[
    str, typer.Option("--key", envvar="OSTEON_KEY", help="API key of an administrator.", show_default=False)
]
Project = Annotated[str, typer.Argument(help="Name or identifier of the project.")]
HERE: Final = "http://127.0.0.1:8042"


@contextmanager
def projects_of(server: str, key: str) -> Generator[Annotation]:
    """Annotation projects of a reading room.

    Raises:
        OsteonError: the extra ``serve`` is not installed.
    """
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.annotation.client import Annotation
    from osteon.clinic.client import Client

    with Client(server, key) as room:
        yield Annotation(room)
