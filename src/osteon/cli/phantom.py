"""``osteon data phantom``: simulated radiographs whose truth is known, in the layout of a published dataset."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """
[bold]Examples[/bold]

  osteon data phantom forearm --n 100 --seed 1 --as pediurf phantoms/forearm

  osteon data phantom spine --n 50 --as spinexr --size 1024 phantoms/spine
"""


class Kind(StrEnum):
    """What is simulated."""

    FOREARM = "forearm"
    ELBOW = "elbow"
    SPINE = "spine"
    HAND = "hand"


class LayoutName(StrEnum):
    """How it is written."""

    PEDIURF = "pediurf"
    FRACATLAS = "fracatlas"
    SPINEXR = "spinexr"
    ELBOW = "elbow"


def register(group: typer.Typer) -> None:
    """Add the command to a group (``osteon data``)."""
    group.command("phantom", epilog=EXAMPLES)(phantom)


def phantom(
    kind: Annotated[Kind, typer.Argument(help="What to simulate.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new or empty folder.")],
    layout: Annotated[LayoutName, typer.Option("--as", help="Layout of a published dataset.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Cases; pediurf and spinexr have two pictures of each.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed writes the same bytes.")] = 1,
    size: Annotated[int, typer.Option("--size", min=64, help="Longer edge of the pictures, in pixels.")] = 512,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 2,
) -> None:
    """Simulate radiographs from three-dimensional anatomy, with boxes, masks and truth.

    No patient is in them: they are for trying a recipe, a reader or a report before one has the data.
    """
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from osteon.data.phantom.layouts import write

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{kind} as {layout}", total=n)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        write(kind, layout, n, seed, out, size=size, workers=workers, progress=report)
    sys.stderr.write(f"{n} cases in {out}\n")
