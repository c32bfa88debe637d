"""``osteon annotate add``, ``add-data``, ``add-pacs`` and ``screen``: which studies are in a project."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.annotate_room import HERE, Project, projects_of
from osteon.cli.annotate_sources import Cleaning, counted, of_archive, of_dataset
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
    query_of,
)
from osteon.cli.options import Key, Server

if TYPE_CHECKING:
    from osteon.clinic.annotation.client import Annotation
    from osteon.clinic.annotation.filling import Gathered
    from osteon.core.errors import OsteonError

Dataset = Annotated[
    str,
    typer.Option(
        "--dataset",
        metavar="NAME",
        help="Format of the dataset, see `osteon data list`. Default: listed where there is a table (cases.csv), else dicom.",
    ),
]
Deidentify = Annotated[
    bool,
    typer.Option(
        "--deidentify", help="Remove on the way what says who the patient is; age and sex are kept, dates are not."
    ),
]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret",
        metavar="FILE",
        help="Of --deidentify, as `osteon data deidentify` has it: the same gives the same UIDs.",
    ),
]
CleanPixels = Annotated[
    bool, typer.Option("--clean-pixels", help="With --deidentify: blank text that is found in the pixels.")
]
_SHOWN: Final = 500


def add(
    project: Project,
    studies: Annotated[list[str] | None, typer.Argument(help="Identifiers of studies in the reading room.")] = None,
    body_part: Annotated[
        list[str] | None, typer.Option("--body-part", help="All studies of this body part; repeatable.")
    ] = None,
    words: Annotated[str, typer.Option("--words", help="All studies with these in pseudonym or label.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All studies of the reading room.")] = False,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Add studies of the reading room to a project."""
    wanted: dict[str, object] = {"studies": studies, "body_part": body_part, "words": words, "all": everything}
    chosen = {name: value for name, value in wanted.items() if value}
    with projects_of(server, key) as projects:
        done = projects.add_studies(projects.find(project).id, **chosen)
    typer.echo(f"{done.added} added, {done.present} were there, {done.unread} are not read yet or cannot be")
    _tell_to_screen(done.to_screen)


def add_data(
    project: Project,
    data: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of a dataset, or its table (cases.csv).", exists=True)
    ],
    dataset: Dataset = "",
    deidentify: Deidentify = False,
    secret: SecretFile = None,
    clean_pixels: CleanPixels = False,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Send the studies of a dataset to the reading room, and add them to a project once they are read.

    Run again after it was broken off: what is there is neither sent twice into the project nor read twice.
    """
    cleaning = cleaning_of(deidentify, secret, clean_pixels)
    with projects_of(server, key) as projects:
        send(projects, projects.find(project).id, of_dataset(data, dataset, cleaning))


def add_pacs(
    project: Project,
    study: StudyUids = None,
    patient: Patient = "",
    accession: Accession = "",
    date: StudyDate = "",
    modality: Modalities = None,
    peer: PeerName = "",
    way: ByWay = None,
    url: Url = "",
    token: Token = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="The most studies that may match.")] = 500,
    deidentify: Deidentify = False,
    secret: SecretFile = None,
    clean_pixels: CleanPixels = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file with settings of the archives.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any setting; repeatable.")
    ] = None,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Fetch studies from an archive by query (C-FIND and C-GET or C-MOVE, QIDO-RS and WADO-RS), and add them to a project."""
    import tempfile

    from osteon.cli.pacs_pull import source_of
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_pacs

    query = query_of(peer, url, study=study, patient=patient, accession=accession, date=date, modality=modality)
    require_pacs()
    chosen = chosen_settings({}, settings or [], config).dicom
    source = source_of(chosen, peer, way, url, token)
    cleaning = cleaning_of(deidentify, secret, clean_pixels)
    with projects_of(server, key) as projects, tempfile.TemporaryDirectory(prefix="osteon-pacs-") as folder:
        found = projects.find(project).id
        send(projects, found, of_archive(chosen, source, query, limit, Path(folder), cleaning))


def screen(
    project: Project,
    items: Annotated[list[int] | None, typer.Argument(metavar="STUDY...", help="Numbers of studies.")] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE", help="All that wait because of this alone, as blank; repeatable."),
    ] = None,
    out: Annotated[str, typer.Option("--out", metavar="REASON", help="Take them out, for this reason.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep them, or take them back in.")] = False,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """List the studies that the gate and the checks of quality propose to take out; take them out, or keep them.

    Nothing is taken out by itself. Without --out and --keep only the list is shown.
    """
    from osteon.clinic.annotation.screening import suspicion

    if (items or code) and bool(out) == keep:
        raise typer.BadParameter("expected either --out REASON or --keep", param_hint="--out / --keep")
    if (out or keep) and not (items or code):
        raise typer.BadParameter("say which studies", param_hint="STUDY / --code")
    with projects_of(server, key) as projects:
        found = projects.find(project).id
        waiting = list(projects.items(found, to_screen=True))
        if not (items or code):
            for row in waiting[:_SHOWN]:
                for one in row.suspicions:
                    where = "" if one.image is None else f", image {one.image + 1}"
                    said = suspicion(one.model_dump(mode="json"))
                    typer.echo(f"{row.id}{where}: {said.sentence()} [{said.code}]")
            typer.echo(f"{len(waiting)} studies wait for somebody to look at them", err=True)
            return
        wanted = {*(items or ())}
        wanted |= {
            row.id for row in waiting if row.suspicions and {one.code for one in row.suspicions} <= {*(code or ())}
        }
        for number in sorted(wanted):
            projects.screen(found, number, included=keep, reason=out)
    typer.echo(f"{len(wanted)} studies {'kept' if keep else 'taken out'}")


COMMANDS: Final = (add, add_data, add_pacs, screen)
"""In the order in which they are needed."""


def cleaning_of(deidentify: bool, secret: Path | None, clean_pixels: bool) -> Cleaning | None:
    """How files are de-identified; None where they are not.

    Raises:
        typer.BadParameter: options of de-identification without it.
    """
    if not deidentify:
        if secret is not None or clean_pixels:
            raise typer.BadParameter("these belong to --deidentify", param_hint="--secret / --clean-pixels")
        return None
    from osteon.deidentify import Options, Secret

    found = Secret.from_environment() if secret is None else Secret.from_file(secret)
    if found is None:
        sys.stderr.write("no secret: what is sent again will get other UIDs, and be there twice\n")
    options = Options(keep_patient=True, clean_descriptors=True, clean_pixels=clean_pixels)
    return Cleaning(options, found or Secret.throwaway())


def send(projects: Annotation, project: str, studies: Iterable[Gathered | OsteonError]) -> None:
    """Send studies and say what became of them; exit code 1 where something was left out."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("studies sent", total=None)
        done = projects.fill(project, studies, lambda count: bar.update(task, completed=count))
    typer.echo(f"{done.sent} studies sent: {done.added} added, {done.present} were there, {done.unread} cannot be read")
    _tell_to_screen(done.to_screen)
    lines: Sequence[str] = list(counted(done.problems.items()))
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        raise typer.Exit(1)


def _tell_to_screen(count: int) -> None:
    if count:
        typer.echo(f"{count} of them may not belong there: `osteon annotate screen` lists why", err=True)
