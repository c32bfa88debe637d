"""Studies through a node that is killed, to an archive that fails: what was acknowledged is stored, read and delivered once.

    python scripts/pacs_faults.py --studies 60 --kills 15 --seed 1

Three senders send simulated studies of one to four images, each image until it is acknowledged, to a real ``osteon serve``. It is
killed (``kill -9``) again and again, its archive is down, slow, refuses and answers failure, its disk is full for a while, its
clock jumps a day. At the end all is compared: with what was acknowledged, in the store, and with what the archive got. What was
chosen at random follows from the seed; when it strikes hangs on the machine. The full disk needs the right to mount a small one:
without it it is left out, and the table says so. Fails where a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pacs_archive import Archive, Mood
from pacs_checks import Check, checks, data_set
from pacs_load import SENDERS, Load, images, sending
from pacs_rig import Room, RoomError, send

from orthanc import free_port

DISK: Final = "384m"
CLOCK: Final = """
import pathlib, sys, time
from datetime import timedelta

from osteon.clinic.store.tables import base

file, right, seconds, nanoseconds = pathlib.Path(sys.argv.pop(1)), base.now, time.time, time.time_ns
base.now = lambda: right() + timedelta(seconds=int(file.read_text()))
time.time = lambda: seconds() + int(file.read_text())
time.time_ns = lambda: nanoseconds() + int(file.read_text()) * 10**9

from osteon.cli import main

main()
"""
"""The server with a clock that is off by as many seconds as a file says."""
PATIENCE: Final = 600.0
"""Seconds until all must be delivered once nothing fails any more."""


@contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A disk of its own, where that is allowed; whether it is one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(ballast: Path) -> None:
    """Leave no room on a disk."""
    with ballast.open("ab", buffering=0) as stream:
        for size in (1 << 22, 1 << 16, 512):
            try:
                while True:
                    stream.write(os.urandom(size))
            except OSError:
                continue


class Trial:
    """One run.

    Args:
        given: the arguments.
        folder: for everything.
        disk: whether ``folder / "disk"`` is a small one.

    Attributes:
        done: rows of the table: what happened, and how often.
    """

    def __init__(self, given: argparse.Namespace, folder: Path, *, disk: bool) -> None:
        self.chance = random.Random(given.seed)
        self.load = Load(images(given.studies, self.chance))
        self.kills = given.kills
        self.disk = folder / "disk" if disk else None
        self.offset = folder / "clock"
        self.offset.write_text("0")
        self.done: dict[str, str] = {}
        self.broken: list[str] = []
        port, archive = free_port(), free_port()
        self.archive = Archive(archive, port)
        senders = {f"CR{number}": {"address": "127.0.0.1"} for number in range(SENDERS)}
        destination = {"aet": Archive.aet, "host": "127.0.0.1", "port": archive, "outputs": ["sr", "text-sr"]}
        dicom = {
            "quiet_seconds": 1.0,
            "patience": 10.0,
            "pause_seconds": 0.3,
            "longest_pause_minutes": 0.05,
            "commitment_minutes": 0.1,
            "peers": {**senders, Archive.aet: {"address": "127.0.0.1"}},
            "destinations": {"archive": destination},
        }
        settings: dict[str, Any] = {"bundle": given.bundle} if given.bundle else {}
        place = (self.disk or folder) / "store"
        self.room = Room(
            folder / "room", dicom, port=port, store=place, program=("-c", CLOCK, str(self.offset)), **settings
        )

    def run(self) -> None:
        """Send all of it while everything fails, then let it come to rest."""
        end, total = threading.Event(), len(self.load.images)
        chances = [random.Random(self.chance.random()) for _ in range(SENDERS)]
        threads = [
            threading.Thread(target=sending, args=(self.load, number, self.room.port, end, chance))
            for number, chance in enumerate(chances)
        ]
        moods = [Mood.SLOW, Mood.WELL, Mood.REFUSING, Mood.FAILING, Mood.DOWN, Mood.SILENT]
        faults = {self.kills // 3: self._full, 2 * self.kills // 3: self._jump}
        try:
            self.room.start()
            for thread in threads:
                thread.start()
            for number in range(self.kills):
                self.archive.behave(moods[number // 2 % len(moods)])
                before, self.load.quota = self.load.quota, total * (number + 1) // (self.kills + 1)
                self._wait_for(self.chance.randint(before, self.load.quota), self.chance.uniform(1.0, 6.0))
                if number % 2:  # otherwise it is killed while images come in
                    self._wait_for_results(15.0, self.chance.uniform(0, 0.5))
                faults.get(number, int)()
                self.room.kill()
                self.room.start()
            self.load.quota = total
            self.archive.behave(Mood.WELL)
            for thread in threads:
                thread.join(PATIENCE)
            self._settle()
            self.room.stop()
        finally:
            end.set()
            self.room.kill()
            self.archive.stop()

    def _wait_for(self, acknowledged: int, seconds: float) -> None:
        """Until so many images were acknowledged, for so long at most: then others are under way."""
        end = time.monotonic() + seconds
        while len(self.load.acknowledged) < acknowledged and time.monotonic() < end:
            time.sleep(0.005)

    def _wait_for_results(self, seconds: float, further: float) -> None:
        """Until the archive has failed at some results, for so long at most, and a moment more."""
        end, before = time.monotonic() + seconds, self.archive.turned[self.archive.mood]
        while time.monotonic() < end and self.archive.turned[self.archive.mood] == before:
            time.sleep(0.02)
        time.sleep(further)

    def _full(self) -> None:
        """Fill the disk: nothing is acknowledged, the figures tell, a server starts on it, and it recovers."""
        if self.disk is None:
            self.done["full disk"] = "left out: needs the right to mount a small disk"
            return
        ballast = self.disk / "ballast"
        fill(ballast)
        one = next(image for image in self.load.images if image.uid not in self.load.acknowledged)
        statuses = [send(self.room.port, [one.data], sender="CR0")[0] for _ in range(3)]
        told = self.room.total("osteon_dicom_events_total", event="refused-a700")
        self.room.kill()
        self.room.start()
        fill(ballast)
        statuses += [send(self.room.port, [one.data], sender="CR0")[0] for _ in range(3)]
        if set(statuses) != {0xA700}:
            self.broken.append(f"on a full disk the node answered {statuses}")
        if not told:
            self.broken.append("no figure tells of the full disk")
        ballast.unlink()
        self.done["full disk"] = f"{statuses.count(0xA700)} of {len(statuses)} answered A700, {told:.0f} by the metric"

    def _jump(self) -> None:
        """Let the clock jump a day ahead while the server runs, and back."""
        for offset in ("86400", "0"):
            self.offset.write_text(offset)
            time.sleep(self.chance.uniform(3, 5))
        self.done["clock"] = "a day ahead and back"

    def _settle(self) -> None:
        """Wait until nothing waits, is read or is to be sent any more."""
        end, calm = time.monotonic() + PATIENCE, 0
        while calm < 4:
            if time.monotonic() > end:
                raise RoomError(f"it does not come to rest within {PATIENCE:.0f} seconds: {self.room.metrics()}")
            time.sleep(1)
            left = self.room.total("osteon_queue_length") + self.room.total("osteon_dicom_instances", state="waiting")
            left += sum(self.room.total("osteon_dicom_results", state=one) for one in ("to send", "sent", "stuck"))
            calm = 0 if left else calm + 1

    def told(self) -> list[Check]:
        """What was done to it."""
        load, turned = self.load, self.archive.turned
        moods = ", ".join(f"{mood} {turned[mood]}" for mood in Mood if turned[mood] and mood is not Mood.WELL)
        return [
            Check("studies, images", f"{len({one.study for one in load.images})}, {len(load.images)}"),
            Check("kill -9", str(self.kills + (self.disk is not None))),
            Check("sent again: no answer, refused, acknowledged before", f"{load.lost}, {load.refused}, {load.again}"),
            Check("the archive failed, besides being down", moods),
            *(Check(name, what) for name, what in self.done.items()),
            *(Check(what, "broken", good=False) for what in self.broken),
        ]


def main() -> int:
    """Run it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=60)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bundle", help="reads the studies; default: the shipped one")
    parser.add_argument("--keep", type=Path, help="the server's log is copied there")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="osteon-faults-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        with small_disk(folder / "disk") as disk:
            trial = Trial(given, folder, disk=disk)
            try:
                trial.run()
            finally:
                if given.keep:
                    given.keep.write_bytes(trial.room.log.read_bytes())
            sent = {one.uid: (one.study, data_set(one.data)) for one in trial.load.images}
            rows = trial.told() + checks(trial.room.store, sent, trial.load.acknowledged, trial.archive)
    print("| what | count |\n|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.count}{'' if row.good else ' **broken**'} |")
    print(f"\n{time.monotonic() - begin:.0f} s, seed {given.seed}")
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RoomError as error:
        sys.exit(str(error))
