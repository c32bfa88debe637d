"""``osteon read``: radiographs to readings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperOption

from osteon.core.labels import BodyPart

PARQUET: Final = "parquet"
"""The format that is a table of any number of images, see ``osteon.cli.read_table``."""

EXAMPLES = """
[bold]Examples[/bold]

  osteon read hand.dcm

  osteon read radiographs/ --out readings --jobs 2

  osteon read study1/ study2/ --json > readings.jsonl

  osteon read archive/ shards/0001.tar s3://bucket/images --out readings --format parquet --jobs 2

Exit code: 0 all read (an abstention is a reading), 1 some failed, 2 wrong usage.
"""


class ReadCommand(TyperCommand):
    """The command, whose help names the output formats; they are imported for that alone."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        from osteon.outputs import FORMATS

        for parameter in self.params:
            if parameter.name == "formats" and isinstance(parameter, TyperOption):
                names = ", ".join([*(form.name for form in FORMATS), PARQUET])
                parameter.help = f"Output format: {names}. May be repeated. Default: overlay."
        super().format_help(ctx, formatter)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("read", cls=ReadCommand, epilog=EXAMPLES)(read)


def read(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Files, folders, DICOM studies; with --format parquet also zip and tar files and URLs.",
        ),
    ],
    bundle: Annotated[
        str, typer.Option("--bundle", "-b", metavar="NAME|FILE", help="The bundle that reads.")
    ] = "fracatlas",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where to write overlays and other formats.")
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", metavar="NAME", help="Output format; may be repeated. Default: overlay."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, and nothing else on stdout.")
    ] = False,
    body_part: Annotated[
        BodyPart | None,
        typer.Option("--body-part", metavar="PART", help="Body part shown, where files do not state it, e.g. hand."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Studies read at the same time.")] = 1,
    threads: Annotated[
        int | None,
        typer.Option("--threads", min=1, help="Threads for one image. Default: one for each job, or up to 4."),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="With --format parquet: read on the Ray cluster at this address; local starts one on this machine.",
        ),
    ] = None,
) -> None:
    """Read bone radiographs: a probability, a call, and where it was seen."""
    from osteon.bundle.archive import open_bundle
    from osteon.cli.report import Report
    from osteon.cli.write_outputs import OutputWriter, choose_formats
    from osteon.inference.engine import InferenceEngine
    from osteon.inference.results import bundle_info
    from osteon.inference.stream import read_studies
    from osteon.inference.studies import discover

    if formats and out is None:
        raise typer.BadParameter("--format says what --out gets: name a folder with --out.")
    if formats and out is not None and PARQUET in formats:
        if len(formats) > 1 or as_json:
            raise typer.BadParameter("--format parquet makes a table, and nothing beside it.")
        from osteon.cli.read_table import read_to_parquet

        whole = read_to_parquet(sources, out, bundle, body_part, jobs=jobs, threads=threads, ray=ray)
        raise typer.Exit(0 if whole else 1)
    if ray is not None:
        raise typer.BadParameter("--ray reads to a table: add --out DIR --format parquet.")
    chosen = () if out is None else choose_formats(formats or [])
    paths = [Path(source) for source in sources]
    opened = open_bundle(bundle)
    engine = InferenceEngine(opened, threads if threads is not None or jobs == 1 else 1)
    found = discover(paths, engine.manifest.views)
    if not found.studies and not found.failures:
        raise typer.BadParameter(f"there is no radiograph among {found.skipped} files at {', '.join(map(str, paths))}.")
    studies = [study.showing(body_part) for study in found.studies]
    # Who names the files has them: a format that repeats their identifiers tells nothing new.
    writer = OutputWriter(out, chosen, studies, bundle_info(opened), identity=True)
    with Report(found, as_json=as_json) as report:
        for outcome in read_studies(engine, studies, jobs, writer.write):
            if outcome.reading is not None:
                writer.append(outcome.reading, outcome.study)
            report.add(outcome)
    raise typer.Exit(1 if report.failed else 0)
