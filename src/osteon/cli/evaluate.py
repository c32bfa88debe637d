"""``osteon evaluate``: a bundle, or a file of predictions, to figures with intervals and a report."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from osteon.bundle.archive import Bundle
    from osteon.bundle.manifest import OperatingPoint
    from osteon.data.table import Table
    from osteon.evaluation.measure import Settings
    from osteon.evaluation.result import Evaluation, Story

EXAMPLES = """
[bold]Examples[/bold]

  osteon evaluate fracatlas --data fracatlas --root FracAtlas --out evaluation

  osteon evaluate mine.osteon --data cases.parquet --root images --split all --out evaluation

  osteon evaluate test.csv --validation validation.csv --out evaluation

A bundle is run by the reader that reads in the clinic. A file of predictions has the columns image, label, probability
and, if known, study and cluster (patient); thresholds for it are chosen on the validation predictions.
"""

TABLES = (".csv", ".parquet", ".pq")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", epilog=EXAMPLES)(evaluate)


def evaluate(
    system: Annotated[str, typer.Argument(metavar="BUNDLE|PREDICTIONS", help="Bundle, or file of predictions.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where report and figures go.")],
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
        Path | None, typer.Option("--validation", metavar="PREDICTIONS", help="Predictions that fix the thresholds.")
    ] = None,
    label: Annotated[str, typer.Option("--label", help="Label of the table that makes a case positive.")] = "fracture",
    resamples: Annotated[int, typer.Option("--resamples", min=100, help="Of the bootstrap.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Studies read at the same time.")] = 1,
) -> None:
    """Measure a bundle or a file of predictions: figures with intervals, plots, report."""
    from importlib.util import find_spec

    from osteon.core.errors import OsteonError

    missing = [name for name in ("matplotlib", "polars") if find_spec(name) is None]
    if missing:
        raise OsteonError(f"this needs {', '.join(missing)}", hint="Install it with: pip install 'osteon[evaluate]'")
    from osteon.evaluation.measure import Settings
    from osteon.evaluation.result import write_evaluation

    settings = Settings(resamples=resamples, seed=seed)
    command = " ".join(["osteon", *sys.argv[1:]])
    if Path(system).suffix.lower() in TABLES:
        evaluation, story = _of_predictions(Path(system), validation, settings, command)
    elif data is None:
        raise typer.BadParameter("a bundle is evaluated on cases: name them with --data.")
    else:
        from osteon.bundle.archive import open_bundle

        bundle = open_bundle(system)
        table, folder = _cases(data, root, bundle)
        part = table if split == "all" else _part(table, split, split_file, bundle)
        evaluation, story = _of_bundle(bundle, part, folder, label, split, jobs, settings, command)
    write_evaluation(evaluation, story, out)
    _show(evaluation, out)


def _of_predictions(path: Path, validation: Path | None, settings: Settings, command: str) -> tuple[Evaluation, Story]:
    """Evaluate the predictions of another system."""
    from osteon.evaluation.predictions import read_predictions
    from osteon.evaluation.result import evaluate as measure
    from osteon.evaluation.run import points_from, predictions_story

    points: dict[str, OperatingPoint] = {} if validation is None else points_from(read_predictions(validation))
    evaluation = measure(read_predictions(path), points, settings=settings)
    return evaluation, predictions_story(path.name, evaluation, command=command)


def _of_bundle(
    bundle: Bundle, table: Table, root: Path, label: str, part: str, jobs: int, settings: Settings, command: str
) -> tuple[Evaluation, Story]:
    """Evaluate a bundle."""
    from osteon.evaluation.run import bundle_story, evaluate_table

    evaluation = evaluate_table(bundle, table, root, label, jobs=jobs, track=_track, settings=settings)
    words = "all of it" if part == "all" else f"part {part!r} of its split"
    return evaluation, bundle_story(bundle, table, root, evaluation, part=words, command=command)


def _cases(data: str, root: Path | None, bundle: Bundle) -> tuple[Table, Path]:
    """The table that ``--data`` names, and the folder of its images."""
    from osteon.data.datasets import DATASETS, read
    from osteon.data.duplicates import with_clusters
    from osteon.data.table import load

    path = Path(data)
    if path.suffix.lower() in (".parquet", ".pq"):
        return load(path), root or path.parent
    names = [one.card.name for one in DATASETS]
    if data in names:
        if root is None:
            raise typer.BadParameter(f"--data {data} needs the folder of the dataset: name it with --root.")
        name, folder = data, root
    elif path.is_dir():
        titles = {one.card.title: one.card.name for one in DATASETS}
        known = [titles[trained.name] for trained in bundle.manifest.training_data if trained.name in titles]
        name, folder = (known or ["folder"])[0], path
    else:
        raise typer.BadParameter(
            f"--data {data}: neither a dataset ({', '.join(names)}), a folder, nor a .parquet table."
        )
    return with_clusters(read(name, folder), folder), folder


def _part(table: Table, name: str, split_file: Path | None, bundle: Bundle) -> Table:
    """One part of the table, by the split that was named or by the bundle's own."""
    import tempfile

    from osteon.core.errors import DataError
    from osteon.data.split import load_split

    if split_file is not None:
        return load_split(split_file).part(name, table)
    own = bundle.parts.get("split.json")
    if own is None:
        raise DataError(
            "the bundle carries no split",
            hint="Name one with --split-file, or evaluate every case with --split all.",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "split.json"
        path.write_bytes(own)
        return load_split(path).part(name, table)


def _track(things: Iterable[Any], what: str, count: int) -> Iterable[Any]:
    """Show progress on standard error."""
    from rich.console import Console
    from rich.progress import track

    return track(things, what, count, console=Console(stderr=True), transient=True)


def _show(evaluation: Evaluation, out: Path) -> None:
    """Print the headline as a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Printed

    printed = Printed(box=box.SIMPLE_HEAD, pad_edge=False)
    printed.add_column("figure")
    for column in ("value", "95 % interval", "n"):
        printed.add_column(column, justify="right")
    for name, figure in evaluation.headline.items():
        printed.add_row(name, f"{figure.value:.3f}", f"{figure.low:.3f} to {figure.high:.3f}", f"{figure.n:,}")
    console = Console()
    console.print(printed)
    console.print(f"Report: {out / 'report.html'}", soft_wrap=True)
