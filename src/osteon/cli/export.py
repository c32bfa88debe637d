"""``osteon export``: from a run to a bundle."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Final

import typer

from osteon.cli.options import Cache, Quiet

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon export runs/fracatlas fracatlas.osteon --version 1.0.0

  osteon export runs/detector both.osteon --beside fracatlas.osteon

  osteon export runs/detector both.osteon --beside fracatlas.osteon --int8
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export", epilog=EXAMPLES)(export)


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", exists=True, file_okay=False)],
    bundle: Annotated[Path, typer.Argument(help="File to write, NAME.osteon.", dir_okay=False)],
    version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1.0.0",
    licence: Annotated[str, typer.Option(help="Licence of the weights.")] = "Apache-2.0",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the dataset, if it has moved since the training.", exists=True, file_okay=False),
    ] = None,
    cache: Cache = None,
    classifier: Annotated[
        str | None,
        typer.Option("--beside", metavar="BUNDLE", help="Bundle of a classifier to combine with a detector's run."),
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Quantise to INT8: twice as fast, a third of the size.")] = False,
    mirrored: Annotated[
        bool,
        typer.Option(
            "--mirrored", help="Average a classifier's answers for an image and its mirror image: twice the time."
        ),
    ] = False,
    allow_uncalibrated: Annotated[
        bool,
        typer.Option(
            "--allow-uncalibrated",
            help="Also export a network that ranks no better than chance; its probabilities are not calibrated.",
        ),
    ] = False,
    resamples: Annotated[
        int,
        typer.Option(min=100, help="Number of bootstrap resamples, for the intervals of the figures on the test part."),
    ] = 10_000,
    quiet: Quiet = False,
    ledger: Annotated[
        Path | None,
        typer.Option(
            "--ledger",
            metavar="FILE",
            help="Ledger of evaluations: an export measures the test part. Default: as for `osteon evaluate`.",
            envvar="OSTEON_LEDGER",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Export a run as a bundle: network, calibration, operating points, figures on the test part, model card.

    A detector's run becomes a bundle of its own, or with --beside one bundle together with a classifier.
    """
    from osteon.cli.learning import cache_folder, made_folder, restart_with_allocator, track, with_learning
    from osteon.core.errors import BundleError

    restart_with_allocator()

    if bundle.suffix != ".osteon" or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", bundle.stem):
        raise BundleError(
            "the file name of a bundle is the bundle's name",
            expected="lower case letters, digits and hyphens, then .osteon",
            got=bundle.name,
        )
    with with_learning():
        from osteon.bundle.archive import open_bundle
        from osteon.cli.ledger import usable
        from osteon.evaluation.report.looks import Look
        from osteon.learning.bundling.options import ExportOptions, Naming
        from osteon.learning.export_run import export_run
        from osteon.learning.runs.run import open_run

        opened = open_run(run)
        made_folder(bundle.parent)
        settings = "".join(f" --set {shlex.quote(f'{key}={value}')}" for key, value in opened.settings.items())
        command = (
            f"osteon train {opened.recipe.name} --data DIR --split-file parts/split.json --out RUN --seed {opened.seed}"
            f"{settings}\n"
            f"osteon export RUN {bundle.name} --version {version}"
            + (f" --beside {Path(classifier).name}" if classifier else "")
            + (" --int8" if int8 else "")
            + (" --mirrored" if mirrored else "")
            + (" --allow-uncalibrated" if allow_uncalibrated else "")
            + (f" --resamples {resamples}" if resamples != ExportOptions.resamples else "")
        )
        naming = Naming(bundle.stem, version, licence, command)
        options = ExportOptions(
            naming,
            cache_folder(cache),
            track(quiet=quiet),
            data,
            allow_uncalibrated=allow_uncalibrated,
            int8=int8,
            mirrored=mirrored,
            resamples=resamples,
            look=Look(usable(ledger), "export", every=True),
        )
        made = export_run(opened, bundle, options, open_bundle(classifier) if classifier else None)
        typer.echo(
            f"{bundle}: {bundle.stat().st_size / 1e6:.1f} MB, {made.manifest.identity}, SHA-256 {made.digest}", err=True
        )
