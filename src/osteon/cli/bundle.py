"""``osteon bundle``: list, show, verify, revise and combine bundles, and give them a gate or a reference."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli import bundle_combine, bundle_reference
from osteon.cli.new_bundle import Commands, Created, New, Version, date_of, tell, text_of
from osteon.cli.options import BundleOrFile

if TYPE_CHECKING:
    from osteon.bundle.archive import Bundle

EXAMPLES = """
[bold]Examples[/bold]

  osteon bundle list

  osteon bundle show fracatlas --card

  osteon bundle verify fracatlas mine.osteon

  osteon bundle revise old/fracatlas.osteon fracatlas.osteon --recipe fracatlas --version 1.3.1

  osteon bundle gate old/fracatlas.osteon fracatlas.osteon --recipe fracatlas --data FracAtlas --version 1.4.0

  osteon bundle combine new.osteon fracatlas both.osteon --recipe fracatlas/detector --data FracAtlas --version 2.0.0

  osteon bundle reference fracatlas radiographs/ --out fracatlas.osteon
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="List, show, verify, revise and combine bundles, and give them a gate or a reference.",
        epilog=EXAMPLES,
    )
    group.command("list")(list_)
    group.command("show")(show)
    group.command("verify")(verify)
    group.command("revise")(revise)
    group.command("gate")(gate)
    bundle_combine.register(group)
    bundle_reference.register(group)
    app.add_typer(group, name="bundle")


def list_() -> None:
    """List the bundles that come with this installation."""
    from osteon.bundle.archive import open_bundle
    from osteon.bundle.catalogue import DEFAULT, shipped

    names = shipped()
    if not names:
        sys.stderr.write("This installation ships no bundle: name a .osteon file with --bundle.\n")
        return
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("bundle", "version", "what it does", "MB"):
        table.add_column(column)
    for name in names:
        opened = open_bundle(name)
        size = sum(map(len, opened.parts.values())) / 1e6
        label = f"{name} (default)" if name == DEFAULT else name
        cells = (label, opened.manifest.version, opened.manifest.summary, f"{size:.1f}")
        table.add_row(*map(escape, cells))
    Console().print(table)


def show(
    name: BundleOrFile,
    card: Annotated[bool, typer.Option("--card", help="Print the model card as Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print bundle.json.")] = False,
) -> None:
    """Show the description of a bundle."""
    from osteon.bundle.archive import open_bundle

    opened = open_bundle(name)
    if as_json:
        typer.echo(opened.manifest.model_dump_json(indent=2))
    elif card:
        typer.echo(opened.card, nl=False)
    else:
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(opened.card))
        typer.echo(f"\nSHA-256 of bundle.json: {opened.digest}")


def verify(
    names: Annotated[list[str], typer.Argument(metavar="NAME|FILE...", help="Shipped bundles, or files.")],
) -> None:
    """Check that bundles are complete and unmodified, and that their graphs can be run."""
    from osteon.bundle.archive import open_bundle
    from osteon.core.errors import BundleError
    from osteon.inference.engine import InferenceEngine

    failed = 0
    for name in names:
        try:
            opened = open_bundle(name)
            InferenceEngine(opened, threads=1)
        except BundleError as error:
            failed += 1
            sys.stderr.write(f"failed: {name}: {error}\n")
        else:
            typer.echo(_verdict(opened))
    raise typer.Exit(1 if failed else 0)


def revise(
    bundle: BundleOrFile,
    new: New,
    recipe: Annotated[str, typer.Option("--recipe", metavar="NAME", help="Recipe that it was made with.")],
    version: Version,
    created: Created = None,
    commands: Commands = None,
) -> None:
    """Write a bundle with the same networks and thresholds, and the indication and words of its recipe today.

    The indication may become narrower, never wider. The new bundle has no figures until `osteon evaluate --card` adds them.
    """
    from osteon.bundle.archive import open_bundle
    from osteon.cli.learning import with_learning

    with with_learning():
        from osteon.learning.bundling.revise import revise as revised
        from osteon.learning.recipes import find

        made = revised(
            open_bundle(bundle),
            find(recipe),
            new,
            version=version,
            created=date_of(created),
            commands=text_of(commands),
        )
    tell(new, made)


def gate(
    bundle: BundleOrFile,
    new: New,
    recipe: Annotated[str, typer.Option("--recipe", metavar="NAME", help="Recipe that it was made with.")],
    data: Annotated[Path, typer.Option("--data", metavar="FOLDER", help="Its dataset.", exists=True, file_okay=False)],
    version: Version,
    created: Created = None,
    commands: Commands = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FILE", help="Write limits and figures as JSON.", dir_okay=False)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Random seed.")] = 0,
    threads: Annotated[int, typer.Option("--threads", help="Images made at once.", min=1)] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Write a bundle that refuses images which are no bone radiograph of an indicated part, as far as its network tells.

    The networks stay as they are. The gate is fitted to the training and validation images of the bundle's split, copies of
    them, synthetic counterexamples and images that Python packages ship. The new bundle has no figures until
    `osteon evaluate --card` adds them.
    """
    from osteon.bundle.archive import open_bundle
    from osteon.cli.learning import track, with_learning

    with with_learning():
        from osteon.data.datasets import read
        from osteon.learning.gate.build import add_gate, fit_and_measure, gather, save
        from osteon.learning.recipes import find

        opened, used = open_bundle(bundle), find(recipe)
        samples = gather(opened, read(used.dataset, data), data, seed, threads, track(quiet=quiet))
        fitted = fit_and_measure(samples, opened.manifest.indication.body_parts, seed)
        made = add_gate(
            opened,
            fitted,
            used,
            new,
            bundle_version=version,
            created=date_of(created),
            commands=text_of(commands),
        )
        if figures is not None:
            save(fitted, figures)
    tell(new, made)


def _verdict(bundle: Bundle) -> str:
    """One line for a valid bundle."""
    return f"ok: {bundle.manifest.identity}, {len(bundle.parts) + 1} parts, SHA-256 of bundle.json {bundle.digest}"
