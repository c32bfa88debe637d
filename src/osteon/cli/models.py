"""``osteon models``: the networks that a recipe may name, their size and their explanation method."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon models

  osteon models urfnet --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("models", epilog=EXAMPLES)(models)


def models(
    name: Annotated[str | None, typer.Argument(help="Show only this network, with its record.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the networks with their parameters and multiply-adds.

    Multiply-adds are for one case, up to its logits: an image, or a study of two images for networks with two inputs.
    """
    from dataclasses import asdict
    from pathlib import Path

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from osteon.cli.learning import user_cache, with_learning

    with with_learning():
        from osteon.learning.list_models import find, named, sizes

        chosen = [find(name)] if name else list(named())
        counted = sizes(chosen, Path(user_cache()) / "models.json")
        rows = [
            {**asdict(network), "record": type(network.architecture).__name__, **asdict(size)}
            for network, size in zip(chosen, counted, strict=True)
        ]
        if as_json:
            typer.echo(json.dumps(rows, ensure_ascii=False))
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        if name:
            table.add_column("of the network")
            table.add_column("value")
            for key, value in rows[0].items():
                table.add_row(key, _shown(value))
        else:
            for column in ("network", "task"):
                table.add_column(column, no_wrap=column == "network")
            for column in ("M parameters", "G multiply-adds"):
                table.add_column(column, justify="right")
            for column in ("input", "map", "papers"):
                table.add_column(column, no_wrap=column == "input")
            for network, size in zip(chosen, counted, strict=True):
                table.add_row(
                    network.name,
                    network.task,
                    f"{size.parameters / 1e6:.2f}",
                    f"{size.multiply_adds / 1e9:.2f}",
                    _shown(network.input),
                    size.map_method.split(" (")[0],  # the source of the method is shown with NAME
                    ", ".join(network.papers),
                )
        Console().print(table)


def _shown(value: object) -> str:
    """A value in a cell: shapes with crosses, records as their fields."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return (" x " if all(isinstance(part, int) for part in value) else ", ").join(map(str, value))
    return str(value)
