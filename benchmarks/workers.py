"""How many workers one PostgreSQL carries: workers that lease, sleep as long as reading takes, and keep a reading.

    python benchmarks/workers.py --workers 25 100 200 400 --seconds 20
    python benchmarks/workers.py --workers 100 200 400 --stretch 40 --seconds 60   # studies that take 40 times as long

First real studies of one image are read with one thread, as by a worker with one processor, and their times are kept. Then so
many workers are simulated, in processes of 50: each says that it lives, hears and tells as a real one, leases from a queue that
does not run empty, sleeps for one of these times and keeps a reading of a real size. What they finish within the seconds is
compared with what as many would without a database: their number divided by the mean time. --stretch makes studies longer, as
those of several large images are: then so many workers ask at once, and the machine can still simulate them. The simulation and
the database share this machine, so that it is told how busy it was, and with which of both.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, text

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from cluster_rig import Postgres

from osteon.bundle.archive import open_bundle
from osteon.clinic.fleet.member import Member
from osteon.clinic.hub import Hub
from osteon.clinic.reading.results import Finish
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.presence import Kind
from osteon.clinic.store.studies import queue
from osteon.clinic.store.studies.queue import Result, Task
from osteon.clinic.store.tables.studies import State, Study
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files
from osteon.inference.studies import Study as StudyFiles

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

EACH: Final = 50
"""Workers in one process of the simulation."""

WARM: Final = 5.0
"""Seconds before it is counted."""

SAMPLES: Final = Path(__file__).parents[1] / "samples"


def measured(folder: Path, rounds: int) -> tuple[list[float], Result]:
    """Seconds that studies of one image take with one thread, and what is kept of one."""
    engine, files = InferenceEngine(open_bundle("fracatlas"), 1), Files(folder)
    pictures = [path for path in sorted(SAMPLES.iterdir()) if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".dcm"}]
    seconds: list[float] = []
    kept: Result | None = None
    for turn in range(rounds + 1):
        for path in pictures:
            task = Task("s" * 20, (files.put(path.read_bytes()),), (None,))
            begun = time.perf_counter()
            made = Finish(task, files)
            outcome = read_study_files(engine, StudyFiles(tuple(map(files.path, task.digests)), task.views), made)
            result = made.result(outcome)
            if turn and result is not None:  # the first turn warms up
                seconds.append(time.perf_counter() - begun)
                kept = kept or result
    if kept is None:
        raise SystemExit("no sample could be read")
    return seconds, kept


def fill(database: Database, studies: int) -> None:
    """Queue so many studies of one image."""
    with database.session() as session:
        session.execute(text("TRUNCATE studies, processes, leaderships CASCADE"))
        session.execute(
            text(
                "INSERT INTO studies (id, key, state, received, bundle, view_count, reason, urgency, sort_key, attempts, "
                "examination, version, cause) SELECT lpad(n::text, 20, '0'), lpad(n::text, 64, '0'), 'queued', "
                "now() + n * interval '1 microsecond', 'b@1', 1, '[]', 4, 1.0, 0, lpad(n::text, 20, '0'), 1, 'received' "
                "FROM generate_series(1, :studies) n"
            ),
            {"studies": studies},
        )
        session.execute(
            text(
                "INSERT INTO originals (study_id, position, digest, size, format) "
                "SELECT id, 0, lpad(id, 64, '0'), 1000000, 'JPEG' FROM studies"
            )
        )
    with database.apart() as connection:
        connection.execute(text("VACUUM ANALYZE studies, originals, readings, images"))


def simulated(url: str, count: int, times: list[float], result: Result, end: Event, used: Any) -> None:
    """So many workers in this process."""
    begun, since = time.process_time(), time.monotonic()
    threads = [threading.Thread(target=_worker, args=(url, times, result, end, seed)) for seed in range(count)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    used.put((time.process_time() - begun, time.monotonic() - since))


def _worker(url: str, times: list[float], result: Result, end: Event, seed: int) -> None:
    chance = random.Random(f"{os.getpid()} {seed}")  # noqa: S311 - no secret
    database, hub = Database(url, 1), Hub()
    member = Member(database, hub, Kind.WORKER, 1)
    member.start(alone=False)
    while not end.is_set():
        task = queue.take(database, member.id, ["b@1"])
        if task is None:
            time.sleep(0.1)
            continue
        hub.publish({"kind": "study", "id": task.study, "state": State.READING})
        time.sleep(chance.choice(times))
        if queue.finish(database, task, member.id, result):
            hub.publish({"kind": "study", "id": task.study, "state": State.DONE})
    member.stop()
    database.close()


def trial(
    database: Database, url: str, workers: int, times: list[float], result: Result, seconds: float
) -> dict[str, float]:
    """One number of workers."""
    ideal = workers * len(times) / sum(times)
    fill(database, int(ideal * (seconds + 4 * WARM)) + 1000)
    context = mp.get_context("spawn")
    end, used = context.Event(), context.Queue()
    groups = [min(EACH, workers - first) for first in range(0, workers, EACH)]
    processes = [context.Process(target=simulated, args=(url, size, times, result, end, used)) for size in groups]
    for process in processes:
        process.start()
    while _living(database) < workers:
        time.sleep(0.2)
    time.sleep(WARM)
    before, begun = _done(database), time.monotonic()
    idle = _idle()
    time.sleep(seconds)
    done, lasted = _done(database) - before, time.monotonic() - begun
    spare = (_idle() - idle) / (lasted * (os.cpu_count() or 1))
    end.set()
    own, lived = (sum(part) for part in zip(*(used.get() for _ in processes), strict=True))
    for process in processes:
        process.join()
    return {
        "workers": workers,
        "ideal": ideal,
        "reached": done / lasted,
        "share": done / lasted / ideal,
        "busy": 1.0 - spare,
        "own": own / lived * len(processes) / (os.cpu_count() or 1),
    }


def _idle() -> float:
    """Seconds that all processors of this machine have been idle."""
    fields = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def _done(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(Study).where(Study.state == State.DONE)) or 0


def _living(database: Database) -> int:
    with database.session() as session:
        return session.scalar(text("SELECT count(*) FROM processes")) or 0


def main() -> None:
    """Measure, simulate, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--workers", type=int, nargs="+", default=[25, 100, 200, 400])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=5, help="of reading the samples")
    parser.add_argument("--stretch", type=float, default=1.0, help="sleep so many times as long as reading takes")
    parser.add_argument("--json", type=Path, default=None, help="file for the figures")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as place, tempfile.TemporaryDirectory() as folder:
        times, result = measured(Path(folder), given.rounds)
        mean = sum(times) / len(times)
        print(f"{len(times)} studies read with one thread: mean {mean:.3f} s, {min(times):.3f} to {max(times):.3f} s")
        times = [given.stretch * one for one in times]
        rows: list[dict[str, float]] = []
        with Postgres(Path(place), ["max_connections=1500", "shared_buffers=256MB", "fsync=on"]) as postgres:
            database = open_database(postgres.url)
            for workers in given.workers:
                rows.append(trial(database, postgres.url, workers, times, result, given.seconds))
                one = rows[-1]
                print(
                    f"{workers:5} workers: ideal {one['ideal']:7.1f}/s, reached {one['reached']:7.1f}/s, "
                    f"{100 * one['share']:5.1f} %; processors busy {100 * one['busy']:.0f} %, "
                    f"by the simulation itself {100 * one['own']:.0f} %"
                )
            database.close()
    if given.json is not None:
        given.json.write_text(
            json.dumps({"mean_seconds": mean, "studies": len(times), "stretch": given.stretch, "rows": rows}, indent=1)
            + "\n"
        )


if __name__ == "__main__":
    main()
