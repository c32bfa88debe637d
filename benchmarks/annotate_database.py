"""The database of ``benchmarks/annotate.py``: a PostgreSQL of its own, rows of studies, and the plans of its queries."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from osteon.clinic.state import State
from osteon.clinic.store.database import Database
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, Original, Study
from osteon.clinic.urgency import urgency
from osteon.core.labels import Call

PART = 2000


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
