"""``osteon data deidentify``: removal of identifying data from radiographs."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli.options import AsJson
from osteon.cli.spread import Ray, spread

if TYPE_CHECKING:
    from osteon.core.each import Each
    from osteon.deidentify.batch import Outcome
    from osteon.deidentify.options import Options
    from osteon.deidentify.secret import Secret

PIECE = 8
"""Files of one task on a cluster, whose bytes come back here."""

EXAMPLES = """
[bold]Examples[/bold]

  osteon data deidentify archive/ --out clean --secret ~/osteon.secret

  osteon data deidentify archive/ --out clean --secret ~/osteon.secret --keep-patient --dates shift --clean-pixels

  osteon data deidentify archive/ --out images --as jpeg

  osteon data deidentify archive/ --out clean --secret ~/osteon.secret --ray 10.0.0.1:6379

Exit code: 0 all done, 1 some files were refused, 2 wrong usage. Review the flagged files before you share them.
"""


class Form(StrEnum):
    """Output format."""

    DICOM = "dicom"
    JPEG = "jpeg"


class DatesOption(StrEnum):
    """Handling of dates."""

    REMOVE = "remove"
    SHIFT = "shift"
    SHIFT_DAYS = "shift-days"


def register(group: typer.Typer) -> None:
    """Add the command to a group (``osteon data``)."""
    group.command("deidentify", epilog=EXAMPLES)(deidentify)


def deidentify(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="DICOM, JPEG, PNG, TIFF files, or folders.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Output folder; not among the inputs.")],
    secret: Annotated[
        Path | None,
        typer.Option(
            "--secret",
            metavar="FILE",
            help="The secret for UIDs, pseudonyms and dates; created (mode 0600) if it does not exist. Or set "
            "OSTEON_DEIDENTIFY_SECRET. Without either, a temporary one that is not stored.",
        ),
    ] = None,
    form: Annotated[
        Form,
        typer.Option(
            "--as", help="Output format: dicom (every file in its own format) or jpeg (grey JPEGs and patients.csv)."
        ),
    ] = Form.DICOM,
    dates: Annotated[
        DatesOption,
        typer.Option(
            "--dates", help="Remove dates; shift them by a number of days per patient; or shift them and remove times."
        ),
    ] = DatesOption.REMOVE,
    keep_patient: Annotated[bool, typer.Option("--keep-patient", help="Keep age, sex, size, weight.")] = False,
    exact_ages: Annotated[bool, typer.Option("--exact-ages", help="Do not write ages above 89 as 090Y.")] = False,
    keep_uids: Annotated[
        bool, typer.Option("--keep-uids", help="Keep UIDs. They allow re-identification through the archive.")
    ] = False,
    keep_device: Annotated[bool, typer.Option("--keep-device", help="Keep model, station, serial number.")] = False,
    keep_institution: Annotated[bool, typer.Option("--keep-institution", help="Keep the institution.")] = False,
    keep_private: Annotated[
        bool, typer.Option("--keep-private", help="Keep numbers in private blocks that the file declares safe.")
    ] = False,
    clean_descriptors: Annotated[
        bool, typer.Option("--clean-descriptors", help="Keep words of anatomy, view and technique of descriptions.")
    ] = False,
    clean_graphics: Annotated[
        bool, typer.Option("--clean-graphics", help="Keep overlays in which no text is found.")
    ] = False,
    clean_pixels: Annotated[
        bool, typer.Option("--clean-pixels", help="Blank text that is found in the pixels.")
    ] = False,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Write the re-identification table (mode 0600)."),
    ] = None,
    as_json: AsJson = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of files read at the same time.")] = 1,
    ray: Ray = None,
) -> None:
    """De-identify radiographs: DICOM by PS3.15's basic profile, raster images stripped to their pixels.

    What is not known to be safe is removed. Text burned into pixels is searched for and flagged; detection is not complete.
    Messages identify files by their number in the run, and by their path only on a terminal, as paths may contain names.
    """
    from osteon.deidentify.options import Dates, Options
    from osteon.deidentify.paths import check_paths

    check_paths(paths, out, [key for key in (secret, mapping) if key is not None])
    options = Options(
        dates=Dates(dates.value),
        keep_patient=keep_patient or form is Form.JPEG,
        cap_age=not exact_ages,
        keep_uids=keep_uids,
        keep_device=keep_device,
        keep_institution=keep_institution,
        keep_private=keep_private,
        clean_descriptors=clean_descriptors,
        clean_graphics=clean_graphics,
        clean_pixels=clean_pixels,
    )
    paths = paths if ray is None else [path.resolve() for path in paths]
    with spread(ray, jobs, PIECE, paths, out) as each:
        outcomes = _run(paths, out, options, _secret(secret), form, mapping, each)
    if as_json:
        typer.echo(json.dumps(_summary(outcomes, options)))
    else:
        _print(outcomes)
    raise typer.Exit(1 if any(outcome.problem for outcome in outcomes) else 0)


def _secret(path: Path | None) -> Secret:
    import sys

    from osteon.deidentify.secret import Secret

    if path is not None:
        return Secret.from_file(path)
    found = Secret.from_environment()
    if found is None:
        sys.stderr.write("no secret: this run's UIDs and pseudonyms will not match those of another run\n")
    return found or Secret.throwaway()


def _run(
    paths: list[Path], out: Path, options: Options, secret: Secret, form: Form, mapping: Path | None, each: Each
) -> list[Outcome]:
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from osteon.deidentify.batch import run
    from osteon.deidentify.paths import find_sources

    sources = find_sources(paths)
    outcomes: list[Outcome] = []
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("de-identifying", total=len(sources))
        for outcome in run(sources, out, options, secret, form=form.value, mapping=mapping, each=each):
            outcomes.append(outcome)
            bar.advance(task)
    for outcome in outcomes:
        if outcome.problem:
            sys.stderr.write(f"{_name(outcome)}: {outcome.problem}\n")
    return outcomes


def _name(outcome: Outcome) -> str:
    """The number of a file, with its path on a terminal."""
    import sys

    from osteon.core.filenames import printable

    source = outcome.source
    return f"file {source.number} ({printable(source.name)})" if sys.stderr.isatty() else f"file {source.number}"


def _summary(outcomes: list[Outcome], options: Options) -> dict[str, object]:
    """Counts and one entry for each file; nothing that allows re-identification."""
    results: list[dict[str, object]] = []
    for outcome in outcomes:
        entry: dict[str, object] = {"file": outcome.source.number}
        if outcome.cleaned is None:
            entry["error"] = outcome.problem
            if outcome.code is not None:
                entry["code"] = outcome.code.value
        else:
            entry |= {
                "outputs": list(outcome.outputs),
                "flags": [str(flag) for flag in outcome.cleaned.flags],
                "flag_codes": [flag.code.value for flag in outcome.cleaned.flags],
                "blanked": outcome.cleaned.blanked,
            }
            entry["text"] = [[list(box) for box in frame] for frame in outcome.cleaned.text]
        results.append(entry)
    done = [outcome.cleaned for outcome in outcomes if outcome.cleaned is not None]
    return {
        "files": len(outcomes),
        "written": len(done),
        "failed": len(outcomes) - len(done),
        "flagged": sum(bool(cleaned.flags) for cleaned in done),
        "profile": [code for code, _ in options.codes],
        "results": results,
    }


def _print(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.cleaned is not None:
            for flag in outcome.cleaned.flags:
                typer.echo(f"{outcome.outputs[0]}: {flag}")
    done = [outcome.cleaned for outcome in outcomes if outcome.cleaned is not None]
    flagged = sum(bool(cleaned.flags) for cleaned in done)
    typer.echo(
        f"{len(done):,} of {len(outcomes):,} files de-identified, {flagged:,} of them flagged: review these before you "
        "share them"
    )
