"""The inputs of ``osteon evaluate``: cases, their part of the split, system, validation predictions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer

from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.errors import DataError
from osteon.data.datasets import DATASETS, find, read
from osteon.data.files.names import as_path
from osteon.data.splits.grouping import grouped
from osteon.data.splits.leakage import GROUPS
from osteon.data.splits.record import Split, load_split
from osteon.data.splits.split import official_split
from osteon.data.table.table import Table, load
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.html.section import Analysis
from osteon.evaluation.inference.joining import join_predictions
from osteon.evaluation.inference.run_reader import read_table
from osteon.evaluation.predictions.detections import is_detections
from osteon.evaluation.predictions.predictions import Predictions, read_predictions
from osteon.evaluation.report.context import ReportContext, bundle_context, predictions_context
from osteon.evaluation.report.ledger import TestPart, identify
from osteon.evaluation.report.looks import NOT_ENTERED, split_of
from osteon.evaluation.report.result import Evaluation
from osteon.evaluation.report.run import evaluate_detections, evaluate_predictions, evaluate_table, points_from

FILES: Final = (".csv", ".parquet", ".pq", ".json")
"""Suffixes of files of predictions and detections."""


@dataclass(frozen=True)
class Request:
    """The options of the command, by their names."""

    data: str | None
    root: Path | None
    split: str
    split_file: Path | None
    validation: Path | None
    read_validation: bool
    label: str
    ids: Path | None
    targets: tuple[float, float]
    explain: bool
    robustness: bool
    explain_images: int
    jobs: int
    cache: Path | None
    settings: Settings
    command: str
    group: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The part of the data in words."""
        return "all of it" if self.split == "all" else f"part {self.split!r} of its split"

    def analyses(self) -> list[Analysis]:
        """The additional analyses."""
        from osteon.evaluation.abstention.abstention import Abstention

        found: list[Analysis] = [Abstention()]
        if self.explain:
            from osteon.evaluation.explanation.explanation import Explanation

            found.append(Explanation(images=self.explain_images, jobs=self.jobs))
        if self.robustness:
            from osteon.evaluation.robustness.robustness import Robustness

            found.append(Robustness(jobs=self.jobs))
        return found


def opened(system: str, request: Request) -> Bundle:
    """A bundle by name or path, or one exported from a run.

    Raises:
        BundleError: there is no such bundle.
        DataError: the run is not finished.
    """
    folder = Path(system)
    if not (folder / "run.json").is_file():
        return open_bundle(system)
    from osteon.cli.learning import cache_folder, track, with_learning

    with with_learning():
        from osteon.learning.bundling.options import ExportOptions, Naming
        from osteon.learning.export_run import export_run
        from osteon.learning.runs.run import open_run

        run = open_run(folder)
        name = "".join(letter if letter.isalnum() else "-" for letter in folder.resolve().name.lower()).strip("-")
        # The run records the folder of its dataset; if it no longer exists, the folder of the cases is used.
        moved = None if Path(run.data).is_dir() else request.root or Path(request.data or "")
        naming = Naming(name or "run", "0.0.0", "unreleased", f"osteon export RUN {name or 'run'}.osteon")
        with tempfile.TemporaryDirectory() as folder_name:
            file = Path(folder_name) / f"{naming.name}.osteon"
            options = ExportOptions(naming, cache_folder(request.cache), track(quiet=False), moved, look=NOT_ENTERED)
            return export_run(run, file, options)


def of_bundle(bundle: Bundle, request: Request) -> tuple[Evaluation, ReportContext]:
    """Evaluate a bundle on the cases that were named."""
    table, root = cases(request, bundle)
    part = _part(table, request.split, request.split_file, bundle)
    evaluation = evaluate_table(
        bundle,
        part,
        root,
        request.label,
        validation=_validation(bundle, table, root, request),
        analyses=request.analyses(),
        jobs=request.jobs,
        track=show,
        settings=request.settings,
        look=NOT_ENTERED,  # the command does, with what the report says of it
    )
    return evaluation, bundle_context(bundle, part, root, evaluation, part=request.part, command=request.command)


def _validation(bundle: Bundle, table: Table, root: Path, request: Request) -> Predictions | None:
    """Predictions of the validation part: from a file, or read now."""
    if request.validation is not None:
        return read_predictions(request.validation)
    if not request.read_validation:
        return None
    part = _part(table, "val", None, bundle)
    return read_table(bundle, part, root, request.label, jobs=request.jobs, track=show)


def of_file(path: Path, request: Request) -> tuple[Evaluation, ReportContext]:
    """Evaluate predictions or detections of another system."""
    if is_detections(path):
        return _of_detections(path, request)
    validation = None if request.validation is None else read_predictions(request.validation)
    sensitivity, specificity = request.targets
    points = {}
    if validation is not None and (validation.labelled & validation.read).any():
        points = points_from(validation, sensitivity=sensitivity, specificity=specificity)
    if request.data is None:
        system_predictions, table, remarks = read_predictions(path), None, []
    else:
        every, _ = cases(request, None)
        table = _part(every, request.split, request.split_file, None)
        system_predictions, outside = join_predictions(path, table, request.label)
        remarks = [f"{outside:,} predictions are of images outside these cases: left out."] if outside else []
    evaluation = evaluate_predictions(system_predictions, points, validation=validation, settings=request.settings)
    return evaluation, predictions_context(
        path.name, evaluation, command=request.command, table=table, part=request.part, remarks=remarks
    )


def _of_detections(path: Path, request: Request) -> tuple[Evaluation, ReportContext]:
    """Evaluate boxes of another system."""
    if request.data is None:
        raise typer.BadParameter("detections are evaluated on cases: name them with --data.")
    every, root = cases(request, None)
    table = _part(every, request.split, request.split_file, None)
    there = root if any(as_path(root, image).is_file() for image in table.images[:20]) else None
    evaluation, outside = evaluate_detections(
        path, table, there, request.label, ids=request.ids, settings=request.settings, look=NOT_ENTERED
    )
    remarks = [f"{outside:,} detections are in images outside these cases: left out."] if outside else []
    remarks += _unmarked(evaluation)
    return evaluation, predictions_context(
        path.name, evaluation, command=request.command, table=table, part=request.part, remarks=remarks
    )


def _unmarked(evaluation: Evaluation) -> list[str]:
    """A remark on labels that were detected but are not annotated in any image."""
    boxes = evaluation.boxes
    if boxes is None:
        return []
    alone = [name for label, name in enumerate(boxes.names) if not (boxes.truth.label == label).any()]
    return (
        [f"No image is annotated with {', '.join(alone)}: detections of it cannot hit, and have no precision."]
        if alone
        else []
    )


def evaluated_part(evaluation: Evaluation, request: Request) -> TestPart:
    """The cases that were evaluated, as the ledger tells them apart."""
    images = [str(image) for image in evaluation.predictions.image]
    if request.data is None:
        return identify("predictions", "", images, None)
    path = Path(request.data)
    folder = path.parent if path.suffix.lower() in (".parquet", ".pq") else path
    return identify(path.stem, request.split, images, request.root or folder)


def cases(request: Request, bundle: Bundle | None) -> tuple[Table, Path]:
    """The table that ``--data`` names, and the folder of its images."""
    data, root = request.data or "", request.root
    path = Path(data)
    if path.suffix.lower() in (".parquet", ".pq"):
        return load(path), root or path.parent
    names = [dataset.card.name for dataset in DATASETS]
    if data in names:
        if root is None:
            raise typer.BadParameter(f"--data {data} needs the folder of the dataset: name it with --root.")
        name, folder = data, root
    elif path.is_dir():
        titles = {dataset.card.title: dataset.card.name for dataset in DATASETS}
        trained = bundle.manifest.training_data if bundle is not None else ()
        known = [titles[source.name] for source in trained if source.name in titles]
        name, folder = (known or ["folder"])[0], path
    else:
        raise typer.BadParameter(
            f"--data {data}: neither a dataset ({', '.join(names)}), a folder, nor a .parquet table."
        )
    return with_groups(read(name, folder), folder, request.group), folder


def with_groups(table: Table, root: Path, chosen: Sequence[str] = ()) -> Table:
    """The table with the groups that intervals keep together.

    Patients and studies are kept together wherever they are named. Computed are near duplicates, and what the dataset's
    card keeps together besides: of FracAtlas runs of image numbers. Look-alikes take a pass of the shipped network over
    all images, and are searched for where they are asked for.

    Args:
        table: cases below ``root``.
        root: folder of the dataset.
        chosen: groups in place of those of the card.

    Raises:
        DataError: there is no such group, or it cannot be computed.
    """
    if strange := [name for name in chosen if name not in GROUPS]:
        raise DataError("no such group", expected=", ".join(GROUPS), got=strange[0])
    card = find(table.dataset).card
    columns = tuple(chosen) or ("cluster", *(name for name in card.together if name == "run"))
    embed = None
    if "lookalike" in columns:
        from osteon.bundle.catalogue import DEFAULT
        from osteon.inference.networks.features import FeatureExtractor

        embed = FeatureExtractor(open_bundle(DEFAULT))
    found = grouped(table, root, columns, embed=embed)
    for sentence in found.missing:
        typer.echo(sentence, err=True)
    return found.table


def _part(table: Table, name: str, split_file: Path | None, bundle: Bundle | None) -> Table:
    """One part of the table: by the split that was named, the bundle's own, or the dataset's official one."""
    if name == "all":
        return table
    return _split(table, split_file, bundle).part(name, table)


def _split(table: Table, split_file: Path | None, bundle: Bundle | None) -> Split:
    if split_file is not None:
        return load_split(split_file)
    own = None if bundle is None else split_of(bundle)
    if own is not None:
        return own
    if table.frame["split"].null_count() < len(table):
        return official_split(table)
    raise DataError(
        "it is not stated which cases are the test part",
        hint="Name a split with --split-file, or evaluate every case with --split all.",
    )


def show(items: Iterable[Any], description: str, count: int) -> Iterable[Any]:
    """Show progress on standard error."""
    from rich.console import Console
    from rich.progress import track

    return track(items, description, count, console=Console(stderr=True), transient=True)
