"""Stages of bundles: who may follow whom, what is written down, and that no half of a change stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from osteon.bundle.archive import Bundle, open_bundle
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.kept import bundle_path, keep_bundle, open_kept
from osteon.clinic.store.registry.registry import Decision, RegistryError
from osteon.clinic.store.tables.registry import BundleStage
from osteon.core.errors import BundleError

WHY = Decision("ann", "not inferior here")


@pytest.fixture(scope="module")
def bundles(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Bundle]:
    folder = tmp_path_factory.mktemp("versions")
    return [
        open_bundle(
            blobs.make(folder / f"{version}.osteon", blobs.both().model_copy(update={"version": version})).absolute()
        )
        for version in ("1.0.0", "1.1.0", "1.2.0")
    ]


def test_promotion_replaces_and_rollback_restores(database: Database, bundles: list[Bundle]) -> None:
    first, second, third = bundles
    name = first.manifest.name
    with database.session() as session:
        rows = [registry.register(session, bundle, WHY) for bundle in bundles]
        assert [row.stage for row in rows] == [BundleStage.CANDIDATE] * 3
        assert registry.promote(session, rows[0], WHY) is None
        assert registry.promote(session, rows[1], Decision("bob", "better", "e" * 64, "report.html")) is rows[0]
        registry.move(session, rows[2], BundleStage.SHADOW, WHY)
        assert [row.stage for row in rows] == [BundleStage.RETIRED, BundleStage.LIVE, BundleStage.SHADOW]
    with database.session() as session:
        assert registry.live(session, name).digest == second.digest
        assert registry.rollback(session, name, Decision("ann", "misses children")).digest == first.digest
        assert registry.live(session, name).digest == first.digest
        assert registry.rollback(session, name, WHY) is None
        assert registry.live(session, name) is None
        with pytest.raises(RegistryError, match="live"):
            registry.rollback(session, name, WHY)
        told = [(event.person, event.action, event.stage) for event in registry.history(session, second.digest)]
        assert told == [("ann", "register", "candidate"), ("bob", "promote", "live"), ("ann", "rollback", "retired")]
        assert registry.find(session, third.manifest.identity).digest == third.digest


def test_what_cannot_be_is_refused(
    database: Database, bundles: list[Bundle], blobs: ModuleType, tmp_path: Path
) -> None:
    with database.session() as session:
        row = registry.register(session, bundles[0], WHY)
        assert registry.register(session, bundles[0], WHY) is row
        registry.promote(session, row, WHY)
        with pytest.raises(RegistryError, match="already"):
            registry.promote(session, row, WHY)
        with pytest.raises(RegistryError):
            registry.move(session, row, BundleStage.RETIRED, WHY)
        with pytest.raises(RegistryError, match="no such"):
            registry.find(session, "nothing@1")
        changed = blobs.both().model_copy(update={"summary": "Another one."})
        other = open_bundle(blobs.make(tmp_path / "other.osteon", changed))
        with pytest.raises(RegistryError, match="another bundle"):
            registry.register(session, other, WHY)
    with pytest.raises(RegistryError, match="says why"):
        Decision("ann", " ")


def test_a_kept_bundle_is_verified_whenever_it_is_opened(blobs: ModuleType, tmp_path: Path) -> None:
    file = blobs.make(tmp_path / "a.osteon", blobs.both())
    kept = keep_bundle(tmp_path, file)
    assert open_kept(tmp_path, kept.digest).digest == kept.digest
    path = bundle_path(tmp_path, kept.digest)
    path.write_bytes(blobs.make(tmp_path / "b.osteon", blobs.both().model_copy(update={"version": "9"})).read_bytes())
    with pytest.raises(BundleError, match="replaced"):
        open_kept(tmp_path, kept.digest)


_LOOP = """
import sys
from osteon.clinic.store.database import open_database
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.registry import Decision
database = open_database(sys.argv[1])
print("ready", flush=True)
while True:
    for digest in sys.argv[2:]:
        with database.session() as session:
            registry.promote(session, registry.find(session, digest), Decision("loop", "again"))
"""


def test_a_killed_promotion_leaves_one_live_bundle(bundles: list[Bundle], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'osteon.db'}"
    database = open_database(url)
    digests = [bundle.digest for bundle in bundles[:2]]
    with database.session() as session:
        for bundle in bundles[:2]:
            registry.register(session, bundle, WHY)
        registry.promote(session, registry.find(session, digests[1]), WHY)
    for attempt in range(4):
        with database.session() as session:
            live = registry.live(session, bundles[0].manifest.name)
            assert live is not None
            order = [digest for digest in digests if digest != live.digest] + [live.digest]
        child = subprocess.Popen([sys.executable, "-c", _LOOP, url, *order], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.05 + 0.037 * attempt)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with database.session() as session:
            rows = registry.listed(session)
            assert sorted(row.stage for row in rows) in (["live", "retired"], ["candidate", "live"])
            live = registry.live(session, bundles[0].manifest.name)
            assert live is not None
            last = registry.history(session, live.digest)[-1]
            assert (last.action, last.stage) == ("promote", "live")
    database.close()
