"""``osteon data phantom``: simulated radiographs with ground truth, in the layout of a published dataset."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """
[bold]Examples[/bold]

  osteon data phantom forearm --n 100 --seed 1 --as pediurf phantoms/forearm

  osteon data phantom spine --n 50 --as spinexr --size 1024 phantoms/spine

  osteon data phantom hand --n 2000 --size 256 phantoms/hand --preview hands.png

  osteon data phantom elbow --preview elbows.png    (preview only)

Without --as a forearm is written as pediurf, a hand as fracatlas, an elbow as elbow, a spine as spinexr.
"""


class Kind(StrEnum):
    """Simulated body region."""

    FOREARM = "forearm"
    ELBOW = "elbow"
    SPINE = "spine"
    HAND = "hand"


class LayoutName(StrEnum):
    """Dataset layout."""

    PEDIURF = "pediurf"
    FRACATLAS = "fracatlas"
    SPINEXR = "spinexr"
    ELBOW = "elbow"


USUAL: dict[Kind, LayoutName] = {
    Kind.FOREARM: LayoutName.PEDIURF,
    Kind.ELBOW: LayoutName.ELBOW,
    Kind.SPINE: LayoutName.SPINEXR,
    Kind.HAND: LayoutName.FRACATLAS,
}
"""Default layout of each kind."""


def register(group: typer.Typer) -> None:
    """Add the command to a group (``osteon data``)."""
    group.command("phantom", epilog=EXAMPLES)(phantom)


def phantom(
    kind: Annotated[Kind, typer.Argument(help="What to simulate.")],
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="A new or empty folder; may be left out with --preview.")
    ] = None,
    layout: Annotated[LayoutName | None, typer.Option("--as", help="Layout of a published dataset.")] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Cases; pediurf and spinexr have two images of each.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Random seed; the same seed writes the same bytes.")] = 1,
    size: Annotated[int, typer.Option("--size", min=64, help="Longer edge of the images, in pixels.")] = 512,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Number of processes.")] = 2,
    coupled: Annotated[
        bool,
        typer.Option(
            "--coupled", help="Make casts and metal more frequent with fractures, as in practice: a shortcut."
        ),
    ] = False,
    preview: Annotated[
        Path | None, typer.Option("--preview", metavar="FILE", help="Write a contact sheet of the first images, PNG.")
    ] = None,
) -> None:
    """Simulate radiographs from three-dimensional anatomy, with boxes, masks and truth.

    They contain no patient: use them to try a recipe, a bundle or a report before real data are available.
    """
    import sys

    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from osteon.phantom.layouts import write

    if out is None and preview is None:
        raise typer.BadParameter("give a folder OUT, or --preview FILE, or both", param_hint="OUT")
    name = str(layout or USUAL[kind])
    if out is not None:
        columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(f"{kind} as {name}", total=n)

            def report(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            write(str(kind), name, n, seed, out, size=size, workers=workers, coupled=coupled, progress=report)
        sys.stderr.write(f"{n} cases in {out}\n")
    if preview is not None:
        _write_preview(str(kind), name, n, seed, coupled, preview)
        sys.stderr.write(f"contact sheet: {preview}\n")


def _write_preview(kind: str, layout: str, n: int, seed: int, coupled: bool, path: Path) -> None:
    """Write a contact sheet of the first images."""
    import cv2

    from osteon.core.errors import DataError
    from osteon.phantom.layouts.write import jobs_of
    from osteon.phantom.sheet import contact_sheet, of_jobs

    sheet = contact_sheet(of_jobs(jobs_of(kind, layout, n, seed, coupled=coupled)))
    encoded, data = cv2.imencode(".png", sheet)
    if not encoded:
        raise DataError("the contact sheet could not be encoded as PNG")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.tobytes())
