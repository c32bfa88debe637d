"""What strains several servers: programs that send, pages that listen, and rounds in which is deleted while is admitted."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import cv2
import httpx
import numpy as np
from sqlalchemy import func, select

from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.studies import OPEN, Study

ASK: Final = 0.1
"""Seconds between two questions of a page."""

PATIENCE: Final = 2.0
"""Seconds after which a page asks the other server."""


class Load:
    """What all share.

    Args:
        servers: their addresses.
        secret: of an administrator's key.
        store: the folder.

    Attributes:
        acknowledged: the files of each study that an answer named, by their SHA-256.
        deleted: studies whose deletion was asked for.
        answers: how often each status came.
    """

    def __init__(self, servers: list[str], secret: str, store: Path) -> None:
        self.servers = servers
        self.store = store
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.acknowledged: dict[str, list[str]] = {}
        self.deleted: set[str] = set()
        self.answers: Counter[int] = Counter()
        self.lock = threading.Lock()

    def client(self, timeout: float = 30.0) -> httpx.Client:
        """A client of whichever server."""
        return httpx.Client(timeout=timeout, headers=self.headers)

    def acknowledge(self, study: str, digests: list[str]) -> None:
        """Note that an answer named a study."""
        with self.lock:
            self.acknowledged[study] = digests

    def settle(self, database: Database, seconds: float) -> float | None:
        """Wait until all is read; the seconds that it took, or None where it was not in time."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            with database.session() as session:
                if not session.scalar(select(func.count()).select_from(Study).where(Study.state.in_(OPEN))):
                    return time.monotonic() - begun
            time.sleep(0.2)
        return None


def picture(chance: random.Random) -> bytes:
    """A PNG of a simulated film, each another."""
    film = np.zeros((160, 120), np.float32)
    cv2.line(film, (60, 10), (50 + chance.randint(0, 20), 150), 0.8, 18)
    film += np.random.default_rng(chance.getrandbits(48)).normal(0.1, 0.02, film.shape)
    return cv2.imencode(".png", np.rint(np.clip(film, 0, 1) * 255).astype(np.uint8))[1].tobytes()


def send(load: Load, client: httpx.Client, server: str, pictures: list[bytes], *, wait: bool) -> dict[str, Any] | None:
    """Send images as one study; the answer, or None where there was none that says more than to come again."""
    files = [("files", (f"{number}.png", data)) for number, data in enumerate(pictures)]
    headers = {} if wait else {"Prefer": "respond-async"}
    try:
        answer = client.post(f"{server}/api/v1/studies", files=files, data={"together": "true"}, headers=headers)
    except httpx.TransportError:
        return None
    with load.lock:
        load.answers[answer.status_code] += 1
    if answer.status_code not in {200, 202}:
        return None
    body = answer.json()
    studies = body["job"]["studies"] if answer.status_code == 202 else [one["id"] for one in body["studies"]]
    digests = [hashlib.sha256(data).hexdigest() for data in pictures]
    for study in studies:
        load.acknowledge(study, digests)
    return {"studies": studies, "digests": digests}


class Sender(threading.Thread):
    """A program that sends one image after the other until it is ended; each until it is acknowledged."""

    def __init__(self, load: Load, seed: float, pause: float) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._load, self._chance, self._pause = load, random.Random(seed), pause

    def run(self) -> None:
        """Send."""
        with self._load.client() as client:
            while not self.ended.wait(self._pause * self._chance.random() * 2):
                data, wait = [picture(self._chance)], self._chance.random() < 0.2
                while send(self._load, client, self._chance.choice(self._load.servers), data, wait=wait) is None:
                    time.sleep(0.1)


class Racer(threading.Thread):
    """Rounds: a study is deleted at one server while another admits a study that needs one of its files.

    Attributes:
        rounds: that were done.
        lost: files of acknowledged studies that were not there after a round.
    """

    def __init__(self, load: Load, seed: float, rounds: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.rounds = 0
        self.wanted = rounds
        self.lost: list[str] = []
        self._load, self._chance = load, random.Random(seed)

    def run(self) -> None:
        """Race."""
        with self._load.client() as client, self._load.client() as other:
            while self.rounds < self.wanted and not self.ended.is_set():
                self._round(client, other)
                self.rounds += 1

    def _round(self, client: httpx.Client, other: httpx.Client) -> None:
        servers = self._load.servers
        shared, more = picture(self._chance), picture(self._chance)
        first = None
        while first is None:
            first = send(self._load, client, self._chance.choice(servers), [shared], wait=False)
        study = first["studies"][0]
        with self._load.lock:
            self._load.deleted.add(study)
        deleting = threading.Thread(target=self._remove_study, args=(other, study))
        pause = self._chance.uniform(0.0, 0.03)
        deleting.start()
        time.sleep(pause)
        second = None
        while second is None:
            second = send(self._load, client, self._chance.choice(servers), [shared, more], wait=False)
        deleting.join()
        for digest in second["digests"]:
            path = self._load.store / "files" / digest[:2] / digest
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                self.lost.append(digest)

    def _remove_study(self, client: httpx.Client, study: str) -> None:
        while True:
            try:
                answer = client.delete(f"{self._chance.choice(self._load.servers)}/api/v1/studies/{study}")
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code in {200, 204, 404}:
                return
            time.sleep(0.1)


class Page(threading.Thread):
    """A page: it listens to events of one server, and asks whichever answers; where that fails, the other.

    Attributes:
        gaps: the longest seconds without an answer, and without a stream of events.
        told: how often it was told that a study is read.
        known: studies that it knows to be read, by events or since it fetched the list anew.
        resets: how often it was told to fetch all anew.
    """

    def __init__(self, load: Load, seed: float) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.gaps = {"answer": 0.0, "stream": 0.0}
        self.told: Counter[str] = Counter()
        self.known: set[str] = set()
        self.resets = self.streams = 0
        self._load, self._chance = load, random.Random(seed)
        self._listening = threading.Thread(target=self._listen, daemon=True)

    def run(self) -> None:
        """Ask again and again, until it is ended."""
        self._listening.start()
        last = time.monotonic()
        servers = self._chance.sample(self._load.servers, len(self._load.servers))
        with self._load.client(PATIENCE) as client:
            while not self.ended.wait(ASK):
                try:
                    fine = client.get(f"{servers[0]}/api/v1/studies?limit=5").status_code == 200
                except httpx.HTTPError:
                    fine = False
                moment = time.monotonic()
                self.gaps["answer"] = max(self.gaps["answer"], moment - last)
                if fine:
                    last = moment
                else:
                    servers.append(servers.pop(0))
        self._listening.join(20)

    def _listen(self) -> None:
        lost = time.monotonic()
        servers = self._chance.sample(self._load.servers, len(self._load.servers))
        limits = httpx.Timeout(PATIENCE, read=20.0)
        while not self.ended.is_set():
            server = servers[0]
            try:
                with (
                    httpx.Client(timeout=limits, headers=self._load.headers) as client,
                    client.stream("GET", f"{server}/api/v1/events") as answer,
                ):
                    answer.raise_for_status()
                    self._fetch(client, server)  # what happened before, as pages do once they hear
                    self.gaps["stream"] = max(self.gaps["stream"], time.monotonic() - lost)
                    self.streams += 1
                    for line in answer.iter_lines():
                        lost = time.monotonic()
                        if line.startswith("data:"):
                            self._hear(json.loads(line[5:]), client, server)
                        if self.ended.is_set():
                            return
                    lost = time.monotonic()
            except httpx.HTTPError:
                time.sleep(0.05)
            servers.append(servers.pop(0))

    def _hear(self, event: dict[str, Any], client: httpx.Client, server: str) -> None:
        if event["kind"] == "reset":
            self.resets += 1
            self._fetch(client, server)
        elif event["kind"] == "study" and event["state"] == "done":
            self.told[event["id"]] += 1
            self.known.add(event["id"])

    def _fetch(self, client: httpx.Client, server: str) -> None:
        """All that is read, page by page."""
        following: str | None = ""
        while following is not None:
            query = {"limit": "200", "sort": "time", "state": "done"} | ({"cursor": following} if following else {})
            body = client.get(f"{server}/api/v1/studies", params=query).raise_for_status().json()
            self.known.update(one["id"] for one in body["items"])
            following = body["next"]
