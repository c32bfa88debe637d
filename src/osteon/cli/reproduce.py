"""``osteon reproduce``: a paper's tables, trained and measured here, beside the paper's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.ledger import Ledger
from osteon.cli.processes import Devices, Nodes, together
from osteon.cli.shipped import NAME as SHIPPED
from osteon.cli.shipped import reproduce_shipped

if TYPE_CHECKING:
    from osteon.learning.compute.distributed import Place
    from osteon.learning.recipe import Budget
    from osteon.learning.reproduce.jobs.queue import FailedRun, RunProgress
    from osteon.learning.reproduce.planning.plan import Work
    from osteon.learning.reproduce.planning.source import Source
    from osteon.learning.reproduce.report.sheet import Sheet

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon reproduce pediurf

  osteon reproduce pediurf --data PediURF --budget full --out pediurf

  osteon reproduce pediurf --data PediURF --only urfnet,resnet34 --seeds 2 --out pediurf

  osteon reproduce pediurf --data PediURF --budget full --out pediurf --devices 4

  osteon reproduce pediurf --data PediURF --budget full --out pediurf --ray 10.0.0.1:6379

  osteon reproduce fracatlas --data FracAtlas --budget full --out shipped

Without --data the cases are phantoms, simulated once into OUT/data; all figures measured on them are marked SYNTHETIC.
Interrupted at any time, the same command continues.
"""


JOBS: Final = min(os.cpu_count() or 1, 2)
"""Two small networks in parallel use two CPUs better than one after the other."""


class BudgetName(StrEnum):
    """How much is run."""

    SMALL = "small"
    FULL = "full"
    TABLE = "table"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reproduce", epilog=EXAMPLES)(reproduce)


def reproduce(
    paper: Annotated[
        str,
        typer.Argument(
            metavar="PAPER",
            help="Name of a paper: the part before the / in [bold]osteon recipes[/bold]; or fracatlas, the shipped bundle.",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the dataset. Default: simulated phantoms.", exists=True, file_okay=False),
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="NAME,NAME...", help="Recipes of the paper to run. Default: those of the budget.")
    ] = "",
    seeds: Annotated[int | None, typer.Option(min=1, help="Number of seeds. Default: that of the budget.")] = None,
    budget: Annotated[
        BudgetName,
        typer.Option(
            help="small: minutes; full: the paper's own numbers; table: every row of its main table, tiny (pediurf)."
        ),
    ] = BudgetName.SMALL,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Output folder. Default: reproduce/PAPER.", file_okay=False),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of finished runs' figures: those in it count as done, and new ones are added.",
            file_okay=False,
        ),
    ] = None,
    figures_only: Annotated[
        bool, typer.Option("--figures-only", help="Keep no checkpoints, weights, bundles and plots of single runs.")
    ] = False,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Run nothing: report the runs that are finished or kept.")
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Parallel runs on each machine; they share its CPUs.")
    ] = JOBS,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Run on the Ray cluster at this address; local starts one. All machines must see --data and --out.",
        ),
    ] = None,
    devices: Devices = None,
    nodes: Nodes = None,
    ledger: Ledger = None,
) -> None:
    """Train a paper's recipes, evaluate them with the deployed inference pipeline, and compare with the paper's tables."""
    from osteon.cli.learning import restart_with_allocator, with_learning

    restart_with_allocator()
    with with_learning():
        if paper == SHIPPED:
            reproduce_shipped(data, out or Path("reproduce") / SHIPPED, budget, ledger)
            return
        from osteon.cli.ledger import enter_reproduction, usable
        from osteon.learning.recipes import paper as find
        from osteon.learning.reproduce.planning.plan import budget as find_budget
        from osteon.learning.reproduce.planning.plan import expected_minutes, plan, variants
        from osteon.learning.reproduce.report.write import write_report
        from osteon.learning.reproduce.reproduce import sheet

        found = find(paper)
        chosen = find_budget(found, budget)
        names = [name.strip() for name in only.split(",") if name.strip()]
        variants(found, names)
        folder = out or Path("reproduce") / paper
        if ray is not None:
            # Other machines have other working folders.
            folder, data = folder.resolve(), data.resolve() if data else None
        with together(devices, nodes) as here:
            _check(ray, here)
            source = _source_in_turn(data, chosen, folder, here)
            works = plan(found, chosen, source, folder, only=names, seeds=seeds, figures_only=figures_only)
            base = f"osteon reproduce {paper}" + (f" --data {data}" if data else "")
            base += f" --budget {budget}" + (f" --seeds {seeds}" if seeds else "") + (f" --out {out}" if out else "")
            base += (f" --kept {kept}" if kept else "") + (" --figures-only" if figures_only else "")
            if here.first:
                typer.echo(f"{len(works)} runs of {paper}, budget {budget}: {source.words}", err=True)
                minutes = None if data else expected_minutes(found, chosen, source, folder, works)
                if kept is not None:
                    typer.echo(_restored(works, source, kept), err=True)
                if minutes is not None and not report_only:
                    typer.echo(f"About {minutes:,.0f} min on two idle CPUs", err=True)
            failures = _run(
                () if report_only else works,
                jobs,
                lambda work: f"{base} --only {work.name}",
                ray,
                here,
                _keeping(source, kept, here),
            )
        if here.first:
            enter_reproduction(works, usable(ledger), paper)
            command = base + (f" --only {only}" if only else "")
            made = sheet(found, chosen, source, works, failures, folder, command=command, root=base)
            write_report(made)
            _show(made)
        if failures:
            raise typer.Exit(1)


def _check(ray: str | None, here: Place) -> None:
    from osteon.core.errors import OsteonError

    if ray is not None and here.world > 1:
        raise OsteonError(
            "a run cannot be trained by several processes and be a task of a cluster", expected="--ray or --devices"
        )


def _source_in_turn(data: Path | None, chosen: Budget, folder: Path, here: Place) -> Source:
    from osteon.learning.compute.distributed import in_turn

    return in_turn(lambda: source_of(data, chosen, folder, quiet=not here.first))


def _run(
    works: Sequence[Work],
    jobs: int,
    command: Callable[[Work], str],
    ray: str | None,
    here: Place,
    report: Callable[[RunProgress], None],
) -> tuple[FailedRun, ...]:
    """Do all runs: in this process's pool, in several processes together, or on a cluster."""
    from osteon.learning.reproduce.jobs.queue import run_all, run_together

    if not works:
        return ()
    if here.world > 1:
        return run_together(works, command, report)
    if ray is None:
        return run_all(works, jobs, command, report)
    from osteon.cluster import check_shared, cluster
    from osteon.learning.reproduce.jobs.cluster_jobs import run_on_cluster

    with cluster(ray):
        machines = check_shared([works[0].folder.parent, works[0].data])
        typer.echo(f"Running on {machines} machines" if machines > 1 else "Running on one machine", err=True)
        return run_on_cluster(works, jobs, machines, command, report)


def source_of(data: Path | None, chosen: Budget, folder: Path, *, quiet: bool = False) -> Source:
    """The given data, or phantoms, with a progress bar while they are made."""
    from osteon.learning.reproduce.planning.source import given, phantoms

    if data is not None:
        return given(data)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("simulating phantoms", total=chosen.phantoms.cases)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return phantoms(chosen.phantoms, folder / "data", workers=2, progress=report)


def _restored(works: Sequence[Work], source: Source, kept: Path) -> str:
    """Take kept figures as done; a line that says how many there are, and how many are of something else."""
    from osteon.learning.reproduce.results.kept import restore

    restored = restore(works, source, kept)
    there = {path.stem for path in kept.glob("*.zip")}
    others = len(there - {work.folder.name for work in works})
    line = f"{restored} runs taken from {kept}"
    return line + (f"; {others} there are of other recipes, settings, seeds or data" if others else "")


def _keeping(source: Source, kept: Path | None, here: Place) -> Callable[[RunProgress], None]:
    """Tell of each run that ended, after its figures were added to the kept ones."""
    from osteon.learning.reproduce.results.kept import keep

    def report(progress: RunProgress) -> None:
        if kept is not None and here.first and not progress.problem and progress.work.done.is_file():
            keep(progress.work, source, kept)
        _tell(progress)

    return report


def _tell(progress: RunProgress) -> None:
    """One line for each run that ended: what it was, what is next, when all will be done."""
    took = "done before" if progress.seconds is None and not progress.problem else f"{progress.seconds or 0:,.0f} s"
    outcome = f"failed: {progress.problem}" if progress.problem else took
    line = f"[{progress.number}/{progress.total}] {_named(progress.work)}: {outcome}"
    if progress.following is not None:
        line += f"; next {_named(progress.following)}"
    if progress.remaining:
        line += f"; about {progress.remaining / 60:,.1f} min to go"
    typer.echo(line, err=True)


def _named(work: Work) -> str:
    return f"{work.name}, seed {work.seed}"


def _show(made: Sheet) -> None:
    from rich.console import Console

    from osteon.evaluation.claims.terminal import claims_rich
    from osteon.learning.reproduce.report.sheet import answer_words

    console = Console(width=None if sys.stdout.isatty() else 160)
    for table in made.tables:
        console.print(claims_rich(table))
    for one in made.answers:
        console.print(f"{one.contrast.question} {one.verdict}", style="bold", markup=False, highlight=False)
        for words in answer_words(one):
            console.print(f"  {words}", soft_wrap=True, markup=False, highlight=False)
    for failure in made.failures:
        typer.echo(f"{_named(failure.work)} failed: {failure.problem}", err=True)
    typer.echo(f"Page: {made.out / 'report.html'}")
