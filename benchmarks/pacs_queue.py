"""How long the page's own requests take while studies wait that came over DICOM: a part of ``benchmarks/pacs.py``.

The studies are received first, by a node that is told to wait for more of them; started again it queues all at once and reads
them, while an administrator's page asks again and again for what it shows.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from pacs_rig import Room, film
from pydicom.uid import generate_uid

from osteon.phantom.simulate import simulate

SIDE: Final = 1024
"""Pixels of the longer side of an image."""
DIFFERENT: Final = 8
"""Simulated radiographs; what is sent are copies with other noise."""
PAUSE: Final = 0.4
"""Seconds between two looks, as the page waits where much happens (``web/src/state/worklist.ts``)."""
PASSWORD: Final = "correct-horse-battery"  # noqa: S105 - of a store that is deleted at the end

Times = dict[str, list[float]]


def small_images(folder: Path, count: int) -> list[Path]:
    """Images of simulated hands, each of a study of its own."""
    folder.mkdir()
    pictures = [simulate("hand", number, size=SIDE).pixels for number in range(DIFFERENT)]
    found: list[Path] = []
    for number in range(count):
        pixels = pictures[number % DIFFERENT].copy()
        pixels[:4, :64] = np.random.default_rng(number).random((4, 64))
        found.append(folder / f"{number}.dcm")
        found[-1].write_bytes(film(pixels, study=generate_uid(), patient=f"Q{number}"))
    return found


def queued(folder: Path, count: int, rounds: int, sent: Callable[[int, list[Path], int], float]) -> None:
    """Queue studies and print how long requests take, before and meanwhile.

    Args:
        folder: for the images and the store.
        count: of studies.
        rounds: looks of the page, each of all its requests.
        sent: sends files to a port over so many associations.
    """
    peers = {"CR1": {"address": "127.0.0.1"}}
    files = small_images(folder / "small", count)
    with Room(folder / "queue", {"quiet_seconds": 3600, "peers": peers}) as room:
        page = _Page(room)
        first = files.pop()
        sent(room.port, [first], 1)
        rest = _timed(page, rounds // 4)
        for part in range(0, len(files), 100):
            sent(room.port, files[part : part + 100], 2)
        page.close()
    with Room(folder / "queue", {"quiet_seconds": 1, "peers": peers}, store=folder / "queue" / "store") as room:
        page = _Page(room)
        heard = _Events(page)
        end, most, waiting = time.monotonic() + 300, 0, 0
        while waiting >= most and most < 0.9 * count and time.monotonic() < end:  # until as many wait as ever will
            time.sleep(2 if most else 0.1)
            most, waiting = max(most, waiting), page.waiting()
        begun = waiting
        busy: Times = defaultdict(list)
        for _ in range(rounds):
            page.look(busy)
            time.sleep(PAUSE)
        left, events = page.waiting(), heard.count
        resident, highest = room.resident(), room.resident("VmHWM")
        page.close()
        room.kill()  # what is left need not be read
    print(
        f"\nthe page's requests, {rounds} looks: of {count} studies {begun} waited at the beginning, {left} at the end; ms\n"
    )
    print("| request | nothing waits, median, 95th | studies wait, median, 95th, longest |")
    print("|---|---|---|")
    for name, values in busy.items():
        print(f"| {name} | {_figures(rest.get(name, []))} | {_figures(values)}, {max(values):.0f} |")
    every = [value for values in busy.values() for value in values]
    still = [value for values in rest.values() for value in values]
    print(f"| all | {_figures(still)} | {_figures(every)}, {max(every):.0f} |")
    print(f"\n{events} events told; the server's memory while it reads {resident:.0f} MiB, at most {highest:.0f} MiB")


def _figures(values: list[float]) -> str:
    return f"{np.median(values):.1f}, {np.percentile(values, 95):.1f}" if values else "none"


def _timed(page: _Page, rounds: int) -> Times:
    times: Times = defaultdict(list)
    for _ in range(rounds):
        page.look(times)
    return times


class _Page:
    """A browser of the administrator: what it asks for, and how long each answer takes."""

    def __init__(self, room: Room) -> None:
        self._client = httpx.Client(base_url=room.url, timeout=60)
        account = {"name": "admin", "password": PASSWORD}
        token = re.search(r"#setup=(\S+)", room.log.read_text(errors="replace"))
        known = (room.store / "benchmark").exists()
        answer = (
            self._client.post("/api/v1/session", json=account)
            if known
            else self._client.post("/api/v1/setup", json={"token": token[1] if token else "", **account})
        )
        answer.raise_for_status()
        (room.store / "benchmark").touch()

    def look(self, times: Times) -> None:
        """All requests of the worklist, of a study that was read, and of the traffic, once each."""
        worklist = self._asked(times, "worklist", "/api/v1/studies?limit=50")
        self._asked(times, "worklist, 200 studies", "/api/v1/studies?limit=200")
        if worklist["next"]:
            self._asked(times, "worklist, next page", "/api/v1/studies", limit=50, cursor=worklist["next"])
        self._asked(times, "what waits", "/api/v1/studies?limit=50&state=queued&state=reading")
        self._asked(times, "search", "/api/v1/studies?limit=50&q=Q77")
        self._asked(times, "session", "/api/v1/session")
        self._asked(times, "traffic", "/api/v1/pacs/traffic")
        self._asked(times, "page", "/", plain=True)
        read = [item["id"] for item in worklist["items"] if item["state"] == "done"]
        for study in read[:1]:
            below = f"/api/v1/studies/{study}"
            self._asked(times, "study", below)
            self._asked(times, "opinions", f"{below}/opinions")
            self._asked(times, "marks", f"{below}/marks")
        for study in read[:3]:
            self._asked(times, "thumbnail", f"/api/v1/studies/{study}/images/0/thumbnail", plain=True)

    def waiting(self) -> int:
        """How many studies wait to be read, or are."""
        return int(self._asked(defaultdict(list), "", "/api/v1/studies?limit=1&state=queued&state=reading")["total"])

    def events(self) -> Iterator[str]:
        """The lines of the stream of events."""
        with self._client.stream("GET", "/api/v1/events", timeout=None) as answer:
            yield from answer.iter_lines()

    def close(self) -> None:
        """Ask no more."""
        self._client.close()

    def _asked(self, times: Times, name: str, path: str, *, plain: bool = False, **query: Any) -> Any:
        begin = time.perf_counter()
        answer = self._client.get(path, params=query or None)
        times[name].append((time.perf_counter() - begin) * 1e3)
        answer.raise_for_status()
        return None if plain else answer.json()


class _Events:
    """Listens as a page does, in a thread that ends with the server."""

    def __init__(self, page: _Page) -> None:
        self.count = 0
        self._page = page
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for line in self._page.events():
                if line.startswith("data:") and json.loads(line[5:]):
                    self.count += 1
        except (httpx.HTTPError, RuntimeError):  # the server or the client has ended
            return
