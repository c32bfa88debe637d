"""``osteon registry``: which version of a bundle reads in a reading room, and how that came to be."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.options import AsJson, BundleOrFile, Store, StoreConfig

if TYPE_CHECKING:
    from collections.abc import Generator

    from osteon.clinic.settings import Settings
    from osteon.clinic.store.database import Database
    from osteon.clinic.store.registry.registry import Decision

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon registry add new.osteon --reason "trained with the corrections of autumn" --store /var/lib/osteon

  osteon registry shadow fracatlas@1.5.0 --reason "to compare for four weeks" --store /var/lib/osteon

  osteon registry compare fracatlas@1.5.0 --store /var/lib/osteon

  osteon registry promote fracatlas@1.5.0 --reason "not inferior here" --evidence comparison.html --store /var/lib/osteon

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
Bundle = Annotated[str, typer.Argument(metavar="NAME@VERSION|DIGEST", help="A bundle of the registry.")]


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

    with _opened(store, config) as (settings, database), database.session() as session:
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

    with _opened(store, config) as (settings, database):
        opened = keep_bundle(settings.store, bundle)
        InferenceEngine(opened, threads=1)  # a bundle that cannot be run is no candidate
        with database.session() as session:
            row = registry.register(session, opened, _decision(settings, reason, evidence, person))
            _audit(session, "register bundle", row.digest)
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
    person: Person = None,
    store: Store = None,
    config: StoreConfig = None,
) -> None:
    """Let a bundle read from now on, in place of the live one of its name; earlier readings stay as they are."""
    from osteon.clinic.store.registry import registry
    from osteon.clinic.store.registry.kept import open_kept
    from osteon.inference.engine import InferenceEngine

    with _opened(store, config) as (settings, database):
        with database.session() as session:
            digest = registry.find(session, bundle).digest
        InferenceEngine(open_kept(settings.store, digest), threads=1)  # before anything is changed
        with database.session() as session:
            row = registry.find(session, digest)
            before = registry.promote(session, row, _decision(settings, reason, evidence, person))
            _audit(session, "promote bundle", row.digest)
            replaced = "the bundle of the settings" if before is None else before.identity
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

    with _opened(store, config) as (settings, database), database.session() as session:
        before = registry.rollback(session, name, _decision(settings, reason, evidence, person))
        _audit(session, "roll bundle back", "" if before is None else before.digest)
        typer.echo(f"{'The bundle of the settings' if before is None else before.identity} reads again")


def compare(
    bundle: Bundle,
    store: Store = None,
    config: StoreConfig = None,
    as_json: AsJson = False,
) -> None:
    """Compare what a bundle read in shadow with the live readings, and both with readers."""
    import json

    from osteon.clinic.store.registry import registry
    from osteon.clinic.store.registry.shadows import compare_shadow

    with _opened(store, config) as (_, database), database.session() as session:
        row = registry.find(session, bundle)
        found = compare_shadow(session, row.digest)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
        return
    for line in found.lines(row.identity):
        typer.echo(line)


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

    with _opened(store, config) as (settings, database), database.session() as session:
        row = registry.find(session, bundle)
        registry.move(session, row, BundleStage(stage), _decision(settings, reason, evidence, person))
        _audit(session, f"move bundle to {stage}", row.digest)
        typer.echo(f"{row.identity}: {row.stage}")


@contextmanager
def _opened(store: Path | None, config: Path | None) -> Generator[tuple[Settings, Database]]:
    """The settings and the database of a store that is there; closed at the end."""
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.store.database import open_database
    from osteon.core.errors import StoreError

    settings = chosen_settings({"store": store}, [], config)
    if not settings.store.is_dir():
        raise StoreError(f"there is no store at {settings.store}", hint="Name the folder of a reading room: --store.")
    database = open_database(settings.database_url)
    try:
        yield settings, database
    finally:
        database.close()


def _decision(settings: Settings, reason: str, evidence: Path | None, person: str | None) -> Decision:
    from osteon.clinic.store.registry.kept import keep_evidence
    from osteon.clinic.store.registry.registry import Decision

    digest = None if evidence is None else keep_evidence(settings.store, evidence)
    return Decision(person or _account(), reason, digest, None if evidence is None else evidence.name)


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without an account
        return "the server's own machine"


def _audit(session: object, action: str, subject: str) -> None:
    from sqlalchemy.orm import Session

    from osteon.clinic.store.audit import audit

    if isinstance(session, Session):
        audit.write(session, audit.Entry(_account(), "", action, subject, "the server's own machine"))
