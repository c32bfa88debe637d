"""``osteon evaluate``: figures with intervals and a report for a bundle, a run, or predictions or detections in a file."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.ledger import Ledger
from osteon.cli.options import BootstrapSeed, Resamples

if TYPE_CHECKING:
    from osteon.evaluation.report.result import Evaluation

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon evaluate fracatlas --data fracatlas --root FracAtlas --out evaluation

  osteon evaluate runs/fracatlas --data fracatlas --root FracAtlas --out evaluation

  osteon evaluate mine.osteon --data cases.parquet --root images --split all --out evaluation

  osteon evaluate test.csv --validation validation.csv --out evaluation

  osteon evaluate detections.json --data fracatlas --root FracAtlas --split-file split.json --out evaluation

A bundle is run with the deployed inference pipeline; a run is exported first. A file of predictions has the columns
image, label, probability and, if known, study and cluster (patient), or probability_<class> and class; with --data the
labels come from the table. Detections are COCO results. Thresholds are chosen on validation predictions, never here.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", epilog=EXAMPLES)(evaluate)


def evaluate(
    system: Annotated[
        str, typer.Argument(metavar="BUNDLE|RUN|FILE", help="Bundle, run, or file of predictions or detections.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Output folder for report and figures.")],
    data: Annotated[
        str | None, typer.Option("--data", metavar="NAME|DIR|TABLE", help="Dataset, its folder, or a table of cases.")
    ] = None,
    root: Annotated[
        Path | None, typer.Option("--root", metavar="DIR", help="Folder of the images. Default: DIR, or that of TABLE.")
    ] = None,
    split: Annotated[str, typer.Option("--split", metavar="PART", help="Part of the split, or all.")] = "test",
    split_file: Annotated[
        Path | None, typer.Option("--split-file", metavar="JSON", help="The split. Default: the one in the bundle.")
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option("--validation", metavar="FILE", help="Validation predictions for choosing thresholds."),
    ] = None,
    read_validation: Annotated[
        bool, typer.Option("--read-validation", help="Also run on the validation part: Youden's point, calibrations.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Also evaluate the heat maps.")] = False,
    robustness: Annotated[bool, typer.Option("--robustness", help="Also run on corrupted images.")] = False,
    explain_images: Annotated[
        int,
        typer.Option("--explain-images", min=10, metavar="N", help="Maximum number of images perturbed by --explain."),
    ] = 100,
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="GROUP",
            help="cluster, run or lookalike: what intervals keep together besides patients and studies; may be repeated. "
            "Default: near duplicates, and runs of numbers where the dataset's card names them.",
        ),
    ] = None,
    label: Annotated[str, typer.Option("--label", help="Label of the table that makes a case positive.")] = "fracture",
    ids: Annotated[
        Path | None, typer.Option("--ids", metavar="JSON", help="COCO annotations whose ids the detections use.")
    ] = None,
    sensitivity: Annotated[
        float, typer.Option(help="Target sensitivity on --validation, for a file of predictions.")
    ] = 0.95,
    specificity: Annotated[
        float, typer.Option(help="Target specificity on --validation, for a file of predictions.")
    ] = 0.95,
    prevalence: Annotated[
        str, typer.Option("--prevalence", metavar="SHARES", help="Prevalences for predictive values, e.g. 0.02,0.1.")
    ] = "0.02,0.05,0.1,0.2",
    card: Annotated[
        Path | None,
        typer.Option("--card", metavar="FILE", help="Write the model card (.md), or the bundle with it (.osteon)."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder of decoded images, for a run.", envvar="OSTEON_CACHE")
    ] = None,
    resamples: Resamples = 10_000,
    seed: BootstrapSeed = 0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of studies read at the same time.")] = 1,
    figures_only: Annotated[
        bool, typer.Option("--figures-only", help="Write figures and predictions alone, no report and no plots.")
    ] = False,
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help="Why these cases are evaluated, for the ledger.")
    ] = "",
    ledger: Ledger = None,
) -> None:
    """Measure a bundle, a run or a file of predictions: figures with intervals, plots, report."""
    from importlib.util import find_spec

    from osteon.core.errors import OsteonError

    if (Path(system) / "run.json").is_file():
        from osteon.cli.learning import restart_with_allocator

        restart_with_allocator()  # a run is exported first, which needs PyTorch
    missing = [name for name in ("matplotlib", "polars") if find_spec(name) is None]
    if missing:
        raise OsteonError(f"this needs {', '.join(missing)}", hint="Install it with: pip install 'osteon[evaluate]'")
    from osteon.cli.evaluating import FILES, Request, evaluated_part, of_bundle, of_file, opened
    from osteon.cli.learning import made_folder
    from osteon.cli.ledger import described, recorded, usable
    from osteon.evaluation.binary.measure import Settings
    from osteon.evaluation.inference.overlap import sha256_of
    from osteon.evaluation.report.model_card import write_card
    from osteon.evaluation.report.output import write_evaluation

    if not 0 < sensitivity <= 1 or not 0 < specificity <= 1:
        raise typer.BadParameter("--sensitivity and --specificity are shares: above 0, at most 1.")
    made_folder(out)
    book = usable(ledger)
    request = Request(
        data=data,
        root=root,
        split=split,
        split_file=split_file,
        validation=validation,
        read_validation=read_validation,
        label=label,
        group=tuple(group or ()),
        ids=ids,
        targets=(sensitivity, specificity),
        explain=explain,
        robustness=robustness,
        explain_images=explain_images,
        jobs=jobs,
        cache=cache,
        settings=Settings(resamples=resamples, seed=seed, prevalences=_shares(prevalence)),
        command=" ".join(["osteon", *sys.argv[1:]]),
    )
    if Path(system).suffix.lower() in FILES:
        if card is not None:
            raise typer.BadParameter("a file of predictions has no model card: only a bundle has.")
        bundle = None
        evaluation, report_context = of_file(Path(system), request)
    elif data is None:
        raise typer.BadParameter("a bundle is evaluated on cases: name them with --data.")
    else:
        bundle = opened(system, request)
        evaluation, report_context = of_bundle(bundle, request)
        typer.echo(report_context.about["Overlap with training"], err=True)
    # The ledger names the bundle that keeps these figures, where one is written.
    kept = write_card(bundle, evaluation, card) if bundle is not None and card is not None else bundle
    digest = kept.digest if kept is not None else sha256_of(Path(system))
    identity = bundle.manifest.identity if bundle is not None else Path(system).name
    part = evaluated_part(evaluation, request)
    before = recorded(book, part, identity, digest, purpose=purpose, figures=evaluation.headline)
    report_context = replace(described(report_context, before, purpose), part=part)
    write_evaluation(evaluation, report_context, out, page=not figures_only)
    if bundle is not None:
        write_card(bundle, evaluation, out / "MODEL_CARD.md")
    _show(evaluation)
    if figures_only:
        typer.echo(f"Figures: {out / 'figures.json'}")
    else:
        typer.echo(f"Report: {out / 'report.html'}")


def _shares(values: str) -> tuple[float, ...]:
    try:
        shares = tuple(float(word) for word in values.split(",") if word.strip())
    except ValueError as error:
        raise typer.BadParameter(f"--prevalence {values}: expected numbers such as 0.02,0.1") from error
    if any(not 0 < share < 1 for share in shares):
        raise typer.BadParameter(f"--prevalence {values}: expected shares between 0 and 1")
    return shares


def _show(evaluation: Evaluation) -> None:
    """Print the headline as a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Printed

    printed = Printed(box=box.SIMPLE_HEAD, pad_edge=False)
    printed.add_column("figure")
    for column in ("value", "95 % interval", "n"):
        printed.add_column(column, justify="right")
    for name, figure in evaluation.headline.items():
        printed.add_row(name, f"{figure.value:.3f}", figure.between, f"{figure.n:,}")
    Console().print(printed)
