"""The server under load, compared with the paper's page: Flask, eager PyTorch, the grad-cam library, one process.

    python benchmarks/serve.py --run runs/final --detector runs/detector --markdown docs/speed-serve.md
    python benchmarks/serve.py --soak 5000

In one run, with the same images and the same networks, the two servers taking turns and 1, 4 and 16 clients asking: requests a
second and the 95th percentile of their times. A request is an image no one has sent before, answered with reading and heat map.
Then what the paper's page has no counterpart for: memory at rest and over many requests, pages while 200 images wait, a flood.
Ratios are of one run; times hang on the machine, ratios hardly. Everything stays on the loopback address.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import httpx
import numpy as np
from PIL import Image

from osteon.phantom.simulate import simulate

PEER: Final = Path(__file__).with_name("serve_peer.py")
CLIENTS: Final = (1, 4, 16)
SIZES: Final = {"373 x 454": (373, 454, 96), "2,000 x 2,500": (2000, 2500, 32)}
"""Width, height, and requests at each number of clients."""


@dataclass(frozen=True)
class Server:
    """A server that runs: its address and process."""

    url: str
    process: subprocess.Popen[str]

    @property
    def resident(self) -> float:
        """Resident memory, MiB."""
        return self._status("VmRSS")

    @property
    def peak(self) -> float:
        """Peak memory, MiB."""
        return self._status("VmHWM")

    def _status(self, field: str) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{field}:\s+(\d+) kB", text)
        assert found
        return int(found[1]) / 1024


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], port: int, ready: str) -> Iterator[Server]:
    """Start a server, wait until it answers, end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stderr or ()), daemon=True)
    reader.start()
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"the server ended: {''.join(output)[-2000:]}")
            try:
                httpx.get(url + ready, timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            raise RuntimeError("the server did not answer within a minute")
        yield Server(url, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def osteon(bundle: str, folder: Path, *options: str) -> Iterator[Server]:
    """The server with an empty store."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "osteon.cli",
        "serve",
        "--bundle",
        bundle,
        "--store",
        str(folder),
        "--port",
        str(port),
    ]
    with started([*command, "--open-access", "reader", *options], port, "/api/v1/ready") as server:
        yield server


@contextmanager
def peer(bundle: str, run: Path | None, detector: Path | None) -> Iterator[Server]:
    """The paper's page, with the same networks."""
    port = free_port()
    command = [sys.executable, str(PEER), "--bundle", bundle, "--port", str(port)]
    command += ["--run", str(run)] if run else []
    command += ["--detector", str(detector)] if detector else []
    with started(command, port, "/") as server:
        yield server


def images(width: int, height: int) -> Iterator[bytes]:
    """An endless sequence of different JPEG files: a hand with new noise each time."""
    pixels = simulate("hand", 5, size=1024).pixels
    grey = cv2.resize(np.round(pixels * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    for number in itertools.count():
        changed = grey.copy()
        changed[:4, :8] = np.random.default_rng(number).integers(0, 255, (4, 8))
        stream = io.BytesIO()
        Image.fromarray(changed).save(stream, "JPEG", quality=90)
        yield stream.getvalue()


def ask_osteon(client: httpx.Client, image: bytes) -> None:
    """An image in, reading and heat map out."""
    answer = client.post("/api/v1/studies", files={"files": ("image.jpg", image, "image/jpeg")}, headers=csrf(client))
    answer.raise_for_status()
    study = answer.json()["studies"][0]["id"]
    client.get(f"/api/v1/studies/{study}/images/0/heat").raise_for_status()


def ask_peer(client: httpx.Client, image: bytes) -> None:
    """The same for the paper's page."""
    client.post("/predict", files={"file": ("image.jpg", image, "image/jpeg")}).raise_for_status()


def csrf(client: httpx.Client) -> dict[str, str]:
    """The header that a page sends with what it changes."""
    if "X-CSRF-Token" not in client.headers:
        client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json().get("csrf") or ""
    return {}


def load(
    server: Server, ask: Callable[[httpx.Client, bytes], None], sent: list[bytes], clients: int
) -> tuple[float, float]:
    """Requests a second, and the 95th percentile of their times in ms."""
    spent: list[float] = []
    waiting = iter(sent)
    lock = threading.Lock()

    def one() -> None:
        with httpx.Client(base_url=server.url, timeout=300) as client:
            while True:
                with lock:
                    image = next(waiting, None)
                if image is None:
                    return
                begin = time.perf_counter()
                ask(client, image)
                spent.append((time.perf_counter() - begin) * 1e3)

    begin = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(one) for _ in range(clients)]:
            done.result()
    return len(spent) / (time.perf_counter() - begin), float(np.percentile(spent, 95))


def table(ours: Server, theirs: Server, share: float) -> list[str]:
    """Both servers with each size of image and each number of clients."""
    lines = [
        "| image | clients | osteon, requests/s | Flask, requests/s | times as many | osteon, p95 ms | Flask, p95 ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (width, height, count) in SIZES.items():
        endless = images(width, height)
        for server, ask in ((ours, ask_osteon), (theirs, ask_peer)):
            load(server, ask, list(itertools.islice(endless, 4)), 1)
        for clients in CLIENTS:
            number = max(clients, round(count * share))
            our = load(ours, ask_osteon, list(itertools.islice(endless, number)), clients)
            their = load(theirs, ask_peer, list(itertools.islice(endless, max(clients, number // 3))), clients)
            times = our[0] / their[0]
            lines.append(
                f"| {name} | {clients} | {our[0]:.1f} | {their[0]:.1f} | {times:.1f} | {our[1]:.0f} | {their[1]:.0f} |"
            )
            print(lines[-1], flush=True)
    return lines


def pages(server: Server, count: int) -> list[str]:
    """How long pages take while images wait to be read, and at rest."""

    def times(rounds: int) -> list[float]:
        spent: list[float] = []
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for _ in range(rounds):
                for path in ("/", "/api/v1/studies?limit=50", "/api/v1/session"):
                    begin = time.perf_counter()
                    client.get(path).raise_for_status()
                    spent.append((time.perf_counter() - begin) * 1e3)
                time.sleep(0.02)
        return spent

    rest = times(30)
    endless = images(373, 454)
    for _ in range(1000):
        next(endless)  # images that were not sent before
    with httpx.Client(base_url=server.url, timeout=300) as client:
        csrf(client)
        for _ in range(0, count, 20):
            sent = [("files", (f"{index}.jpg", next(endless), "image/jpeg")) for index in range(20)]
            client.post("/api/v1/studies", files=sent, headers={"Prefer": "respond-async"}).raise_for_status()
        waiting = client.get("/api/v1/studies?state=queued").json()["total"]
        busy = times(60)
    return [
        "",
        (
            f"Pages (`/`, worklist, session) at rest: median {statistics.median(rest):.1f} ms, "
            f"p95 {np.percentile(rest, 95):.1f} ms; "
            f"while {waiting} of {count} images wait to be read: median {statistics.median(busy):.1f} ms, "
            f"p95 {np.percentile(busy, 95):.1f} ms."
        ),
    ]


def flood(server: Server) -> list[str]:
    """Many clients at once without pauses."""
    answers: dict[int, int] = {}
    lock = threading.Lock()
    endless = images(373, 454)
    for _ in range(5000):
        next(endless)
    sent = [next(endless) for _ in range(800)]

    def one(mine: list[bytes]) -> None:
        with httpx.Client(base_url=server.url, timeout=120) as client:
            csrf(client)
            for image in mine:
                files = {"files": ("image.jpg", image, "image/jpeg")}
                status = client.post("/api/v1/studies", files=files, headers={"Prefer": "respond-async"}).status_code
                with lock:
                    answers[status] = answers.get(status, 0) + 1

    with ThreadPoolExecutor(64) as pool:
        for done in [pool.submit(one, sent[index::64]) for index in range(64)]:
            done.result()
    httpx.get(server.url + "/api/v1/ready", timeout=10).raise_for_status()
    counts = ", ".join(f"{count} times {status}" for status, count in sorted(answers.items()))
    return [
        "",
        f"A flood of 800 images by 64 clients at once, with the default limits: {counts}; the server answers afterwards.",
    ]


def soak(bundle: str, count: int) -> list[str]:
    """Memory over many requests."""
    with tempfile.TemporaryDirectory() as folder, osteon(bundle, Path(folder), "--set", "rate=0") as server:
        rest = server.resident
        endless = images(373, 454)
        held: list[float] = []
        with httpx.Client(base_url=server.url, timeout=120) as client:
            for number in range(count):
                ask_osteon(client, next(endless))
                if (number + 1) % max(1, count // 10) == 0:
                    held.append(server.resident)
                    print(f"{number + 1}: {held[-1]:.0f} MiB", file=sys.stderr, flush=True)
    values = ", ".join(f"{value:.0f}" for value in held)
    return ["", f"Memory at rest {rest:.0f} MiB; at every tenth of {count:,} requests: {values} MiB."]


def main() -> None:
    """Run everything and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="fracatlas", help="name or file (default: fracatlas)")
    parser.add_argument("--run", type=Path, help="the run of the bundle's classifier, for the same weights")
    parser.add_argument("--detector", type=Path, help="the run of the bundle's detector")
    parser.add_argument("--share", type=float, default=1.0, help="share of the requests, for a quick run")
    parser.add_argument("--soak", type=int, help="only memory over this many requests")
    parser.add_argument("--markdown", type=Path, help="write the result here, too")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    if given.soak:
        lines = soak(given.bundle, given.soak)
    else:
        with tempfile.TemporaryDirectory() as name:
            options = ("--set", "rate=0", "--set", "uploads=64")
            with (
                osteon(given.bundle, Path(name, "a"), *options) as ours,
                peer(given.bundle, given.run, given.detector) as theirs,
            ):
                lines = [f"Bundle {given.bundle}. {theirs_are(given.run)}", "", *table(ours, theirs, given.share)]
            with osteon(given.bundle, Path(name, "b"), "--set", "rate=0") as ours:
                lines += ["", f"Memory at rest: {ours.resident:.0f} MiB."]
                lines += pages(ours, 200)
                lines += ["", f"Most memory so far: {ours.peak:.0f} MiB."]
            with osteon(given.bundle, Path(name, "c")) as ours:
                lines += flood(ours)
    text = "\n".join(lines) + "\n"
    print(text)
    if given.markdown:
        given.markdown.write_text(text)


def theirs_are(run: Path | None) -> str:
    """The weights of the peer."""
    return (
        "Flask has the same weights."
        if run
        else "Flask has random weights of the same networks (the time does not hang on them)."
    )


if __name__ == "__main__":
    main()
