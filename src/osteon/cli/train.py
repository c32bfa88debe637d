"""``osteon train``: from a recipe and a dataset to a run."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.options import Cache, Quiet, RecipeName
from osteon.cli.processes import Devices, Nodes, together

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon train fracatlas --data FracAtlas --out runs/fracatlas

  osteon train fracatlas --data FracAtlas --out runs/fracatlas --resume

  osteon train fracatlas --dataset coco --data mydata --split-file split.json --budget small --out runs/mine

  osteon train fracatlas --data FracAtlas --out runs/fracatlas --devices 4

  torchrun --nproc-per-node 4 -m osteon.cli train fracatlas --data FracAtlas --out runs/fracatlas

  osteon train fracatlas/detector --data FracAtlas --out runs/detector --start runs/fracatlas

  osteon train fracatlas --data FracAtlas --folds 5 --out runs/folds

  osteon train mobilenet_elbow --data elbow --out runs/elbow --set optimizer.lr=3e-4 --seed 1
"""


if TYPE_CHECKING:
    from osteon.evaluation.report.result import Evaluation


class TrainBudget(StrEnum):
    """How much is trained."""

    TRIAL = "trial"
    SMALL = "small"
    FULL = "full"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train", epilog=EXAMPLES)(train)


def train(
    recipe: RecipeName,
    data: Annotated[Path, typer.Option(help="Folder of the dataset.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="Folder of the run; it is made.", file_okay=False)],
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="Format of --data: coco, yolo, voc, folder, listed, dicom ... Default: the recipe's dataset.",
        ),
    ] = None,
    split_file: Annotated[
        Path | None,
        typer.Option(
            metavar="JSON",
            help="A split made by osteon data split. Default: the dataset's own, or one by the recipe's rule.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    budget: Annotated[
        TrainBudget,
        typer.Option(
            help="trial: a minute, to see whether data, labels and split fit; small: small images and few epochs, minutes on "
            "two CPUs; full: the recipe's numbers."
        ),
    ] = TrainBudget.FULL,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Override a recipe field; may be repeated. A list has commas between: task.labels=fracture,implant.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed. Default: the recipe's first.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run that is there.")] = False,
    cache: Cache = None,
    threads: Annotated[int | None, typer.Option(min=1, help="PyTorch threads of each process.")] = None,
    devices: Devices = None,
    nodes: Nodes = None,
    start: Annotated[
        Path | None,
        typer.Option(help="Weights of a backbone (safetensors), or a finished run, to start from.", exists=True),
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Out-of-fold predictions to learn from besides labels; see loss.teacher and sampling.hard_share.",
            exists=True,
        ),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=3,
            max=20,
            help="Cross-validate: train so many networks, each without one fold, and measure all images out of fold.",
        ),
    ] = None,
    folds_of: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Take the folds of this cross-validation, to be compared with it.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Train a recipe on a dataset. Interrupted at any time, it continues with --resume as if nothing had happened."""
    from osteon.cli.learning import restart_with_allocator, trainer_options, with_learning

    restart_with_allocator()

    with with_learning():
        from osteon.core.snapshot import SNAPSHOT_FILE
        from osteon.data.datasets import find as find_dataset
        from osteon.data.snapshots.write import training_settings
        from osteon.learning.recipes import find
        from osteon.learning.recipes.own import budget_settings
        from osteon.learning.runs.overrides import apply

        given = [f"dataset={dataset}"] if dataset else []
        if not dataset and (data / SNAPSHOT_FILE).is_file():
            given = training_settings(data, find(recipe).split.group)
        if budget is not TrainBudget.FULL:
            given += budget_settings(find(recipe), budget)
        given += settings or []
        chosen = apply(find(recipe), given)
        find_dataset(chosen.dataset)  # refused before any process is started
        if folds is not None or folds_of is not None:
            _alone(devices, nodes, split_file, teacher)
            from osteon.learning.folds.run import CrossValidation, cross_validate

            work = CrossValidation(chosen, given, seed, data, out, _count(folds, folds_of), start, folds_of)
            command = " ".join(["osteon", *sys.argv[1:]])
            measured = cross_validate(
                work, trainer_options(cache, threads, quiet=quiet), resume=resume, command=command
            )
            _show_folds(measured, out)
            return
        with together(devices, nodes) as here:
            from osteon.learning.compute.distributed import in_turn
            from osteon.learning.runs.begin import begin
            from osteon.learning.train import train as run_training

            # The first process makes the run, the others find it.
            run = in_turn(
                lambda: begin(
                    chosen,
                    given,
                    seed,
                    data,
                    out,
                    resume=resume or not here.first,
                    start=start,
                    split=split_file,
                    teacher=teacher,
                )
            )
            run = run_training(run, trainer_options(cache, threads, quiet=quiet or not here.first))
        if not here.first:
            return
        for phase in run.recipe.phases:
            done = run.phase_done(phase.name) or {}
            figures = ", ".join(
                f"{name} {'undefined' if value is None else format(value, '.4g')}" for name, value in done.items()
            )
            typer.echo(f"{phase.name}: {figures}", err=True)
        typer.echo(f"The run is done: {out}. Export it as a bundle: osteon export {out} NAME.osteon", err=True)


def _count(folds: int | None, folds_of: Path | None) -> int:
    """How many folds: as told, or as the other cross-validation has."""
    if folds is not None or folds_of is None:
        return folds or 0
    return len(list((folds_of / "folds").glob("[0-9]*.json")))


def _alone(devices: int | None, nodes: int | None, split_file: Path | None, teacher: Path | None) -> None:
    """Refuse options that cross-validation does not go with."""
    if split_file is not None:
        raise typer.BadParameter("--folds divides the data itself: it does not go with --split-file.")
    if teacher is not None:
        # Its networks learnt from the fold's own test images: what they pass on would be measured as skill.
        raise typer.BadParameter(
            "--folds does not go with --teacher, whose networks learnt from the images of each fold."
        )
    if (devices or 1) > 1 or (nodes or 1) > 1:
        raise typer.BadParameter("--folds trains in one process: start it on each machine for a recipe of its own.")


SHOWN: Final = (
    "classification.auroc",
    "classification.average_precision",
    "classification.specificity_98.sensitivity",
    "calibration.ece",
    "detection.froc",
    "detection.map50",
)
"""Out-of-fold figures that are printed; ``figures.json`` has them all."""


def _show_folds(measured: Evaluation, out: Path) -> None:
    """Print the figures of a cross-validation."""
    from osteon.html.numbers import between, number

    for name in SHOWN:
        if (figure := measured.figures.get(name)) is not None:
            typer.echo(f"{name}: {number(figure.value)} ({between(figure)})", err=True)
    typer.echo(f"Out of fold: {out / 'report.html'}. Two of them: osteon compare {out} OTHER", err=True)
