"""``osteon annotate agree``: how far the readers of a project agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from osteon.cli.annotate_store import Config, Project, content_of, opened
from osteon.cli.options import AsJson, ServerSettings


def agree(
    project: Project,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Write agreement.html and agreement.json.")
    ] = None,
    as_json: AsJson = False,
    aided: Annotated[
        bool, typer.Option("--aided", help="Compare reads made after proposals of the model were seen.")
    ] = False,
    imported: Annotated[bool, typer.Option("--imported", help="Count imported annotations as reads.")] = False,
    resamples: Annotated[int, typer.Option(min=100, max=100_000, help="Number of bootstrap resamples.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    config: Config = None,
    settings: ServerSettings = None,
) -> None:
    """Measure how far readers agree, per study, image and region, with each other, the consensus and themselves."""
    from datetime import UTC, datetime

    from osteon.cli.annotate_tables import print_agreement
    from osteon.clinic.annotation.agreement.compute import measure
    from osteon.clinic.annotation.agreement.document import as_json as document
    from osteon.clinic.annotation.agreement.page import render_agreement
    from osteon.clinic.annotation.agreement.plots import agreement_plots
    from osteon.clinic.annotation.agreement.records import AgreementOptions
    from osteon.clinic.annotation.records.read import Stage
    from osteon.stats.agreement.measure import Resampling

    with opened(config, settings) as store:
        content = content_of(store, project)
    options = AgreementOptions(
        stage=Stage.AIDED if aided else Stage.UNAIDED,
        imported=imported,
        resampling=Resampling(resamples, seed),
        pair_resamples=min(resamples, 500),
    )
    found = measure(content, options, datetime.now(UTC))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "agreement.json").write_text(json.dumps(document(found), indent=1, allow_nan=False) + "\n", "utf-8")
        (out / "agreement.html").write_text(render_agreement(found, agreement_plots(found)), "utf-8")
    if as_json:
        typer.echo(json.dumps(document(found), allow_nan=False))
    else:
        print_agreement(found)
        if out is not None:
            typer.echo(str(out / "agreement.html"), err=True)
