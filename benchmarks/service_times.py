"""What a study costs each part of the reading room, for the model of capacity (``scripts/capacity.py``).

    python benchmarks/service_times.py --out docs/evidence/service-times.json

Phantoms as three kinds of file go through the real parts, one after the other: intake (kept, hashed, entered in a PostgreSQL
that this script starts, with fsync), the worker (lease, decoding, networks, heat map, boxes, the result kept), one thread each.
What counts is processor time, of this process and of PostgreSQL's, so that other work on the machine disturbs little; time on
the clock is written beside it. Needs PostgreSQL's programs, and a user ``postgres`` where this one is root.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import film
from pydicom.uid import generate_uid

from osteon.bundle.archive import open_bundle
from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake, Upload
from osteon.clinic.reading.worker import Worker
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.queue import waiting
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files
from osteon.inference.studies import Study
from osteon.phantom.simulate import simulate

TICKS: Final = os.sysconf("SC_CLK_TCK")
SIZES: Final = {"small JPEG": (373, 454), "large JPEG": (2000, 2500), "CR DICOM": (1831, 2048)}
"""Columns and rows; the DICOM images have 16 bits, uncompressed: 7.5 MB."""


@contextmanager
def postgres() -> Generator[tuple[str, Callable[[], float]]]:
    """A PostgreSQL of its own: the address of its database, and the processor seconds of its processes so far."""
    found = [shutil.which("initdb"), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True))]
    programs = next((Path(path).parent for path in found if path), None)
    if programs is None:
        sys.exit("needs PostgreSQL's programs: initdb and pg_ctl are not there")
    user = "postgres" if os.geteuid() == 0 else None
    # The path of its socket must be short.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        if user:
            shutil.chown(folder, user)

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "osteon", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses="
        run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        main = int(Path(f"{folder}/data/postmaster.pid").read_text().split()[0])
        try:
            yield f"postgresql+psycopg://osteon@/postgres?host={folder}", lambda: _spent(main)
        finally:
            run("pg_ctl", "-D", f"{folder}/data", "-m", "fast", "-w", "stop")


def _spent(main: int) -> float:
    """Processor seconds of a process, of its children that live and of those that ended."""
    total = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(place.parent.name) == main:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == main:
            total += sum(map(int, fields[11:13]))
    return total / TICKS


def contents(kind: str, count: int) -> list[bytes]:
    """Files of a kind, all different."""
    pixels = simulate("hand", 5, size=1024).pixels
    columns, rows = SIZES[kind]
    plane = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    generator = np.random.default_rng(1)
    made: list[bytes] = []
    for number in range(count):
        noisy = np.clip(np.roll(plane, number, 1) + generator.normal(0, 0.004, plane.shape).astype(np.float32), 0, 1)
        if kind == "CR DICOM":
            made.append(film(noisy, study=generate_uid(), patient=f"C{number}"))
        else:
            grey = np.round(noisy * 255).astype(np.uint8)
            made.append(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    return made


def alone(engine: InferenceEngine, files: list[bytes], folder: Path) -> list[float]:
    """Processor seconds of decoding and reading each file."""
    spent: list[float] = []
    for content in files:
        path = folder / "image"
        path.write_bytes(content)
        begin = time.process_time()
        read_study_files(engine, Study((path,)))
        spent.append(time.process_time() - begin)
    return spent


def size(folder: Path) -> int:
    """Bytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measured(
    kind: str, database: Database, engine: InferenceEngine, bundle: Any, cpu: Callable[[], float], n: int
) -> dict[str, Any]:
    """What a study of one image of a kind costs."""
    with tempfile.TemporaryDirectory() as name:
        store = Files(Path(name) / "store")
        hub = Hub()
        intake = Intake(database, store, hub, bundle=bundle.manifest.identity, digest=bundle.digest, most=10 * n)
        files = contents(kind, n)
        of_reading = alone(engine, files, Path(name))
        sizes = [_database_bytes(database)]
        base, clock, own = cpu(), time.perf_counter(), time.process_time()
        for content in files:
            path = Path(name) / "upload"
            path.write_bytes(content)
            with path.open("rb") as stream:
                intake.take([Upload("image.dcm" if kind == "CR DICOM" else "image.jpg", stream)])
        intake_clock, intake_own, intake_database = time.perf_counter() - clock, time.process_time() - own, cpu() - base
        worker = Worker(database, store, engine, hub, 1)
        base, clock, own = cpu(), time.perf_counter(), time.process_time()
        worker.start()
        while True:
            with database.session() as session:
                if not waiting(session):
                    break
            time.sleep(0.25)
        worker_clock, worker_own, worker_database = time.perf_counter() - clock, time.process_time() - own, cpu() - base
        worker.stop()
        sizes.append(_database_bytes(database))
        found = {
            "studies": n,
            "file_bytes": round(sum(map(len, files)) / n),
            "store_bytes": round(size(Path(name) / "store") / n),
            "database_bytes": round((sizes[1] - sizes[0]) / n),
            "intake_cpu_s": round(intake_own / n, 5),
            "intake_clock_s": round(intake_clock / n, 5),
            "intake_database_cpu_s": round(intake_database / n, 5),
            "worker_cpu_s": round(worker_own / n, 5),
            "worker_clock_s": round(worker_clock / n, 5),
            "worker_database_cpu_s": round(worker_database / n, 5),
            "reading_cpu_s": [round(one, 4) for one in sorted(of_reading[2:])],
        }
        store.release()
    return found


def _database_bytes(database: Database) -> int:
    from sqlalchemy import text

    with database.session() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def main() -> None:
    """Measure all kinds and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100, help="of each kind")
    parser.add_argument("--out", type=Path, help="JSON file; else it is printed")
    parser.add_argument("--beside", default="", help="what else the machine did meanwhile, written down")
    given = parser.parse_args()
    bundle = open_bundle("fracatlas")
    engine = InferenceEngine(bundle, 1)
    with postgres() as (url, cpu):
        database = open_database(url)
        kinds = {kind: measured(kind, database, engine, bundle, cpu, given.studies) for kind in SIZES}
        database.close()
    memory = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    report = {
        "command": f"python benchmarks/service_times.py --studies {given.studies} --out docs/evidence/service-times.json",
        "made": datetime.now(UTC).date().isoformat(),
        "bundle": bundle.manifest.identity,
        "data": "phantoms (SYNTHETIC), one image a study",
        "machine": f"{platform.machine()}, {os.cpu_count()} processors; {given.beside or 'nothing else ran'}",
        "worker_memory_bytes": int(memory) * 1024,
        "kinds": kinds,
    }
    text = json.dumps(report, indent=1) + "\n"
    if given.out:
        given.out.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
