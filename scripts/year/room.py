"""The weeks in shadow and the promotion, before a real server that is killed meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import httpx
import numpy as np
from cluster_rig import Part
from people import Person
from sqlalchemy import func, select

from orthanc import free_port
from osteon.clinic.store.database import open_database
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.shadows import compare_shadow
from osteon.clinic.store.tables.registry import BundleStage, ShadowReading
from osteon.clinic.store.tables.studies import OPEN, StoredReading, Study
from osteon.core.labels import Call

PATIENCE: Final = 900.0
"""Seconds for what must come about."""

NAME: Final = "elbows"


class RoomError(Exception):
    """The server did not do what it must."""


class Room:
    """A reading room of its own on this machine, with the registry of a store.

    Args:
        store: whose registry has a live bundle.
        live: the bundle of the settings.
    """

    def __init__(self, store: Path, live: Path) -> None:
        port = free_port()
        chosen = {"rate": 0, "burst": 10_000, "jobs": 1, "threads": 1, "open_access": "reader"}
        command = ["serve", "--store", str(store), "--bundle", str(live), "--port", str(port)]
        command += [word for key, value in chosen.items() for word in ("--set", f"{key}={value}")]
        self._part = Part("room", store.parent, command, port, "/api/v1/health")
        self._database = open_database(f"sqlite:///{store / 'osteon.db'}")
        self.store = store
        self.kills = 0

    def __enter__(self) -> Self:
        """Start it."""
        self._part.start()
        self._part.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._part.end()
        self._database.close()

    def kill(self) -> None:
        """End the server as a loss of power does, and start it again."""
        self._part.kill()
        self.kills += 1
        self._part.start()
        self._part.wait()

    def send(self, person: Person, *, wait: bool) -> dict[str, Any]:
        """Send a study; its row where it is waited for, else its identifier alone."""
        headers = {} if wait else {"Prefer": "respond-async"}
        with Path(person.path).open("rb") as file:
            files = {"files": (f"{person.digest[:12]}.png", file)}
            answer = httpx.post(f"{self._part.url}/api/v1/studies", files=files, headers=headers, timeout=60)
        answer.raise_for_status()
        return dict(answer.json()["studies"][0]) if wait else {"id": str(answer.json()["job"]["studies"][0])}

    def say(self, study: str, *, fracture: bool) -> None:
        """Give a reader's call of a study."""
        call = Call.FRACTURE if fracture else Call.NO_FRACTURE
        opinion = {"agrees": self.call(study) == call, "call": call.value}
        httpx.post(f"{self._part.url}/api/v1/studies/{study}/opinions", json=opinion, timeout=60).raise_for_status()

    def call(self, study: str) -> str | None:
        """The live call of a study."""
        with self._database.session() as session:
            return session.scalar(select(Study.call).where(Study.id == study))

    def bundle(self) -> str:
        """Identity of the bundle that it says it reads with."""
        return str(httpx.get(f"{self._part.url}/api/v1/bundles", timeout=60).json()[0]["identity"])

    def counts(self) -> dict[str, int]:
        """Studies, those that wait, live readings and readings in shadow."""
        with self._database.session() as session:
            return {
                "studies": session.scalar(select(func.count()).select_from(Study)) or 0,
                "waiting": session.scalar(select(func.count()).select_from(Study).where(Study.state.in_(OPEN))) or 0,
                "live": session.scalar(select(func.count()).select_from(StoredReading)) or 0,
                "shadow": session.scalar(select(func.count()).select_from(ShadowReading)) or 0,
            }

    def live(self) -> str:
        """Identity of the one live bundle of the registry.

        Raises:
            RoomError: there is none, or more than one.
        """
        with self._database.session() as session:
            found = [row.identity for row in registry.of_stage(session, BundleStage.LIVE)]
        if len(found) != 1:
            raise RoomError(f"{len(found)} bundles are live")
        return found[0]

    def shadow(self, identity: str) -> dict[str, Any]:
        """A bundle in shadow against the live one against readers."""
        with self._database.session() as session:
            return compare_shadow(session, registry.find(session, identity).digest).to_json()


def until(condition: Callable[[], bool], words: str) -> float:
    """Wait until something holds; the seconds that it took.

    Raises:
        RoomError: it does not.
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE:
            raise RoomError(words)
        time.sleep(0.05)
    return time.monotonic() - began


def weeks_in_shadow(
    room: Room, members: Sequence[Person], says: Mapping[str, int], candidates: Sequence[str], kills: int
) -> dict[str, Any]:
    """Let a room read people, and its candidates in shadow; kill it meanwhile as often as asked for.

    Args:
        room: that is started.
        members: people whose images are sent; not sent before.
        says: what readers say, by digest.
        candidates: identities, in shadow already.
        kills: of the server, half while it is sent to and half while it reads in shadow.

    Returns:
        Studies that it acknowledged, lost and read twice, kills, and each candidate's comparison.

    Raises:
        RoomError: something was not read in the end.
    """
    sent: dict[str, Person] = {}
    early, late = kills // 2, kills - kills // 2
    before = {len(members) * (turn + 1) // (early + 1) for turn in range(early)}
    for number, person in enumerate(members):
        sent[room.send(person, wait=False)["id"]] = person
        if number in before:
            room.kill()
    until(lambda: not room.counts()["waiting"], "the live bundle did not read all studies")
    for study, person in sent.items():
        room.say(study, fracture=bool(says[person.digest]))
    all_of_them = len(sent) * len(candidates)
    for turn in range(late):
        until(lambda turn=turn: room.counts()["shadow"] >= all_of_them * turn / late, "reading in shadow stopped")
        room.kill()
    until(lambda: room.counts()["shadow"] >= all_of_them, "reading in shadow stopped")
    counts = room.counts()
    return {
        "studies": len(sent),
        "kills": room.kills,
        "lost": len(sent) - counts["studies"],
        "read_twice": counts["live"] - counts["studies"],
        "shadow_readings": counts["shadow"],
        "compared": {identity: room.shadow(identity) for identity in candidates},
    }


def promote_and_take_back(
    room: Room, identity: str, members: Sequence[Person], kills: int, random: np.random.Generator
) -> dict[str, Any]:
    """Kill promotions, promote, take it back and promote again; after each, a study is read.

    Args:
        room: that is started.
        identity: of the candidate, whose evidence is enough.
        members: people not sent before, one for each kill and three more.
        kills: of promotions, each after 0.2 to 2 s.
        random: draws when.

    Returns:
        Kills, how many promotions had been written by then, seconds until the server followed, and what read last.

    Raises:
        RoomError: a study was read by neither bundle, or not at all.
    """
    before = room.live()
    waiting = iter(members)
    written = 0

    def reads() -> str:
        study = room.send(next(waiting), wait=True)
        if study["bundle"] not in (before, identity) or study["call"] is None:
            raise RoomError(f"a study was read by {study['bundle']}")
        return str(study["bundle"])

    for _ in range(kills):
        process = _registry(room, "promote", identity)
        try:
            process.wait(random.uniform(0.2, 2.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(60)
        reads()
        if room.live() == identity:
            written += 1
            _done(_registry(room, "rollback", NAME))
    seconds: dict[str, float] = {}
    for action, word, then in (
        ("promote", identity, identity),
        ("rollback", NAME, before),
        ("promote_again", identity, identity),
    ):
        _done(_registry(room, action.partition("_")[0], word))
        seconds[action] = round(until(lambda then=then: room.bundle() == then, "the server does not follow"), 2)
        if reads() != then:
            raise RoomError("the server reads with another bundle than it says")
    return {"kills": kills, "written_before_the_kill": written, "seconds_until_followed": seconds, "reads": room.live()}


def _registry(room: Room, action: str, word: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "osteon.cli", "registry", action, word, "--reason", "as planned", "--store"]
    return subprocess.Popen([*command, str(room.store)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _done(process: subprocess.Popen[bytes]) -> None:
    _, told = process.communicate(timeout=120)
    if process.returncode:
        raise RoomError(told.decode(errors="replace")[-2000:])
