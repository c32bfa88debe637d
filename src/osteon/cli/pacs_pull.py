"""``osteon pacs pull``: studies from another archive, into a folder or into a running reading room."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from osteon.cli.archive_query import (
    Accession,
    ByWay,
    Modalities,
    Patient,
    PeerName,
    StudyDate,
    StudyUids,
    Token,
    Url,
    Way,
    query_of,
)
from osteon.cli.options import Key, Server, ServerConfig, ServerSettings

if TYPE_CHECKING:
    from rich.progress import Progress

    from osteon.clinic.dicom.retrieve.found import FoundStudy
    from osteon.clinic.dicom.retrieve.pull import Outcome
    from osteon.clinic.dicom.retrieve.query import Query
    from osteon.clinic.dicom.settings import Dicom
    from osteon.clinic.dicom.sources import Archive as Source

_POLL: Final = 0.5
_HERE: Final = "http://127.0.0.1:8042"


def pull(
    study: StudyUids = None,
    patient: Patient = "",
    accession: Accession = "",
    date: StudyDate = "",
    modality: Modalities = None,
    peer: PeerName = "",
    way: ByWay = None,
    url: Url = "",
    token: Token = "",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Into this folder; default: into the reading room at --server."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what matches.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="The most studies that may match.")] = 500,
    config: ServerConfig = None,
    settings: ServerSettings = None,
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """Fetch studies from another archive; what is here already is not fetched again. Exit code 1: some could not be had."""
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_pacs

    query = query_of(peer, url, study=study, patient=patient, accession=accession, date=date, modality=modality)
    if folder is None and not dry_run:
        if url or way is not None:
            raise typer.BadParameter(
                "the reading room knows archives by its settings: name one with --peer, or use --out",
                param_hint="--url" if url else "--way",
            )
        raise typer.Exit(_by_room(server, key, peer, query, limit))
    require_pacs()
    chosen = chosen_settings({}, settings or [], config).dicom
    source = source_of(chosen, peer, way, url, token)
    raise typer.Exit(_by_itself(chosen, source, query, limit, None if dry_run else folder))


def source_of(settings: Dicom, peer: str, way: Way | None, url: str, token: str) -> Source:
    """The archive that is meant."""
    from pydantic import ValidationError

    from osteon.clinic.dicom.retrieve.opening import archive_settings
    from osteon.clinic.dicom.sources import Archive as Source
    from osteon.core.errors import OsteonError

    if url:
        try:
            return Source.model_validate({"url": url, "token": token})
        except ValidationError as error:
            raise OsteonError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from error
    found = archive_settings(settings, peer)
    return found if way is None else found.model_copy(update={"way": way.value})


def _by_itself(settings: Dicom, source: Source, query: Query, limit: int, folder: Path | None) -> int:
    """Fetch into a folder, or show what matches; the exit code."""
    from contextlib import ExitStack

    from osteon.clinic.dicom.retrieve.opening import open_archive
    from osteon.clinic.dicom.retrieve.pull import find, missing
    from osteon.clinic.dicom.retrieve.pull import pull as fetch
    from osteon.clinic.dicom.retrieve.sink import FolderSink

    archive = open_archive(settings, source)
    studies = find(archive, query, limit)
    absent = missing(query, studies)
    if folder is None:
        _show(studies)
        for outcome in absent:
            typer.echo(f"{outcome.study}: {outcome.error}", err=True)
        return 1 if absent else 0
    sink = FolderSink(folder, settings.instance_bytes)
    failed = len(absent)
    with ExitStack() as stack:
        stack.callback(sink.close)
        if source.peer and source.way == "move":
            from osteon.clinic.dicom.retrieve.landing import landing

            stack.enter_context(landing(settings, sink))
        progress = stack.enter_context(_progress())
        whole = progress.add_task("studies", total=len(studies))
        images = progress.add_task("images of the study", total=None)

        def told(here: int, total: int) -> None:
            progress.update(images, completed=here, total=total)

        for outcome in absent:
            _tell(outcome)
        for outcome in fetch(archive, sink, studies, told):
            _tell(outcome)
            failed += outcome.error is not None
            progress.advance(whole)
    if not studies and not absent:
        typer.echo("The archive has no study that matches.", err=True)
    return 1 if failed or not studies else 0


def _by_room(server: str, key: str, archive: str, query: Query, limit: int) -> int:
    """Let a running reading room fetch, and follow it to the end; the exit code."""
    from osteon.clinic.client import Client

    body = {
        "archive": archive,
        "studies": query.studies,
        "patient": query.patient,
        "accession": query.accession,
        "dates": query.dates,
        "modalities": query.modalities,
        "limit": limit,
    }
    with Client(server, key=key) as room, _progress() as progress:
        told = room.request("POST", "/pacs/pulls", json=body)
        whole = progress.add_task("studies", total=None)
        images = progress.add_task("images of the study", total=None)
        while told["state"] in ("waiting", "running"):
            time.sleep(_POLL)
            told = room.request("GET", f"/pacs/pulls/{told['id']}")
            progress.update(whole, completed=told["done"], total=told["studies"])
            progress.update(images, completed=told["images_here"], total=told["images"])
    typer.echo(
        f"{told['fetched']} images fetched, {told['known']} were here already, {told['left']} are of kinds that are not read"
    )
    for failure in told["failures"]:
        typer.echo(f"{failure['study']}: {failure['problem']}", err=True)
    if told["problem"]:
        typer.echo(told["problem"], err=True)
    return 0 if told["state"] == "done" and not told["failures"] else 1


def _tell(outcome: Outcome) -> None:
    counts = f"{outcome.fetched} images fetched, {outcome.known} were here already"
    counts += f", {outcome.left} are of kinds that are not read" if outcome.left else ""
    typer.echo(f"{outcome.study}: {counts}")
    if outcome.error is not None:
        typer.echo(f"{outcome.study}: {outcome.error}", err=True)


def _show(studies: Sequence[FoundStudy]) -> None:
    """A table of what matches; who the patients are is not in it."""
    lines = [("study", "date", "modalities", "images", "description")]
    lines += [
        (
            study.uid,
            study.date or "-",
            " ".join(study.modalities) or "-",
            "-" if study.images is None else str(study.images),
            study.description,
        )
        for study in studies
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(5)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    typer.echo(f"{len(studies)} studies match", err=True)


@contextmanager
def _progress() -> Generator[Progress]:
    """Bars on the terminal, if there is one; nothing in a log."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield progress
