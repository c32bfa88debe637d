"""``osteon search``: hyperparameter search on the validation part."""

from __future__ import annotations

import os
import shlex
import sys
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.options import Quiet, RecipeName
from osteon.cli.reproduce import BudgetName
from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from osteon.learning.search.conduct import TrialProgress
    from osteon.learning.search.plan import Search
    from osteon.learning.search.result import SearchResult

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon search mobilenet_elbow --data elbow --trials 60 --workers 2

  osteon search mobilenet_elbow --data elbow --sampler grid --set architecture.width=0.75

  osteon search fracatlas --data FracAtlas --space optimizer.lr+optimizer.head_lr=log:1e-5:1e-2 --space architecture.width=0.5,1.0

  osteon search pediurf --data PediURF --storage postgresql://user:password@host/searches

Interrupted at any time, the same command continues; with more --trials it adds to them.

The last example may be started on any number of machines.
"""

TRIALS: Final = 30
"""Trials of TPE by default."""

SHOWN: Final = 10
"""Trials in the table on the console."""

BEAT: Final = 15
"""Seconds between signs of life of a worker."""

INTERRUPTED: Final = 130


class SamplerName(StrEnum):
    """How points are chosen."""

    TPE = "tpe"
    GRID = "grid"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("search", epilog=EXAMPLES)(search)


def search(
    recipe: RecipeName,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the dataset. Default: simulated phantoms.", exists=True, file_okay=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Output folder. Default: search/RECIPE.", file_okay=False),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help=f"Number of trials in all. Default: {TRIALS}; the whole grid with --sampler grid."),
    ] = None,
    sampler: Annotated[
        SamplerName, typer.Option(help="tpe: tree-structured Parzen estimator; grid: every point once.")
    ] = SamplerName.TPE,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=RANGE",
            help="Search space instead of the paper's: log:LOW:HIGH, linear:LOW:HIGH (:POINTS for a grid) or "
            "VALUE,VALUE,...; KEY+KEY take the same value. May be repeated.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe field for all trials. May be repeated."),
    ] = None,
    prune: Annotated[bool, typer.Option(help="Stop poor trials early.")] = True,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Random seed of the runs and of the sampler. Default: the recipe's first.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", "-j", min=1, help="Worker processes on this machine.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, help="PyTorch threads of each worker. Default: the CPUs are shared equally.")
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Database that several machines share. Default: study.db in --out.",
            envvar="OSTEON_SEARCH_STORAGE",
        ),
    ] = None,
    budget: Annotated[
        BudgetName | None,
        typer.Option(help="Budget, as of osteon reproduce. Default: small for phantoms, full with --data."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder of decoded images. Default: in --out.", envvar="OSTEON_CACHE", file_okay=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Search the settings of a recipe that do best on the validation part; the test part is never used."""
    from osteon.cli.learning import restart_with_allocator, with_learning

    restart_with_allocator()
    with with_learning():
        if find_spec("optuna") is None:
            raise OsteonError("this needs optuna", hint="Install it: pip install 'osteon[search]'")
        from osteon.learning.recipes import find
        from osteon.learning.search.conduct import conduct
        from osteon.learning.search.plan import claim
        from osteon.learning.search.result import found
        from osteon.learning.search.store import open_study
        from osteon.learning.search.write import write

        named = find(recipe)
        folder = out or Path("search") / named.name.replace("/", "-")
        chosen = budget or (BudgetName.FULL if data else BudgetName.SMALL)
        plan = _plan(
            named.name, data, folder, trials, sampler, space or [], settings or [], seed, storage, chosen, cache,
            prune=prune, threads=threads or max(1, (os.cpu_count() or 1) // workers), quiet=quiet,
        )  # fmt: skip
        claim(plan)
        _announce(plan, workers)
        stopped = False
        try:
            study = conduct(plan, workers, _silent if quiet else _tell)
        except KeyboardInterrupt:
            stopped = True
            study = open_study(plan)
        made = found(plan, study)
        write(made)
        _show(made)
        if stopped:
            typer.echo("Stopped. The same command continues.", err=True)
            raise typer.Exit(INTERRUPTED)
        if made.best is None:
            raise typer.Exit(1)


def _plan(
    recipe: str,
    data: Path | None,
    folder: Path,
    trials: int | None,
    sampler: SamplerName,
    space: list[str],
    settings: list[str],
    seed: int | None,
    storage: str | None,
    budget: BudgetName,
    cache: Path | None,
    *,
    prune: bool,
    threads: int,
    quiet: bool,
) -> Search:
    """Everything that is searched; names, ranges and settings are checked before anything is simulated or trained."""
    from osteon.cli.learning import cache_folder
    from osteon.cli.reproduce import source_of
    from osteon.learning.recipes import find
    from osteon.learning.recipes import paper as find_paper
    from osteon.learning.reproduce.planning.plan import budget as find_budget
    from osteon.learning.search.plan import Search, prepared, space_of
    from osteon.learning.search.space import grid
    from osteon.learning.search.store import local, shown

    named = find(recipe)
    chosen = find_budget(find_paper(recipe.split("/")[0]), budget)
    applied, changed = prepared(named, chosen, settings)
    dimensions, words = space_of(applied, space, [one.split("=", 1)[0] for one in settings])
    size = len(grid(dimensions))
    wanted = min(trials or size, size) if sampler is SamplerName.GRID else trials or TRIALS
    if storage is not None:
        shown(storage)
    parts = ["osteon", "search", recipe, *(["--data", str(data)] if data else []), "--out", str(folder)]
    parts += ["--trials", str(wanted), "--sampler", sampler, "--budget", budget, *([] if prune else ["--no-prune"])]
    parts += [word for one in space for word in ("--space", one)] + [
        word for one in settings for word in ("--set", one)
    ]
    parts += ["--seed", str(seed)] if seed is not None else []
    parts += ["--storage", shown(storage)] if storage else []
    return Search(
        recipe=applied,
        settings=changed,
        dimensions=dimensions,
        space=words,
        source=source_of(data, chosen, folder, quiet=quiet),
        sampler=sampler.value,
        prune=prune,
        seed=applied.seeds[0] if seed is None else seed,
        trials=wanted,
        out=folder,
        storage=storage or local(folder),
        cache=folder / "cache" if cache is None else cache_folder(cache),
        threads=threads,
        beat=BEAT,
        command=shlex.join(parts),
    )


def _announce(plan: Search, workers: int) -> None:
    grid = f"grid of {len(plan.points()):,} points" if plan.sampler == "grid" else "TPE"
    typer.echo(
        f"{plan.trials:,} trials of {plan.recipe.name}, {grid}, {workers} at a time: {plan.source.words}", err=True
    )
    typer.echo(f"Space ({plan.space}):", err=True)
    for one in plan.dimensions:
        typer.echo(f"  {one.name}: {one.words()}", err=True)


def _silent(_step: TrialProgress) -> None:
    """Say nothing."""


def _tell(progress: TrialProgress) -> None:
    """One line for each trial that ended: its settings, its figure, the best so far, when all will be done."""
    from osteon.learning.search.result import OUTCOMES, figure, problem, settings_of
    from osteon.learning.search.standing import original

    value = figure(progress.trial)
    said = problem(progress.trial) or (f"{value:.4f}" if value is not None else "no figure")
    outcome = OUTCOMES[progress.trial.state]
    line = f"[{progress.number}/{progress.total}] trial {original(progress.trial)}, {' '.join(settings_of(progress.trial))}: "
    line += said if outcome == "complete" else f"{outcome}, {said}"
    if progress.best is not None and progress.best.value is not None:
        line += f"; best {progress.best.value:.4f} (trial {original(progress.best)})"
    if progress.remaining:
        line += f"; about {progress.remaining / 60:,.1f} min to go"
    typer.echo(line, err=True)


def _show(made: SearchResult) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from osteon.learning.search.page import SYNTHETIC, facts
    from osteon.learning.search.result import OUTCOMES, figure, settings_of, train_command
    from osteon.learning.search.standing import original

    plan = made.search
    console = Console(width=None if sys.stdout.isatty() else 160)
    printed = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("trial", "outcome", plan.metric, *(one.keys[0] for one in plan.dimensions)):
        printed.add_column(name, justify="left" if name == "outcome" else "right")
    for trial in made.trials[:SHOWN]:
        chosen = dict(one.split("=", 1) for one in settings_of(trial))
        value = figure(trial)
        printed.add_row(
            str(original(trial)),
            OUTCOMES[trial.state],
            "–" if value is None else f"{value:.4f}",
            *(escape(chosen.get(one.keys[0], "–")) for one in plan.dimensions),
        )
    console.print(printed)
    typer.echo(f"{made.words}.")
    if plan.source.simulated:
        typer.echo(SYNTHETIC)
    for words in facts(made):
        typer.echo(words)
    for name, share in made.importances.items():
        typer.echo(f"Importance of {name}: {share:.2f}")
    if made.best is not None:
        typer.echo(f"The best settings (trial {original(made.best)}):\n\n  {train_command(plan, made.best)}\n")
    typer.echo(f"Page: {plan.out / 'report.html'}")
