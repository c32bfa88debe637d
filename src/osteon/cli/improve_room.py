"""What ``osteon improve`` needs of a reading room: its live bundle, what readers decided, the lock, the registry."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from osteon.core.errors import DataError

if TYPE_CHECKING:
    from osteon.clinic.settings import Settings
    from osteon.clinic.store.database import Database
    from osteon.core.locked import Lock
    from osteon.core.snapshot import Snapshot
    from osteon.learning.improve.request import Request

PROJECT = "project"
OPINIONS = "opinions"


@dataclass(frozen=True)
class StoreRoom:
    """The store of a reading room.

    Attributes:
        settings: of the room.
        database: open.
        registers: whether candidates are registered.
    """

    settings: Settings
    database: Database
    registers: bool

    def live(self, named: str) -> Path:
        """File of the bundle that reads: the registry's live one of the name, else that of the settings."""
        from osteon.bundle.archive import open_bundle
        from osteon.bundle.catalogue import locate
        from osteon.clinic.store.registry import registry
        from osteon.clinic.store.registry.kept import bundle_path

        name = named or str(self.settings.bundle)
        with self.database.session() as session:
            row = registry.live(session, named) if named else None
            if row is None:
                row = registry.live(session, open_bundle(name).manifest.name)
            if row is not None:
                return bundle_path(self.settings.store, row.digest).resolve()
        return Path(locate(name)).resolve()

    def versions(self, name: str) -> frozenset[str]:
        """See ``osteon.learning.improve.request.Room``."""
        from osteon.clinic.store.registry import registry

        with self.database.session() as session:
            return frozenset(row.identity.partition("@")[2] for row in registry.listed(session) if row.name == name)

    def snapshots(self, request: Request, out: Path) -> list[str]:
        """See ``osteon.learning.improve.request.Room``."""
        from osteon.cli.annotate_store import user
        from osteon.clinic.annotation.records.consensus import ConsensusRule
        from osteon.clinic.annotation.snapshots.take import take
        from osteon.clinic.store.annotation.load import find_project, project_content
        from osteon.clinic.store.annotation.snapshots import keep
        from osteon.clinic.store.studies.corrections import corrections

        names: list[str] = []
        with self.database.session() as session:
            if request.source:
                content = project_content(session, request.source)
                rule = ConsensusRule(request.rule) if request.rule else None
                taken = take(content, datetime.now(UTC), rule)
                self._write(taken, out / PROJECT)
                keep(session, find_project(session, request.source).id, taken, user())
                names.append(PROJECT)
            if request.since:
                taken = corrections(session, _day(request.since))
                self._write(taken, out / OPINIONS)
                names.append(OPINIONS)
        if not names:
            raise DataError("there is nothing to take", expected="a project, --since, or both")
        return names

    def _write(self, snapshot: Snapshot, out: Path) -> None:
        from osteon.clinic.store.files import Files
        from osteon.data.snapshots.write import write_snapshot

        table = write_snapshot(snapshot, Files(self.settings.store).path, out, fractions=None)
        for reason, count in snapshot.left_out.items():
            if count:
                typer.echo(f"left out: {count:,} {reason.replace('_', ' ')}", err=True)
        if table.skipped:
            typer.echo(f"left out: {len(table.skipped):,} images that cannot be read", err=True)

    def lock(self, request: Request) -> Lock | None:
        """See ``osteon.learning.improve.request.Room``."""
        from osteon.clinic.store.annotation.locks import lock_of

        with self.database.session() as session:
            return lock_of(session, request.source) if request.source else None

    def keep_lock(self, request: Request, lock: Lock) -> Lock:
        """See ``osteon.learning.improve.request.Room``."""
        from osteon.clinic.store.annotation.locks import keep_lock

        with self.database.session() as session:
            return keep_lock(session, request.source, lock)

    def register(self, request: Request, bundle: Path, evidence: Path) -> None:
        """See ``osteon.learning.improve.request.Room``."""
        from osteon.cli.registry_store import audit, decision
        from osteon.clinic.store.registry import registry
        from osteon.clinic.store.registry.kept import keep_bundle

        if not self.registers:
            return
        opened = keep_bundle(self.settings.store, bundle)
        chosen = decision(self.settings, request.reason, evidence, None)
        with self.database.session() as session:
            row = registry.register(session, opened, chosen)
            audit(session, "register bundle", row.digest)
            typer.echo(f"{row.identity} {row.digest[:12]}: {row.stage}")


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise DataError("this is no day", expected="YYYY-MM-DD", got=text[:20]) from error


@contextmanager
def open_room(out: Path, store: Path | None, config: Path | None, *, register: bool) -> Generator[StoreRoom | None]:
    """The reading room that the options name, or that the round was begun with; None where there is none."""
    import json

    kept = out / "room.json"
    if store is None and config is None and kept.is_file():
        stated = json.loads(kept.read_text("utf-8"))
        store = Path(stated["store"]) if stated["store"] else None
        config = Path(stated["config"]) if stated["config"] else None
        register = register and stated["register"]
    if store is None and config is None:
        yield None
        return
    from osteon.cli.registry_store import opened
    from osteon.data.files.atomic import write_text

    with opened(store, config) as (settings, database):
        paths = {
            name: None if path is None else str(path.resolve()) for name, path in (("store", store), ("config", config))
        }
        write_text(kept, json.dumps(paths | {"register": register}) + "\n")
        yield StoreRoom(settings, database, register)
