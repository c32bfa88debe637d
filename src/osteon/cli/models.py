"""``osteon models``: the networks that a recipe may name, their size and their explanation method."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer

from osteon.cli.options import AsJson

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon models

  osteon models urfnet --json
"""

WIDE: Final = 110
"""Columns of a terminal from which on it is shown how a network explains itself, and which papers use it."""

FINDS: Final = {"classification": "labels", "detection": "boxes"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("models", epilog=EXAMPLES)(models)


def models(
    name: Annotated[str | None, typer.Argument(help="Show only this network, with its record.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the networks with their parameters and multiply-adds (MACs).

    Multiply-adds are for one case, up to its logits: an image, or a study of two images for networks with two inputs.
    """
    from dataclasses import asdict
    from pathlib import Path

    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from osteon.cli.learning import user_cache, with_learning

    with with_learning():
        from osteon.learning.list_models import find, named, sizes

        chosen = [find(name)] if name else list(named())
        counted = sizes(chosen, Path(user_cache()) / "models.json")
        rows = [
            {
                **{key: value for key, value in asdict(listed).items() if key != "known"},
                "record": type(listed.architecture).__name__ if listed.architecture else "",
                **asdict(size),
            }
            for listed, size in zip(chosen, counted, strict=True)
        ]
        if as_json:
            typer.echo(json.dumps(rows, ensure_ascii=False))
            return
        console = Console()
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        if name:
            table.add_column("of the network")
            table.add_column("value")
            for key, value in rows[0].items():
                table.add_row(key, escape(_shown(value)))
        else:
            wide = console.width >= WIDE
            table.add_column("network", no_wrap=True)
            for column in ("params, M", "MACs, G", "input"):
                table.add_column(column, justify="right", no_wrap=True)
            for column in ("explained by", "papers") if wide else ("finds",):
                table.add_column(column)
            for listed, size in zip(chosen, counted, strict=True):
                needs = f", needs {listed.needs}" if listed.needs else ""
                table.add_row(
                    listed.name,
                    f"{size.parameters / 1e6:.2f}",
                    f"{size.multiply_adds / 1e9:.2f}",
                    "x".join(map(str, listed.input)),
                    escape(f"{size.map_name if wide else FINDS[listed.task]}{needs}"),
                    *((", ".join(listed.papers),) if wide else ()),
                )
        console.print(table)


def _shown(value: object) -> str:
    """A value in a cell: shapes with crosses, records as their fields."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return (" x " if all(isinstance(part, int) for part in value) else ", ").join(map(str, value))
    return str(value)
