"""``osteon registry``: which version of a bundle reads in a reading room, and how that came to be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from osteon.cli.options import BundleOrFile, Store, StoreConfig
from osteon.cli.registry_show import compare, show
from osteon.cli.registry_store import Bundle, audit, decision, opened

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon registry add new.osteon --reason "trained with the corrections of autumn" --store /var/lib/osteon

  osteon registry shadow fracatlas@1.5.0 --reason "to compare for four weeks" --store /var/lib/osteon

  osteon registry compare fracatlas@1.5.0 --store /var/lib/osteon

  osteon registry show fracatlas@1.5.0 --html comparison.html --store /var/lib/osteon

  osteon registry promote fracatlas@1.5.0 --reason "as planned" --store /var/lib/osteon

  osteon registry rollback fracatlas --reason "misses children" --store /var/lib/osteon

  osteon registry list --history --store /var/lib/osteon

For accounts that may write to the store; a running server follows within seconds. Administrators can also promote and roll back
over the API. Without a live bundle in the registry, that of the settings reads.
"""

Why = Annotated[str, typer.Option("--reason", help="Why, in words; nothing of a patient.")]
Evidence = Annotated[
    Path | None,
    typer.Option(
        "--evidence", metavar="FILE", help="A report that this rests on; a copy is kept.", exists=True, dir_okay=False
    ),
]
Person = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides. Default: the account on this machine.")
]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", epilog=EXAMPLES)
    app.add_typer(group, name="registry", help="Bundles of a reading room: candidate, shadow, live, retired.")
    for name, command in (
        ("list", list_),
        ("add", add),
        ("shadow", shadow),
        ("promote", promote),
        ("rollback", rollback),
        ("retire", retire),
        ("show", show),
        ("compare", compare),
    ):
        group.command(name)(command)


def list_(
    store: Store = None,
    config: StoreConfig = None,
    history: Annotated[bool, typer.Option("--history", help="Also who changed what, when and why.")] = False,
) -> None:
    """List the bundles of the registry with their stage."""
    from osteon.clinic.store.registry import registry

    with opened(store, config) as (settings, database), database.session() as session:
        rows = registry.listed(session)
        if not rows:
            typer.echo(f"The registry is empty: {settings.bundle} reads, as the settings say.")
        for row in rows:
            typer.echo(f"{row.stage:<10} {row.identity}  {row.digest[:12]}  since {row.added:%Y-%m-%d %H:%M} UTC")
            for event in registry.history(session, row.digest) if history else ():
                evidence = "" if event.evidence is None else f" [{event.evidence_name}, {event.evidence[:12]}]"
                typer.echo(f"    {event.time:%Y-%m-%d %H:%M} {event.person}: {event.action}, {event.reason}{evidence}")


def add(
    bundle: BundleOrFile,
    reason: Why,
    evidence: Evidence = None,
    person: Person = None,
    store: Store = None,
    config: StoreConfig = None,
) -> None:
    """Add a bundle as a candidate; a copy of its file is kept in the store."""
    from osteon.clinic.store.registry import registry
    from osteon.clinic.store.registry.kept import keep_bundle
    from osteon.inference.engine import InferenceEngine

    with opened(store, config) as (settings, database):
        kept = keep_bundle(settings.store, bundle)
        InferenceEngine(kept, threads=1)  # a bundle that cannot be run is no candidate
        with database.session() as session:
            row = registry.register(session, kept, decision(settings, reason, evidence, person))
            audit(session, "register bundle", row.digest)
            typer.echo(f"{row.identity} {row.digest[:12]}: {row.stage}")


def shadow(
    bundle: Bundle,
    reason: Why,
    evidence: Evidence = None,
    person: Person = None,
    store: Store = None,
    config: StoreConfig = None,
) -> None:
    """Let a bundle also read all studies, on spare time; its readings are stored, and never shown or sent."""
    _move(bundle, "shadow", reason, evidence, person, store, config)


def retire(
    bundle: Bundle,
    reason: Why,
    evidence: Evidence = None,
    person: Person = None,
    store: Store = None,
    config: StoreConfig = None,
) -> None:
    """Retire a bundle that is not live."""
    _move(bundle, "retired", reason, evidence, person, store, config)


def promote(
    bundle: Bundle,
    reason: Why,
    evidence: Evidence = None,
    override: Annotated[
        str | None,
        typer.Option("--override", metavar="REASON", help="Why it is promoted although something does not hold; kept."),
    ] = None,
    person: Person = None,
    store: Store = None,
    config: StoreConfig = None,
) -> None:
    """Let a bundle read from now on, in place of the live one, if its comparison shows all that was planned."""
    from osteon.clinic.store.registry import promotion, registry
    from osteon.clinic.store.registry.kept import open_kept
    from osteon.core.wording.promotion import check_words
    from osteon.inference.engine import InferenceEngine

    with opened(store, config) as (settings, database):
        with database.session() as session:
            digest = registry.find(session, bundle).digest
        candidate = open_kept(settings.store, digest)
        InferenceEngine(candidate, threads=1)  # before anything is changed
        chosen = decision(settings, reason, evidence, person)
        with database.session() as session:
            row = registry.find(session, digest)
            given = None if chosen.evidence is None else promotion.read_comparison(settings.store, chosen.evidence)
            checks = promotion.checks_of(
                session, settings.store, row, candidate, promotion.settings_bundle(settings, row.name), given
            )
            before = promotion.promote(session, row, chosen, checks, override)
            audit(session, "promote bundle", row.digest)
            replaced = "the bundle of the settings" if before is None else before.identity
        for check in checks:
            if not check.passed:
                typer.echo(f"overridden: {check_words(check.code, check.values, passed=False)}", err=True)
        typer.echo(f"{row.identity} reads from now on, in place of {replaced}")


def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the bundle, without its version.")],
    reason: Why,
    evidence: Evidence = None,
    person: Person = None,
    store: Store = None,
    config: StoreConfig = None,
) -> None:
    """Take the last promotion of a name back: the bundle before it reads again."""
    from osteon.clinic.store.registry import registry

    with opened(store, config) as (settings, database), database.session() as session:
        before = registry.rollback(session, name, decision(settings, reason, evidence, person))
        audit(session, "roll bundle back", "" if before is None else before.digest)
        typer.echo(f"{'The bundle of the settings' if before is None else before.identity} reads again")


def _move(
    bundle: str,
    stage: str,
    reason: str,
    evidence: Path | None,
    person: str | None,
    store: Path | None,
    config: Path | None,
) -> None:
    from osteon.clinic.store.registry import registry
    from osteon.clinic.store.tables.registry import BundleStage

    with opened(store, config) as (settings, database), database.session() as session:
        row = registry.find(session, bundle)
        registry.move(session, row, BundleStage(stage), decision(settings, reason, evidence, person))
        audit(session, f"move bundle to {stage}", row.digest)
        typer.echo(f"{row.identity}: {row.stage}")
