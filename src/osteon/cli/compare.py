"""``osteon compare``: systems on the same cases, with tests, intervals and plots."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli.ledger import Ledger
from osteon.cli.options import AsJson, BootstrapSeed, Resamples

if TYPE_CHECKING:
    from osteon.evaluation.binary.comparison import Comparison
    from osteon.evaluation.compare.compare import Compared

EXAMPLES = """
[bold]Examples[/bold]

  osteon compare evaluation-a evaluation-b --out comparison

  osteon compare ours=runs/a/seed* theirs=theirs.csv --threshold 0.5 --out comparison

  osteon compare a=a0.csv,a1.csv b=b0.csv,b1.csv c=c0.csv,c1.csv --reference a --out comparison

Each system is a folder that `osteon evaluate` wrote, or a table with the columns image, label, probability and, if
known, cluster (patient). Several paths under one name are seeds of one system, and so is a folder of such folders.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", epilog=EXAMPLES)(compare)


def compare(
    systems: Annotated[
        list[str], typer.Argument(metavar="[NAME=]PATH[,PATH]...", help="Systems: evaluations, or predictions.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Output folder for page, figures and plots.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="NAME", help="System to plot against. Default: the first.")
    ] = None,
    common: Annotated[
        bool, typer.Option("--common", help="Compare on the images common to all, and report how many are left out.")
    ] = False,
    threshold: Annotated[
        list[float] | None, typer.Option("--threshold", metavar="P", help="Also compare calls at this probability.")
    ] = None,
    validation: Annotated[
        list[str] | None,
        typer.Option(
            "--validation", metavar="NAME=PATH", help="Validation predictions for choosing a system's thresholds."
        ),
    ] = None,
    blocks: Annotated[
        str | None,
        typer.Option(
            "--blocks", metavar="COLUMN", help="Rank the systems for each value of this column. Default: seeds."
        ),
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option("--pool", metavar="max|mean", help="Compare studies, pooling their images by maximum or mean."),
    ] = None,
    resamples: Resamples = 10_000,
    seed: BootstrapSeed = 0,
    as_json: AsJson = False,
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help="Why these cases are compared, for the ledger.")
    ] = "",
    ledger: Ledger = None,
) -> None:
    """Compare systems on the same cases: paired tests, intervals of differences, plots."""
    from importlib.util import find_spec

    from osteon.core.errors import OsteonError

    missing = [name for name in ("matplotlib", "polars", "scipy") if find_spec(name) is None]
    if missing:
        raise OsteonError(f"this needs {', '.join(missing)}", hint="Install it with: pip install 'osteon[evaluate]'")
    if pool not in (None, "max", "mean"):
        raise typer.BadParameter(f"--pool {pool}: expected max or mean.")
    from osteon.cli.ledger import enter_comparison, usable
    from osteon.evaluation.binary.measure import Settings
    from osteon.evaluation.compare.boxes import boxed_systems, compare_boxes
    from osteon.evaluation.compare.compare import compare as measure
    from osteon.evaluation.compare.files import comparison_record, write_comparison
    from osteon.evaluation.compare.sources import read_systems

    read = read_systems(systems, validation=validation or (), thresholds=threshold or ())
    settings = Settings(resamples=resamples, seed=seed)
    compared = measure(
        read,
        settings,
        reference=reference,
        blocks=blocks,
        common=common,
        pooling="max" if pool == "max" else "mean" if pool == "mean" else None,
    )
    boxes = compare_boxes(boxed_systems(read), settings) if pool is None and not common else ()
    command = " ".join(["osteon", *sys.argv[1:]])
    enter_comparison(compared, usable(ledger), purpose)
    if out is not None:
        title = " and ".join(system.name for system in read) if len(read) == 2 else f"Comparison of {len(read)} systems"
        write_comparison(compared, out, title=title, command=command, boxes=boxes)
    if as_json:
        record = comparison_record(compared, command, boxes)
        typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))
        return
    _show(compared, out, boxes)


def _show(compared: Compared, out: Path | None, boxes: Sequence[Comparison] = ()) -> None:
    """Print the differences, a table for each pair, and the cautions."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from osteon.evaluation.compare.page import box_title, cautions
    from osteon.evaluation.compare.plots import title_of
    from osteon.html.numbers import between, number, p_value

    console = Console()
    cases = compared.aligned.cases
    console.print(f"{len(cases):,} cases, {int((cases.label == 1).sum()):,} positive", highlight=False)
    for first, second in compared.shown:
        printed = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        printed.add_column("", no_wrap=True)
        for column in (first, second, "difference", "95 % interval", "p, Holm"):
            printed.add_column(escape(column), justify="right", no_wrap=column not in (first, second))
        for figure, comparison in compared.between(first, second).items():
            test = comparison.test
            printed.add_row(
                title_of(figure).replace("Expected calibration error", "Calibration error"),
                *(number(value) for value in comparison.values),
                number(comparison.difference.value, signed=True),
                between(comparison.difference, signed=True),
                "–" if test is None else p_value(test.adjusted),
                style="bold" if test is not None and test.adjusted < 0.05 else "",
            )
        console.print(f"{first} minus {second}", style="bold", markup=False, highlight=False)
        console.print(printed)
    for one in boxes:
        console.print(
            f"{one.first} minus {one.second}, {box_title(one.figure)}: {number(one.difference.value, signed=True)} "
            f"({between(one.difference, signed=True)})",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )
    if compared.ranks is not None:
        ranks = compared.ranks
        means = ", ".join(f"{name} {rank:.2f}" for name, rank in zip(ranks.systems, ranks.mean_ranks, strict=True))
        console.print(
            f"Mean ranks over {len(ranks.blocks)} blocks ({ranks.kind}): {means}; critical difference "
            f"{ranks.critical_difference:.2f}; Friedman p {p_value(ranks.p)}",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )
    for line in cautions(compared):
        console.print(f"Note: {line}", soft_wrap=True, markup=False, highlight=False)
    if out is not None:
        console.print(f"Page: {out / 'compare.html'}", soft_wrap=True, markup=False, highlight=False)
