"""``osteon registry show`` and ``compare``: what is known of a bundle, and what it said in shadow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from osteon.cli.options import AsJson, Store, StoreConfig
from osteon.cli.registry_store import Bundle, opened

Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.", dir_okay=False)]


def show(
    bundle: Bundle, store: Store = None, config: StoreConfig = None, html: Html = None, as_json: AsJson = False
) -> None:
    """Show a bundle of the registry: its stage and history, what its comparison shows, and whether that is enough."""
    from osteon.bundle.promotion.page import comparison_page
    from osteon.clinic.store.registry import promotion, registry
    from osteon.clinic.store.registry.kept import open_kept
    from osteon.core.errors import StoreError
    from osteon.core.wording.promotion import check_words
    from osteon.data.files.atomic import write_text

    with opened(store, config) as (settings, database), database.session() as session:
        row = registry.find(session, bundle)
        candidate, usual = open_kept(settings.store, row.digest), promotion.settings_bundle(settings, row.name)
        live = registry.live(session, row.name)
        kept = promotion.evidence_of(session, settings.store, row)
        checks = promotion.checks_of(session, settings.store, row, candidate, usual)
        if html is not None:
            if kept is None:
                raise StoreError("no comparison is kept with this bundle", hint="osteon improve makes one.")
            reads = usual.digest if live is None else live.digest
            write_text(html, comparison_page(kept.comparison, candidate, reads))
        history = registry.history(session, row.digest)
        if as_json:
            record = {
                "identity": row.identity,
                "digest": row.digest,
                "stage": row.stage,
                "comparison": None if kept is None else kept.comparison.model_dump(mode="json"),
                "checks": [one.model_dump(mode="json") for one in checks],
            }
            typer.echo(json.dumps(record))
            return
        typer.echo(f"{row.identity}  {row.digest[:12]}  {row.stage} since {row.added:%Y-%m-%d %H:%M} UTC")
        for event in history:
            typer.echo(f"  {event.time:%Y-%m-%d %H:%M} {event.person}: {event.action}, {event.reason}")
            failed = [one for one in promotion.kept_checks(event) if not one.passed]
            for one in failed:
                typer.echo(f"    {check_words(one.code, one.values, passed=False)}")
            if event.override:
                typer.echo(f"    overridden: {event.override}")
        if row.stage != "live":
            for one in checks:
                typer.echo(f"  {check_words(one.code, one.values, passed=one.passed)}")


def compare(
    bundle: Bundle, store: Store = None, config: StoreConfig = None, html: Html = None, as_json: AsJson = False
) -> None:
    """Compare what a bundle read in shadow with the live readings, and both with readers: differences with intervals."""
    from osteon.clinic.store.registry import registry
    from osteon.clinic.store.registry.shadow_page import shadow_page
    from osteon.clinic.store.registry.shadows import compare_shadow
    from osteon.data.files.atomic import write_text

    with opened(store, config) as (_, database), database.session() as session:
        row = registry.find(session, bundle)
        found = compare_shadow(session, row.digest)
    if html is not None:
        write_text(html, shadow_page(found, row.identity))
    if as_json:
        typer.echo(json.dumps(found.to_json()))
        return
    for line in found.lines(row.identity):
        typer.echo(line)
