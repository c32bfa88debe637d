"""``osteon demo``: the reading room with sample radiographs that are already read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from osteon.clinic.server.context import Context

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon demo

  osteon demo --port 8100 --no-browser

The samples are simulated. With OSTEON_TEST_DATA set to a folder that holds FracAtlas (fracatlas/images) some real radiographs
are shown beside them.
"""

_REAL: Final = 4
"""Real radiographs of each class."""

_SIMULATED: Final = "Simulated sample"
"""Label of the samples in the worklist: nobody must take them for patients."""

_PATIENCE: Final = 60.0
"""Seconds to wait for a sample to be read."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog=EXAMPLES)(demo)


def demo(
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 takes a free one.")] = 8042,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Keep the store here. Default: a temporary folder.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Run a reading room with sample radiographs, without a login, on this machine only."""
    from tempfile import TemporaryDirectory

    from osteon.cli.serving import require_serving

    require_serving()
    if store is not None:
        _run(store, port, browser=browser)
        return
    with TemporaryDirectory(prefix="osteon-demo-", ignore_cleanup_errors=True) as folder:
        _run(Path(folder), port, browser=browser)


def samples() -> list[Path]:
    """The radiographs to show: those that come with Osteon, and real ones where FracAtlas is available.

    Raises:
        OsteonError: the samples are not where they belong.
    """
    import os

    import osteon
    from osteon.core.errors import OsteonError

    package = Path(osteon.__file__).parent
    # A wheel holds them in the package; a clone has them beside its source.
    places = (package / "samples", package.parent.parent / "samples")
    folder = next((place for place in places if place.is_dir()), None)
    if folder is None:
        raise OsteonError("the sample radiographs are missing", hint="Install osteon again.")
    radiographs = sorted(path for path in folder.iterdir() if path.suffix in {".dcm", ".jpg", ".png"})
    data = os.environ.get("OSTEON_TEST_DATA", "")
    for name in ("Fractured", "Non_fractured") if data else ():
        radiographs += sorted((Path(data) / "fracatlas" / "images" / name).glob("*.jpg"))[:_REAL]
    return radiographs


def _run(store: Path, port: int, *, browser: bool) -> None:
    """Read the samples, then answer requests."""
    from threading import Thread

    from osteon.cli.serving import run
    from osteon.clinic.role import Role
    from osteon.clinic.settings import Settings

    radiographs = samples()

    studies: list[str] = []

    def announce(context: Context, address: str) -> None:
        # The server answers meanwhile: this must not hold it up.
        Thread(target=_show, args=(context, studies, address), kwargs={"browser": browser}, daemon=True).start()

    settings = Settings(port=port, store=store, open_access=Role.READER)
    run(settings, announce, before=lambda context: studies.extend(_take_in(context, radiographs)), quiet=True)


def _take_in(context: Context, radiographs: list[Path]) -> list[str]:
    """Queue the radiographs; returns the ids of their studies. Simulated ones are labelled so."""
    from contextlib import ExitStack

    from osteon.clinic.intake import Upload

    studies: list[str] = []
    for simulated in (True, False):
        chosen = [radiograph for radiograph in radiographs if (radiograph.parent.name == "samples") is simulated]
        if not chosen:
            continue
        with ExitStack() as stack:
            uploads = [Upload(radiograph.name, stack.enter_context(radiograph.open("rb"))) for radiograph in chosen]
            taken = context.intake.take(uploads, label=_SIMULATED if simulated else None)
        studies += [arrival.study for arrival in taken.arrivals]
    return studies


def _show(context: Context, studies: list[str], address: str, *, browser: bool) -> None:
    """Once all studies are read, print the address, and open the page if the machine has a screen."""
    import os
    import sys
    import webbrowser

    for study in studies:
        context.worker.waiters.wait(study, _PATIENCE)
    typer.echo(f"The reading room is open at {address} with {len(studies)} studies.")
    typer.echo("Samples are simulated, not patients. Not for diagnosis. Ctrl+C stops the server.")
    screen = sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if browser and screen:
        webbrowser.open(address)
