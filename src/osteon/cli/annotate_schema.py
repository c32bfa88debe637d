"""``osteon annotate schemas`` and ``schema check``: label schemas, those that are shipped and one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add(group: typer.Typer) -> None:
    """Add the commands to ``osteon annotate``."""
    group.command("schemas")(schemas)
    one = typer.Typer(no_args_is_help=True)
    # With a callback a group of one command keeps the command's name.
    one.callback()(lambda: None)
    one.command("check")(check)
    group.add_typer(one, name="schema", help="Label schemas of one's own.")


def schemas(
    file: Annotated[
        str, typer.Argument(help="A label schema, or a file of one, to show; none: list those shipped.")
    ] = "",
) -> None:
    """List label schemas, or check and show one."""
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.annotation.schema.records import RuleKind
    from osteon.clinic.annotation.schema.shipped import SHIPPED, schema_named, shipped

    if not file:
        for name in SHIPPED:
            typer.echo(f"{name:<18}{shipped(name).title}")
        return
    schema = schema_named(file)
    typer.echo(f"{schema.title} ({schema.name})")
    for label in schema.walk():
        indent = "  " * (len(schema.ancestors(label.id)) + 1)
        code = "" if label.code is None else f"  {label.code.scheme} {label.code.value}"
        key = f"  key {label.hotkey}" if label.hotkey else ""
        shapes = f" ({', '.join(label.kinds)})" if label.kinds else ""
        typer.echo(f"{indent}{label.id}: {label.scope}{shapes}{code}{key}")
    for rule in schema.rules:
        about = f" of {rule.label}" if rule.label else f" ({rule.scale})" if rule.kind is RuleKind.ONE_OF else ""
        typer.echo(f"  rule {rule.kind}{about}: {', '.join(rule.labels)}")


def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Label schemas in YAML or JSON.", exists=True, dir_okay=False),
    ],
) -> None:
    """Check label schemas: each fault with its line and field. Exit code 1: there is one."""
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.annotation.schema.parse import check_file, read_schema
    from osteon.core.errors import DataError
    from osteon.core.filenames import printable

    wrong = False
    for file in files:
        name = printable(str(file))
        try:
            faults = [str(fault) for fault in check_file(file)]
        except DataError as error:
            faults = [str(error)]
        for fault in faults:
            typer.echo(f"{name}: {fault}", err=True)
        if faults:
            wrong = True
            continue
        schema = read_schema(file)
        labels = sum(label.selectable for label in schema.walk())
        typer.echo(f"{name}: {schema.title} ({schema.name}), {labels} labels, {len(schema.rules)} rules: valid")
    if wrong:
        raise typer.Exit(1)
