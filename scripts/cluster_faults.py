"""Several servers and workers on one PostgreSQL are killed again and again while images come in, are read and are deleted.

    python scripts/cluster_faults.py --minutes 10 --rounds 200 --seed 1

Two servers and three workers share one database and one folder. Programs send simulated images, two pages listen and ask, each of
whichever server answers; in rounds a study is deleted at one server while another one admits a study with the same file.
Meanwhile one process after the other, chosen at random, is killed (``kill -9``), stopped for longer than it counts as alive, or
ended. Of the servers one is always left. At the end all that was acknowledged is compared with the store and with what the pages
were told. What was chosen at random follows from the seed; when it strikes hangs on the machine. Fails where a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from cluster_load import Load, Page, Racer, Sender
from cluster_proof import Row, proof
from cluster_rig import Part, Postgres, RigError

from osteon.clinic.role import Role
from osteon.clinic.store.access import keys
from osteon.clinic.store.database import Database, open_database

SETTLE: Final = 180.0
"""Seconds until all must be read once nothing fails any more."""

STOPPED: Final = 15.0
"""Seconds for which a worker is stopped: longer than it counts as alive without a sign of life."""


class Trial:
    """One run.

    Args:
        given: the arguments.
        folder: for the store and the logs.
        url: of the database.
    """

    def __init__(self, given: argparse.Namespace, folder: Path, url: str) -> None:
        self.chance = random.Random(given.seed)
        self.given, self.folder, self.url = given, folder, url
        shared = {"bundle": given.bundle} if given.bundle else {}
        self.servers = [
            Part.server(f"server-{n}", folder, url, queue=100_000, **shared) for n in range(1, given.servers + 1)
        ]
        self.workers = [Part.worker(f"worker-{n}", folder, url, **shared) for n in range(1, given.workers + 1)]
        self.done = {"kill -9 of a server": 0, "kill -9 of a worker": 0, "SIGTERM of a worker": 0}
        self.done |= {"SIGTERM of a server": 0, f"worker stopped for {STOPPED:g} s": 0}
        self.unclean = 0
        self.away: set[str] = set()
        self.backs: list[threading.Thread] = []

    def run(self) -> list[Row]:
        """Start all, let it fail for the given time, let it come to rest, and compare."""
        parts = [*self.servers, *self.workers]
        try:
            for part in parts:
                part.start()
            for part in parts:
                part.wait()
            database = open_database(self.url)
            try:
                return self._run(database)
            finally:
                database.close()
        finally:
            for part in parts:
                part.kill()

    def _run(self, database: Database) -> list[Row]:
        with database.session() as session:
            _, secret = keys.create(session, "faults", Role.ADMINISTRATOR, None, "faults")
        load = Load([part.url for part in self.servers], secret, self.folder / "store")
        seeds = [self.chance.random() for _ in range(5)]
        pages = [Page(load, seed) for seed in seeds[:2]]
        senders = [Sender(load, seed, self.given.pause) for seed in seeds[2:4]]
        racer = Racer(load, seeds[4], self.given.rounds)
        for thread in (*pages, *senders, racer):
            thread.start()
        begun = time.monotonic()
        end = begun + 60 * self.given.minutes
        while time.monotonic() < end:
            time.sleep(min(self.chance.uniform(1.0, 4.0), max(0.0, end - time.monotonic())))
            self._strike()
        for back in self.backs:
            back.join()
        lasted = time.monotonic() - begun
        for sender in senders:
            sender.ended.set()
        racer.join(SETTLE)  # what of its rounds is left is done without faults, in bounded time
        racer.ended.set()
        for thread in (*senders, racer):
            thread.join()
        settled = load.settle(database, SETTLE)
        time.sleep(1.0)
        for page in pages:
            page.ended.set()
        for page in pages:
            page.join(30)
        codes = [part.end() for part in (*self.workers, *self.servers)]
        self.unclean += sum(code != 0 for code in codes)
        rows = [Row(name, count) for name, count in self.done.items()]
        rows.append(Row("minutes under faults", round(lasted / 60, 1)))
        return rows + proof(load, pages, racer, database, settled=settled, unclean=self.unclean)

    def _strike(self) -> None:
        """Let one process fail that works; it comes back by itself, while others may fail."""
        server = self.chance.random() < 0.4
        parts = [part for part in (self.servers if server else self.workers) if part.name not in self.away]
        kinds = ["kill", "kill", "kill", "term"] if server else ["kill", "kill", "kill", "term", "stop"]
        kind, pause = self.chance.choice(kinds), self.chance.uniform(0.0, 1.5)
        if not parts or (server and len(parts) < len(self.servers)):  # one is always left
            return
        part = self.chance.choice(parts)
        name = "server" if server else "worker"
        self.away.add(part.name)
        what = {"kill": f"kill -9 of a {name}", "term": f"SIGTERM of a {name}"}
        self.done[what.get(kind, f"worker stopped for {STOPPED:g} s")] += 1
        back = threading.Thread(target=self._fail, args=(part, kind, pause), daemon=True)
        self.backs.append(back)
        back.start()

    def _fail(self, part: Part, kind: str, pause: float) -> None:
        """Let a process fail in one way, and take part again."""
        try:
            if kind == "stop":
                part.send(signal.SIGSTOP)
                time.sleep(STOPPED)
                part.send(signal.SIGCONT)
            else:
                if kind == "term":
                    self.unclean += part.end() != 0
                else:
                    part.kill()
                time.sleep(pause)
                part.start()
                part.wait()
        except RigError as error:
            print(error, file=sys.stderr)
            self.unclean += 1
        self.away.discard(part.name)


def main() -> int:
    """Run it and print a table; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=200, help="of deleting while admitting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.3, help="seconds between two images of a sender")
    parser.add_argument("--bundle", default="", help="that reads; default: that of the servers")
    parser.add_argument("--json", type=Path, default=None, help="file for the table")
    parser.add_argument("--keep", type=Path, default=None, help="folder for store and logs, which stays")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="of-") as short,
        tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as place,
    ):
        folder = given.keep or Path(short)
        folder.mkdir(parents=True, exist_ok=True)
        with Postgres(Path(place)) as postgres:
            rows = Trial(given, folder, postgres.url).run()
    for row in rows:
        print(row.line())
    if given.json is not None:
        given.json.write_text(json.dumps([row.content() for row in rows], indent=1) + "\n", "utf-8")
    return int(any(row.broken for row in rows))


if __name__ == "__main__":
    sys.exit(main())
