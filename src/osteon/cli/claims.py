"""``osteon claims``: figures of a paper compared with measured ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.evaluation.claims.claims import Cases

EXAMPLES = """
[bold]Examples[/bold]

  osteon claims fracatlas evaluation

  osteon claims mobilenet_elbow runs/seed* --simulated --out claims

Each path is a folder that `osteon evaluate` wrote; several are seeds, and give mean and standard deviation.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("claims", epilog=EXAMPLES)(claims)


def claims(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Recipe of the paper.")],
    evaluations: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR...", help="Evaluations; none shows the paper's figures only.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Output folder for the table.")] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Mark the data as simulated.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare a paper's figures with ours: paper, ours, difference, data, command."""
    from rich.console import Console

    from osteon.cli.learning import with_learning

    with with_learning():
        from osteon.learning.recipes import find_any

        found = find_any(recipe)
    from osteon.evaluation.claims.claims import Cases, Claims, claims_record, compare_claims, write_claims_json
    from osteon.evaluation.claims.page import claims_document, claims_markdown, claims_rich
    from osteon.evaluation.compare.seeds import summarise
    from osteon.evaluation.compare.sources import evaluated

    runs = [evaluated(path) for path in evaluations or ()]
    figures = summarise([run.figures for run in runs]) if runs else {}
    data = _cases(runs[0].about, simulated=simulated) if runs else Cases("")
    command = "; ".join(dict.fromkeys(run.about.get("Command", "") for run in runs))
    entries = compare_claims(
        found.claims, figures, data=data, command=command, why="" if runs else "no evaluation was named"
    )
    table = Claims(found.name, found.source, entries)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_claims_json([table], out / "claims.json")
        (out / "claims.md").write_text(claims_markdown(table), encoding="utf-8")
        (out / "claims.html").write_text(
            claims_document([table], f"{found.name}: the paper and ours"), encoding="utf-8"
        )
    if as_json:
        typer.echo(json.dumps(claims_record(table), ensure_ascii=False, allow_nan=False))
    else:
        Console().print(claims_rich(table))


def _cases(about: dict[str, str], *, simulated: bool) -> Cases:
    """The cases of an evaluation."""
    import re

    from osteon.evaluation.claims.claims import Cases

    name = about.get("Data") or about.get("System", "not stated")
    counts = re.match(r"([\d,]+): ([\d,]+) positive", about.get("Images", ""))
    images, positive = (int(word.replace(",", "")) for word in counts.groups()) if counts else (None, None)
    # A table that is named as simulated is marked so even without --simulated.
    named_simulated = any(word in name.lower() for word in ("phantom", "simulated", "synthetic"))
    return Cases(name, images, positive, simulated or named_simulated)
