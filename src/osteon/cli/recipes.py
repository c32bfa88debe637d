"""``osteon recipes``: the recipes and all their settings."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer

from osteon.cli.options import AsJson

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon recipes

  osteon recipes mobilenet_elbow
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("recipes", epilog=EXAMPLES)(recipes)


def recipes(
    name: Annotated[
        str | None, typer.Argument(help="Show all settings of this recipe, by the keys that --set takes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the recipes, or show one."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from osteon.cli.learning import with_learning

    with with_learning():
        from osteon.learning.recipes import ALL, find_any
        from osteon.learning.runs.overrides import leaves, snapshot

        chosen = [find_any(name)] if name else list(ALL)
        if as_json:
            typer.echo(json.dumps([snapshot(recipe) for recipe in chosen], ensure_ascii=False))
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        if name:
            table.add_column("key")
            table.add_column("value")
            for key, value in leaves(chosen[0]).items():
                lines = value if isinstance(value, tuple) else (value,)
                table.add_row(key, escape("\n".join(str(line) for line in lines)))
        else:
            for column in ("recipe", "dataset", "what it is", "source"):
                table.add_column(column)
            for recipe in chosen:
                table.add_row(recipe.name, recipe.dataset, escape(recipe.summary), recipe.source)
        Console().print(table)
