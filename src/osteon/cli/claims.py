"""``osteon claims``: figures of a paper compared with measured ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli.options import AsJson

if TYPE_CHECKING:
    from osteon.evaluation.claims.claims import Cases, Claims
    from osteon.evaluation.compare.sources import Evaluated

EXAMPLES = """
[bold]Examples[/bold]

  osteon claims pediurf

  osteon claims fracatlas evaluation

  osteon claims mobilenet_elbow runs/seed* --simulated --out claims

Each path is a folder that `osteon evaluate` wrote; several are seeds, and give mean and standard deviation. A paper without a
path is listed whole: every number with its place, and ours from the kept reports or the reason why there is none.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("claims", epilog=EXAMPLES)(claims)


def claims(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Recipe, or name of a paper.")],
    evaluations: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR...", help="Evaluations; none lists every number of the paper.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Output folder for the table.")] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Mark the data as simulated.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare a paper's figures with ours: paper, ours, difference, data, command."""
    from osteon.cli.learning import with_learning

    with with_learning():
        from osteon.learning.recipes import PAPERS, find_any

        found = find_any(recipe)
    whole = next((paper for paper in PAPERS if paper.name == recipe and not evaluations), None)
    from osteon.evaluation.claims.claims import Cases, Claims, compare_claims
    from osteon.evaluation.compare.seeds import summarise
    from osteon.evaluation.compare.sources import evaluated

    if whole is not None:
        from osteon.learning.reproduce.numbers.collect import numbers_of

        _show(numbers_of(whole), f"{whole.name}: every number of the paper, and ours", out, as_json=as_json, digits=4)
        return
    runs = [evaluated(path) for path in evaluations or ()]
    figures = summarise([run.figures for run in runs]) if runs else {}
    data = _cases(runs[0], simulated=simulated) if runs else Cases("")
    command = "; ".join(dict.fromkeys(run.about.get("Command", "") for run in runs))
    entries = compare_claims(
        found.claims, figures, data=data, command=command, why="" if runs else "no evaluation was named"
    )
    table = Claims(found.name, found.source, entries)
    _show(table, f"{found.name}: the paper and ours", out, as_json=as_json)


def _show(table: Claims, title: str, out: Path | None, *, as_json: bool, digits: int = 3) -> None:
    """Write the table where it is asked for, and print it."""
    from rich.console import Console

    from osteon.evaluation.claims.page import claims_document, claims_markdown
    from osteon.evaluation.claims.record import claims_record, write_claims_json
    from osteon.evaluation.claims.terminal import claims_rich

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_claims_json([table], out / "claims.json")
        (out / "claims.md").write_text(claims_markdown(table, "lines", digits=digits), encoding="utf-8")
        (out / "claims.html").write_text(claims_document([table], title, "lines", digits=digits), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(claims_record(table), ensure_ascii=False, allow_nan=False))
    else:
        Console().print(claims_rich(table, "lines", digits=digits))


def _cases(run: Evaluated, *, simulated: bool) -> Cases:
    """The cases of an evaluation."""
    from osteon.evaluation.claims.claims import Cases

    name = run.about.get("Data") or run.about.get("System", "not stated")
    # A table that is named as simulated is marked so even without --simulated.
    named_simulated = any(word in name.lower() for word in ("phantom", "simulated", "synthetic"))
    return Cases(name, run.counts.get("images"), run.counts.get("positive"), simulated or named_simulated)
