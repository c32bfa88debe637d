"""An annotation project under load: lists, saves, and simulated readers against a real server.

    python benchmarks/annotate.py --studies 50000 --readers 20 --minutes 10 --postgres

--postgres starts a PostgreSQL of its own with the settings it has by default (each commit is on the disk) and ends it;
--database names an empty database of another one. Makes a project in it, with rows of studies that are read (without their
files: pictures are not part of it), assigns them, starts the server in a process of its own, and lets readers work over HTTP
at once: each takes the next study of its queue, draws, answers, finishes, and sends a part of its events twice, as after a
lost answer. A lead asks for lists meanwhile. At the end every acknowledged event is looked for in the database. Prints JSON:
medians and 95th percentiles in milliseconds, and how many events were lost, doubled or out of order. Exit code 1: an event
was lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from sqlalchemy import func, insert, select

from osteon.clinic.annotation.records.project import MemberRole
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.role import Role
from osteon.clinic.state import State
from osteon.clinic.store.access import accounts, keys
from osteon.clinic.store.access.passwords import hashed
from osteon.clinic.store.annotation import assigning, items, members, projects
from osteon.clinic.store.annotation.projects import Settings
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.adopt import adopt, adopt_headers, adopt_instances
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, Original, Study
from osteon.clinic.urgency import urgency
from osteon.core.labels import Call

PASSWORD = "of the benchmark only"  # noqa: S105
SERVER = """
import sys
from osteon.clinic.server.open import listen, open_context
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings

settings = Settings(port=0, store=sys.argv[1], database=sys.argv[2], rate=0, jobs=1, threads=1)
taken = listen(settings)
port = taken.getsockname()[1]
Server(open_context(settings), lambda: print(port, flush=True)).run(sockets=[taken])
"""
PART = 2000


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=50_000)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--per-study", type=int, default=3, help="Readers of each study.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pause", type=float, default=1.0, help="Mean seconds that a reader thinks between saves.")
    parser.add_argument("--database", default="", help="Address of an empty PostgreSQL database; default: SQLite.")
    parser.add_argument("--postgres", action="store_true", help="Start a PostgreSQL for it; needs its programs.")
    parser.add_argument("--explain", action="store_true", help="Print the plans of the lists' queries, of PostgreSQL.")
    given = parser.parse_args()
    # The path of PostgreSQL's socket must be short.
    with tempfile.TemporaryDirectory(prefix="ann-") as folder, ExitStack() as stack:
        if given.postgres:
            given.database = stack.enter_context(postgres(Path(folder)))
        found = run(given, Path(folder))
    print(json.dumps(found, indent=2))
    if found["lost"] or found["doubled"] or found["assignments_with_gaps"]:
        sys.exit(1)


@contextmanager
def postgres(folder: Path) -> Generator[str]:
    """A PostgreSQL server below a folder, with its default settings; the address of its empty database."""
    found = shutil.which("initdb")
    programs = Path(found).resolve().parent if found else max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        sys.exit("PostgreSQL's programs initdb and pg_ctl are not there")
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    place = folder / "pg"
    place.mkdir()
    if user is not None:
        shutil.chown(folder, user)
        shutil.chown(place, user)

    def call(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        subprocess.run(command, user=user, cwd=place, check=True, stdout=subprocess.DEVNULL)

    call("initdb", "-D", f"{place}/data", "-A", "trust", "-U", "osteon", "-E", "UTF8")
    call("pg_ctl", "-D", f"{place}/data", "-o", f"-k {place} -c listen_addresses=", "-l", f"{place}/log", "-w", "start")
    try:
        yield f"postgresql+psycopg://osteon@/postgres?host={place}"
    finally:
        call("pg_ctl", "-D", f"{place}/data", "-m", "fast", "-w", "stop")


def run(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The figures."""
    url = given.database or f"sqlite:///{folder / 'store' / 'osteon.db'}"
    (folder / "store").mkdir(mode=0o700)
    database = open_database(url)
    # Else the rows would be taken for those of an earlier version, and the server would look for what their files state.
    for adopting in (adopt, adopt_instances, adopt_headers):
        adopting(database, Files(folder / "store"))
    begun = time.perf_counter()
    fill(database, given.studies)
    filled = time.perf_counter()
    project, names, key = prepare(database, given)
    assigned = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder / "store"), given.database], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}/api/v1"
        times: dict[str, list[float]] = defaultdict(list)
        acknowledged: list[tuple[str, str]] = []
        end = time.monotonic() + 60 * given.minutes
        work = [
            threading.Thread(target=read, args=(address, name, project, end, given.pause, times, acknowledged))
            for name in names
        ]
        work.append(threading.Thread(target=lead, args=(address, key, project, end, times)))
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
    finally:
        process.terminate()
        process.wait(60)
    truth = check(database, acknowledged)
    if given.explain:
        explain(database, project)
    database.close()
    return {
        "studies": given.studies,
        "readers": given.readers,
        "minutes": given.minutes,
        "database": database.kind,
        "python": platform.python_version(),
        "processors": len(os.sched_getaffinity(0)),
        "fill_seconds": round(filled - begun, 1),
        "add_and_assign_seconds": round(assigned - filled, 1),
        "milliseconds": {name: described(found) for name, found in sorted(times.items())},
        **truth,
    }


def fill(database: Database, count: int) -> None:
    """Rows of studies with two images each."""
    chance = np.random.default_rng(1)
    moment = now()
    for start in range(0, count, PART):
        names = [f"{number:020x}" for number in range(start, min(start + PART, count))]
        probabilities = chance.uniform(size=(len(names), 2))
        with database.session() as session:
            session.execute(
                insert(Study),
                [
                    {
                        "id": name,
                        "key": name,
                        "state": State.DONE,
                        "received": moment,
                        "bundle": "benchmark@1.0.0",
                        "examination": name,
                        "age": 50.0,
                        "sex": "F",
                        "body_part": "spine",
                        "probability": float(both.max()),
                        "urgency": urgency(Call.NO_FRACTURE),
                    }
                    for name, both in zip(names, probabilities, strict=True)
                ],
            )
            session.execute(
                insert(Original),
                [
                    {"study_id": name, "position": place, "digest": secrets.token_hex(32), "size": 1, "format": "DICOM"}
                    for name in names
                    for place in range(2)
                ],
            )
            session.execute(
                insert(Image),
                [
                    {
                        "study_id": name,
                        "position": place,
                        "original": place,
                        "frame": 0,
                        "rows": 2500,
                        "columns": 1600,
                        "bits": 12,
                        "view": ("frontal", "lateral")[place],
                        "format": "DICOM",
                        "notes": (),
                        "probability": float(both[place]),
                        "refusals": (),
                        "heat": False,
                        "thumbnail": b"",
                    }
                    for name, both in zip(names, probabilities, strict=True)
                    for place in range(2)
                ],
            )


def prepare(database: Database, given: argparse.Namespace) -> tuple[str, list[str], str]:
    """A project with its readers and assignments; their names, and an administrator's key."""
    names = [f"reader {number}" for number in range(given.readers)]
    secret = hashed(PASSWORD, "nobody")  # once: a hash takes its time, and all have the same
    with database.session() as session:
        project = projects.create(
            session, "benchmark", shipped("fractuvision"), Settings(given.per_study, 0.02), "benchmark"
        )
        for name in names:
            user = accounts.create(session, name, Role.ANNOTATOR, None)
            user.password = secret
            members.put(session, project, user, MemberRole.ANNOTATOR)
        accounts.create(session, "administrator", Role.ADMINISTRATOR, None).password = secret
        items.add(session, project, [Study.newer.is_(None)])
        assigning.assign(session, project)
        _, key = keys.create(session, "benchmark", Role.ADMINISTRATOR, None, "benchmark")
        return project.id, names, key


def read(
    address: str,
    name: str,
    project: str,
    end: float,
    pause: float,
    times: dict[str, list[float]],
    acknowledged: list[tuple[str, str]],
) -> None:
    """A reader who works until the end."""
    chance = random.Random(name)  # noqa: S311 - no secret
    with httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post("/session", json={"name": name, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        while time.monotonic() < end:
            queue = timed(client, "GET", f"/projects/{project}/queue", times, "queue", params={"state": "open"})
            if not queue["items"]:
                return
            own = queue["items"][0]["assignment"]
            timed(client, "GET", f"/assignments/{own}", times, "study")
            for batch in study(chance):
                time.sleep(chance.expovariate(1 / pause) if pause else 0)
                if time.monotonic() > end:
                    return
                sent = {"events": batch}
                kept = timed(client, "POST", f"/assignments/{own}/events", times, "save", json=sent)
                if chance.random() < 0.1:
                    kept = timed(client, "POST", f"/assignments/{own}/events", times, "save", json=sent)
                fates = Counter(one["fate"] for one in kept["outcomes"])
                if fates["refused"]:
                    raise RuntimeError(f"refused: {kept}")
                acknowledged.extend((own, event["id"]) for event in batch)


def study(chance: random.Random) -> list[list[dict[str, Any]]]:
    """The saves of one study."""
    fractured = int(chance.random() < 0.5)
    batches = [
        [
            event("answer", label="fractured", value=fractured, image=None),
            event("answer", label="hardware", value=0, image=None),
        ],
        [event("answer", label="no_fracture", value=1, image=1), event("active", seconds=5.0)],
    ]
    if fractured:
        for step in range(chance.randint(1, 4)):
            x, y = chance.uniform(0, 1400), chance.uniform(0, 2300)
            points = [[x, y], [x + 100, y + 100]]
            batches.append([event("region", id=f"r{step}", label="fracture", image=0, kind="box", points=points)])
    else:
        batches.append([event("answer", label="no_fracture", value=1, image=0)])
    return [*batches, [event("finish")]]


def event(kind: str, /, **payload: Any) -> dict[str, Any]:
    """An event."""
    return {"id": str(uuid.uuid4()), "kind": kind, "payload": payload}


def lead(address: str, key: str, project: str, end: float, times: dict[str, list[float]]) -> None:
    """A lead who looks at lists, at random places in them."""
    chance = random.Random("lead")  # noqa: S311 - no secret
    with httpx.Client(base_url=address, timeout=60, headers={"Authorization": f"Bearer {key}"}) as client:
        while time.monotonic() < end:
            cursor = {"cursor": chance.randrange(10_000), "limit": 100}
            timed(client, "GET", f"/projects/{project}/items", times, "list of studies", params=cursor)
            timed(
                client, "GET", f"/projects/{project}/assignments", times, "list of assignments", params={"limit": 100}
            )
            timed(client, "GET", f"/projects/{project}/adjudications", times, "list of disputed", params={"limit": 100})
            timed(client, "GET", f"/projects/{project}/progress", times, "progress")
            time.sleep(2)


def timed(
    client: httpx.Client, method: str, path: str, times: dict[str, list[float]], name: str, **options: Any
) -> Any:
    """An answer, whose time is kept."""
    begun = time.perf_counter()
    answer = client.request(method, path, **options)
    times[name].append((time.perf_counter() - begun) * 1000)
    answer.raise_for_status()
    return answer.json()


def check(database: Database, acknowledged: list[tuple[str, str]]) -> dict[str, int]:
    """What the database holds of what was acknowledged."""
    with database.session() as session:
        kept = Counter(
            (row[0], row[1]) for row in session.execute(select(tables.Event.assignment_id, tables.Event.client_id))
        )
        gaps = session.execute(
            select(tables.Event.assignment_id)
            .group_by(tables.Event.assignment_id)
            .having(func.max(tables.Event.sequence) != func.count())
        ).all()
        finished = session.scalar(select(func.count()).select_from(tables.Read)) or 0
    return {
        "acknowledged": len(acknowledged),
        "lost": sum(one not in kept for one in acknowledged),
        "doubled": sum(count > 1 for count in kept.values()) + len(acknowledged) - len(set(acknowledged)),
        "assignments_with_gaps": len(gaps),
        "finished_reads": finished,
    }


def explain(database: Database, project: str) -> None:
    """Print the plans of the queries that took longest in the server, as PostgreSQL makes them with its statistics."""
    from sqlalchemy import event as alchemy

    from osteon.clinic.store.annotation import adjudication
    from osteon.clinic.store.annotation.overview import lists, progress

    seen: dict[str, Any] = {}
    with database.session() as session:
        row = session.get_one(tables.Project, project)
        connection = session.connection()

        def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            seen.setdefault(statement, parameters)

        alchemy.listen(connection, "before_cursor_execute", keep)
        lists.items(session, project, None, 100, 5000)
        lists.items(session, project, None, 100, 0, to_screen=True)
        lists.assignments(session, project, "", None, 100)
        adjudication.listed(session, row, adjudication.Wanted.DISPUTED, 100, 0)
        progress.of_project(session, row)
        alchemy.remove(connection, "before_cursor_execute", keep)
        for statement, parameters in list(seen.items()):
            plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters)
            print(" ".join(statement.split()), *(line[0] for line in plan), "", sep="\n", file=sys.stderr)


def described(found: list[float]) -> dict[str, float]:
    """Median, 95th percentile and number."""
    return {
        "median": round(float(np.median(found)), 1),
        "p95": round(float(np.percentile(found, 95)), 1),
        "count": len(found),
    }


if __name__ == "__main__":
    main()
