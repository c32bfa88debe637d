"""``osteon bundle``: list, show and verify bundles."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.bundle.archive import Bundle

EXAMPLES = """
[bold]Examples[/bold]

  osteon bundle list

  osteon bundle show fracatlas --card

  osteon bundle verify fracatlas mine.osteon
"""

NameOrFile = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped bundle, or a file.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="List, show and verify bundles.", epilog=EXAMPLES)
    group.command("list")(list_)
    group.command("show")(show)
    group.command("verify")(verify)
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
    name: NameOrFile,
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


def _verdict(bundle: Bundle) -> str:
    """One line for a valid bundle."""
    return f"ok: {bundle.manifest.identity}, {len(bundle.parts) + 1} parts, SHA-256 of bundle.json {bundle.digest}"
