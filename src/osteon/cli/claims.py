"""``osteon claims``: what a paper states beside what was measured here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.evaluation.claims.claims import Cases
    from osteon.evaluation.compare.sources import Evaluated

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
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Whose paper's figures are shown.")],
    evaluations: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR...", help="Evaluations; none shows the paper's figures only.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where the table goes.")] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Mark the data as simulated.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a paper's figures beside ours: paper, ours, difference, data, command."""
    from rich.console import Console

    from osteon.cli.learning import with_learning

    with with_learning():
        from osteon.learning.recipes import find

        found = find(recipe)
    from osteon.evaluation.claims.claims import Cases, Claims, beside, claims_record, write_claims_json
    from osteon.evaluation.claims.page import claims_document, claims_markdown, claims_rich
    from osteon.evaluation.compare.seeds import summarise
    from osteon.evaluation.compare.sources import evaluated

    runs = [evaluated(path) for path in evaluations or ()]
    figures = summarise([run.figures for run in runs]) if runs else {}
    data = _cases(runs[0], simulated=simulated) if runs else Cases("")
    command = "; ".join(dict.fromkeys(run.about.get("Command", "") for run in runs))
    entries = beside(found.claims, figures, data=data, command=command, why="" if runs else "no evaluation was named")
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


def _cases(run: Evaluated, *, simulated: bool) -> Cases:
    """What an evaluation says of its cases."""
    from osteon.evaluation.claims.claims import Cases

    name = run.about.get("Data") or run.about.get("System", "not stated")
    counts = run.counts or _stored_counts(run.about)
    # A table that says it is simulated is taken at its word; one that does not may still be marked so.
    told = any(word in name.lower() for word in ("phantom", "simulated", "synthetic"))
    return Cases(name, counts.get("images"), counts.get("positive"), simulated or told)


def _stored_counts(about: dict[str, str]) -> dict[str, int]:
    """The counts in the words of an evaluation that an earlier version wrote."""
    import re

    found = re.match(r"(?P<images>[\d,]+): (?P<positive>[\d,]+) positive", about.get("Images", ""))
    return {} if found is None else {name: int(count.replace(",", "")) for name, count in found.groupdict().items()}
