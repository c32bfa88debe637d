"""The same table from a Ray cluster, also where a machine's process is killed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest

pytest.importorskip("ray")

from tests.bulk.test_run import run, table_of

from osteon.bulk.cluster import ClusterReaders
from osteon.bulk.run import job_of, read_to_table
from osteon.bulk.table import Table
from osteon.bundle.archive import Bundle
from osteon.cluster import LOCAL, cluster
from osteon.inference.engine import InferenceEngine

pytestmark = pytest.mark.slow


def kill_an_actor() -> None:
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"ray::UnitReader" in place.read_bytes():
                os.kill(int(place.parent.name), signal.SIGKILL)
                KILLED.append(place.parent.name)
                return


KILLED: list[str] = []


@pytest.mark.parametrize("kill", [False, True])
def test_the_table_is_that_of_one_process(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path, *, kill: bool
) -> None:
    picture = (archive / "picture.jpg").read_bytes()
    for index in range(60):
        (archive / f"more{index}.jpg").write_bytes(picture + bytes(index))
    run(engine, bundle, [str(archive)], tmp_path / "one", 4)
    table = Table(tmp_path / "out")
    with cluster(LOCAL):
        timer = Timer(6.0, kill_an_actor)
        if kill:
            timer.start()
        readers = ClusterReaders("fracatlas", table.folder, None, actors=2)
        read_to_table(job_of(bundle, [str(archive)], None, 4), table, readers, bundle.manifest.views, lambda _: None)
        timer.cancel()
    assert bool(KILLED) == kill
    assert table_of(tmp_path / "out", "").equals(table_of(tmp_path / "one", ""))
