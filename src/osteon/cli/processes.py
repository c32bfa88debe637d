"""``--devices`` and ``--nodes``: a command that runs in several processes at once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.learning.compute.distributed import Place

Devices = Annotated[
    int | None,
    typer.Option(min=1, help="Number of training processes per machine, one for each GPU. Default: 1."),
]
Nodes = Annotated[
    int | None,
    typer.Option(min=1, help="Number of machines; the same command is started on each. Default: 1."),
]


@contextmanager
def together(devices: int | None, nodes: int | None) -> Generator[Place]:
    """Run the rest of the command in as many processes as are asked for, or as a launcher like torchrun has started.

    The process in which the command was typed only starts the others and ends with their exit code.
    """
    from osteon.learning.compute.distributed import joined, launch, launched

    if (devices or 1) * (nodes or 1) > 1 and not launched():
        raise typer.Exit(launch(devices or 1, nodes or 1, sys.argv[1:]))
    with joined(devices, nodes) as here:
        if not here.first:
            # What the first process warns of need not be said again.
            logging.getLogger("osteon").setLevel(logging.ERROR)
        yield here
