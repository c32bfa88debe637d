"""Mutated images sent to a real server: each is read, or answered with 4xx and a reason.

    python fuzz/upload.py --runs 10000

Fails at any other answer, at one that takes more than ten seconds, at a server that ends, and at one that holds more than a
limit of memory. What was not survived is kept.
"""

from __future__ import annotations

import argparse
import itertools
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from load import seeds
from rich.progress import track

SECONDS: Final = 10.0
"""Seconds allowed for one answer."""
MEBIBYTES: Final = 1024
"""Memory limit of the server."""
CLIENTS: Final = 4
TOKENS: Final = (
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
    b"\xff\x7f",
    b"OB",
    b"SQ",
    b"1.2.840.10008.1.2.1.99",
    b"\xfe\xff\x00\xe0",
    b"IDAT",
)
NAMES: Final = (
    "image.dcm",
    "../../etc/passwd",
    "C:\\images\\a.jpg",
    "a\x00b.png",
    "ä" * 300 + ".tif",
    "",
    ".",
    "<script>.jpg",
    "%2e%2e/x",
)
TYPES: Final = ("application/dicom", "image/jpeg", "text/html", "application/zip", "", "a/b; c=\u00e4")


def mutated(data: bytes, random: np.random.Generator) -> bytes:
    """A file with some of its bytes changed, inserted, removed or repeated."""
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 12))):
        position = int(random.integers(0, len(changed) + 1))
        match int(random.integers(6)):
            case 0 if changed:
                changed[position % len(changed)] = int(random.integers(256))
            case 1 if changed:
                changed[position % len(changed)] ^= 1 << int(random.integers(8))
            case 2:
                changed[position:position] = TOKENS[int(random.integers(len(TOKENS)))]
            case 3:
                del changed[position : position + int(random.integers(1, 64))]
            case 4:
                changed[position:position] = changed[position : position + int(random.integers(1, 200))]
            case _:
                token = TOKENS[int(random.integers(len(TOKENS)))]
                changed[position : position + len(token)] = token
    return bytes(changed[: len(changed) if random.random() < 0.8 else int(random.integers(0, len(changed) + 1))])


def renamed(data: bytes, random: np.random.Generator) -> bytes:
    """An image with new UIDs: different content under the UIDs of an accepted image is refused before it is read."""
    number = str(random.integers(10**12, 10**13)).encode("ascii")
    return data.replace(b"1.2.826.0.1.3680043.8.498.", b"1.2.826.0.1." + number + b".")


def cases(runs: int, seed: int) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and content type of each upload."""
    random = np.random.default_rng(seed)
    images = [data for kind in ("dicom", "raster") for _, data in seeds(kind)]
    for image in itertools.islice(itertools.cycle(images), runs):
        name = NAMES[int(random.integers(len(NAMES)))] if random.random() < 0.2 else "image.bin"
        kind = TYPES[int(random.integers(len(TYPES)))] if random.random() < 0.2 else "application/octet-stream"
        yield name, mutated(renamed(image, random), random), kind


def send(client: httpx.Client, case: tuple[str, bytes, str]) -> tuple[str, float]:
    """The answer to a file, and its seconds; raises ``ValueError`` where it is neither a reading nor a reason."""
    name, data, kind = case
    begin = time.perf_counter()
    answer = client.post("/api/v1/studies", files={"files": (name, data, kind)})
    spent = time.perf_counter() - begin
    body: Any = answer.json()
    if answer.status_code == 200:
        outcome = body["studies"][0]["call"] or body["studies"][0]["state"]
    elif 400 <= answer.status_code < 500 and (body.get("detail") or body.get("title")):
        outcome = str(answer.status_code)
    else:
        raise ValueError(f"answered {answer.status_code}: {answer.text[:300]}")
    if spent > SECONDS:
        raise ValueError(f"took {spent:.1f} s")
    return outcome, spent


def held(process: subprocess.Popen[bytes]) -> float:
    """Peak memory of a process, MiB; raises ``ValueError`` where it has ended."""
    if process.poll() is not None:
        raise ValueError(f"the server ended with {process.returncode}")
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Start the server, send everything, report the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="folder for files that caused a failure")
    given = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "osteon.cli", "serve", "--store", folder, "--port", str(port)]
        process = subprocess.Popen([*command, "--open-access", "reader", "--set", "rate=0"], stdout=subprocess.DEVNULL)
        try:
            failed = _run(process, f"http://127.0.0.1:{port}", given)
        finally:
            process.terminate()
            process.wait(30)
    sys.exit(1 if failed else 0)


def _run(process: subprocess.Popen[bytes], url: str, given: argparse.Namespace) -> int:
    outcomes: Counter[str] = Counter()
    slowest, failed = 0.0, 0
    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(300):
            try:
                client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json().get("csrf") or ""
                break
            except httpx.TransportError:
                time.sleep(0.1)
        every = cases(given.runs, given.seed)
        for chunk in track(list(_chunks(every, 40)), "sending"):
            for case, done in [(case, pool.submit(send, client, case)) for case in chunk]:
                try:
                    word, spent = done.result()
                    outcomes[word] += 1
                    slowest = max(slowest, spent)
                except (ValueError, httpx.HTTPError) as error:
                    failed += 1
                    given.keep.mkdir(parents=True, exist_ok=True)
                    (given.keep / f"upload-{failed}.bin").write_bytes(case[1])
                    sys.stderr.write(f"{case[0]!r} {case[2]!r}: {error}\n")
            if held(process) > MEBIBYTES:
                raise ValueError(f"the server held {held(process):.0f} MiB")
        counts = ", ".join(f"{word}: {count}" for word, count in outcomes.most_common())
        sys.stdout.write(
            f"{given.runs} files: {counts}; failed: {failed}; slowest {slowest:.2f} s; peak memory {held(process):.0f} MiB\n"
        )
    return failed


def _chunks(items: Iterator[tuple[str, bytes, str]], size: int) -> Iterator[list[tuple[str, bytes, str]]]:
    while chunk := list(itertools.islice(items, size)):
        yield chunk


if __name__ == "__main__":
    main()
