"""``osteon improve``: from what readers decided to a candidate, compared with the bundle that reads now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.ledger import Ledger
from osteon.cli.train import TrainBudget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from osteon.bundle.promotion.plan import Plan
    from osteon.bundle.promotion.record import Comparison
    from osteon.cli.improve_room import StoreRoom
    from osteon.learning.improve.request import Request

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon improve "Spine 2026" --store /var/lib/osteon --old FracAtlas --out rounds/autumn

  osteon improve "Spine 2026" --store /var/lib/osteon --old FracAtlas --margin auroc=0.02 --claim local.auroc --out rounds/autumn

  osteon improve snapshots/autumn --live live.osteon --run runs/live --budget small --out rounds/autumn

  osteon improve --out rounds/autumn

The plan is written before anything is trained: osteon improve ... --until plan. The last line goes on with a round.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("improve", epilog=EXAMPLES)(improve)


def improve(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the round.", file_okay=False)],
    source: Annotated[
        str, typer.Argument(metavar="[PROJECT|SNAPSHOT]", help="A project of the store, or the folder of a snapshot.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="Also readers' opinions since this day, YYYY-MM-DD.")
    ] = "",
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Folder of the store of the reading room.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file of the reading room.")
    ] = None,
    live: Annotated[
        str,
        typer.Option("--live", metavar="NAME|FILE", help="Bundle to improve. Default: that which reads in the store."),
    ] = "",
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run", metavar="DIR", help="Run that made it; of two networks name both.", exists=True, file_okay=False
        ),
    ] = None,
    recipe: Annotated[str, typer.Option("--recipe", metavar="NAME", help="Recipe, in place of the bundle's own.")] = "",
    old: Annotated[
        Path | None,
        typer.Option(
            "--old", metavar="DIR", help="Dataset of before. Default: that of --run.", exists=True, file_okay=False
        ),
    ] = None,
    old_kind: Annotated[
        str, typer.Option("--old-kind", metavar="KIND", help="Its format. Default: the recipe's dataset.")
    ] = "",
    old_split: Annotated[
        Path | None,
        typer.Option("--old-split", metavar="JSON", help="Its split. Default: that of the bundle.", exists=True),
    ] = None,
    share: Annotated[
        float, typer.Option("--share", min=0.01, max=0.99, help="Share of new images in an epoch, about.")
    ] = 0.5,
    rule: Annotated[
        str, typer.Option("--rule", metavar="majority|any|all", help="Decides studies that nobody decided.")
    ] = "",
    rename: Annotated[
        list[str] | None,
        typer.Option("--rename", metavar="FROM=TO", help="A label of the snapshot by the recipe's name; repeatable."),
    ] = None,
    local_test: Annotated[
        float,
        typer.Option("--local-test", min=0.05, max=0.9, help="Share of the decided studies to lock for testing, once."),
    ] = 0.3,
    lock: Annotated[
        Path | None,
        typer.Option("--lock", metavar="FILE", help="File of the lock, in place of the store.", dir_okay=False),
    ] = None,
    margin: Annotated[
        list[str] | None,
        typer.Option("--margin", metavar="[SET.]FIGURE=VALUE", help="Largest loss that counts as none; repeatable."),
    ] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option("--claim", metavar="SET.FIGURE", help="Where it is to be better, e.g. local.auroc; repeatable."),
    ] = None,
    minimum: Annotated[
        int, typer.Option("--minimum", min=5, help="Images of a subgroup from which it is looked at.")
    ] = 20,
    slower: Annotated[float, typer.Option("--slower", min=1, help="Factor of time that is allowed.")] = 1.25,
    larger: Annotated[float, typer.Option("--larger", min=1, help="Factor of memory that is allowed.")] = 1.25,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan", metavar="JSON", help="A plan, in place of --margin to --larger.", exists=True, dir_okay=False
        ),
    ] = None,
    budget: Annotated[TrainBudget, typer.Option(help="As for osteon train.")] = TrainBudget.FULL,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe field; repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of sets, training and resamples.")] = 0,
    version: Annotated[str, typer.Option("--version", help="Of the candidate. Default: the next minor version.")] = "",
    reason: Annotated[
        str, typer.Option("--reason", help="For the registry; nothing of a patient.")
    ] = "improved with what readers decided",
    no_register: Annotated[bool, typer.Option("--no-register", help="Leave the registry alone.")] = False,
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="STEP", help="Stop after plan, snapshot, sets, weights, train, export, compare."
        ),
    ] = "register",
    cache: Annotated[
        Path | None, typer.Option(help="Folder of decoded images.", envvar="OSTEON_CACHE", file_okay=False)
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="PyTorch threads.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    ledger: Ledger = None,
) -> None:
    """Train a candidate with what readers decided and compare it with the live bundle; interrupted, it goes on."""
    from osteon.cli.learning import made_folder, restart_with_allocator, trainer_options, with_learning

    restart_with_allocator()
    with with_learning():
        from osteon.cli.improve_room import open_room
        from osteon.cli.ledger import usable
        from osteon.evaluation.report.looks import Look
        from osteon.learning.improve.conduct import Round, conduct
        from osteon.learning.improve.request import FILE, STEPS, Request, begin

        if until not in STEPS:
            raise typer.BadParameter(f"expected one of {', '.join(STEPS)}", param_hint="--until")
        made_folder(out)
        with open_room(out, store, config, register=not no_register) as room:
            begun = (out / FILE).is_file()
            asked = None
            if not begun or source or since:
                asked = Request(
                    source=_source(source, room),
                    live=str(_live(live, room, out, begun=begun)),
                    since=since,
                    rule=rule,
                    runs=tuple(str(one.resolve()) for one in run or ()),
                    recipe=recipe,
                    old="" if old is None else str(old.resolve()),
                    old_kind=old_kind,
                    old_split="" if old_split is None else str(old_split.resolve()),
                    share=share,
                    rename=_pairs(rename or (), "--rename"),
                    local_test=local_test,
                    lock="" if lock is None else str(lock.resolve()),
                    budget=str(budget),
                    settings=tuple(settings or ()),
                    seed=seed,
                    version=version,
                    reason=reason,
                )
            request: Request = begin(out.resolve(), asked)
            planned = None
            if asked is not None:  # who only goes on leaves the plan as it is
                planned = _plan(plan, margin or (), claim or (), minimum, slower, larger, request.seed)
            this = Round(
                out.resolve(),
                request,
                planned,
                room,
                trainer_options(cache, threads, quiet=quiet),
                Look(usable(ledger), "improve", every=True),
            )
            found = conduct(this, until)
    if found is not None:
        _show(found, out)


def _source(source: str, room: StoreRoom | None) -> str:
    """The folder of a snapshot as an absolute path, or the name of a project."""
    if source and (Path(source) / "snapshot.json").is_file():
        return str(Path(source).resolve())
    if source and room is None:
        raise typer.BadParameter(
            f"{source} is no folder of a snapshot; of a project name the store.", param_hint="--store"
        )
    return source


def _live(named: str, room: StoreRoom | None, out: Path, *, begun: bool) -> Path:
    """The file of the bundle to improve."""
    from osteon.bundle.catalogue import locate

    if begun:
        from osteon.learning.improve.request import begin

        return Path(begin(out.resolve(), None).live)
    if room is not None:
        return room.live(named)
    if not named:
        raise typer.BadParameter("without a store, say which bundle is to be improved.", param_hint="--live")
    return Path(locate(named)).resolve()


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if odd := [one for one, (_, sign, value) in zip(given, pairs, strict=True) if not sign or not value]:
        raise typer.BadParameter(f"expected NAME=VALUE, got {odd[0]}", param_hint=option)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _plan(
    named: Path | None,
    margin: Sequence[str],
    claim: Sequence[str],
    minimum: int,
    slower: float,
    larger: float,
    seed: int,
) -> Plan:
    """The plan of a round; live bundle and digest are added by its first step."""
    from datetime import UTC, datetime

    from pydantic import ValidationError

    from osteon.bundle.promotion.plan import MARGINS, Plan, parse_plan

    now = datetime.now(UTC)
    if named is not None:
        return parse_plan(named.read_bytes(), named.name).model_copy(update={"written": now})
    try:
        margins = MARGINS | {name: float(value) for name, value in _pairs(margin, "--margin").items()}
        return Plan(
            written=now,
            live="",
            live_digest="",
            seed=seed,
            margins=margins,
            claims=tuple(claim),
            minimum=minimum,
            slower=slower,
            larger=larger,
        )
    except (ValueError, ValidationError) as error:
        raise typer.BadParameter(" ".join(str(error).split())[:300], param_hint="--margin, --claim") from error


def _show(found: Comparison, out: Path) -> None:
    """Print what was compared, and whether that is enough."""
    from osteon.bundle.archive import open_bundle
    from osteon.bundle.promotion.gate import judge, passed
    from osteon.core.wording.promotion import SETS, check_words, figure_words
    from osteon.html.numbers import between, number

    typer.echo(f"{found.candidate} beside {found.live}")
    for measured in found.sets:
        typer.echo(
            f"{SETS[measured.name].removeprefix('the ')}: {measured.images:,} images, {measured.positives:,} positive"
        )
        for one in measured.figures:
            gap = f"{number(one.difference.value, signed=True)} ({between(one.difference, signed=True)})"
            typer.echo(f"  {figure_words(one.figure)}: {number(one.candidate)}, live {number(one.live)}, {gap}")
    checks = judge(found, open_bundle(out / f"{found.candidate.partition('@')[0]}.osteon"), found.live_digest)
    for check in checks:
        if not check.passed:
            typer.echo(check_words(check.code, check.values, passed=False))
    typer.echo("All that was planned holds." if passed(checks) else "It may not be promoted without an override.")
    typer.echo(f"Page: {out / 'comparison.html'}")
