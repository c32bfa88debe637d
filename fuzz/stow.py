"""Mutated requests of STOW-RS, sent to a real server: kept, or refused with a reason, never a crash, hang or leak.

    python fuzz/stow.py --runs 10000

Each is a multipart body with one to three images, changed in an image, in the headers and boundaries between them, or anywhere,
and now and then cut off. Fails at an answer that is neither DICOM JSON nor 4xx with a reason, at one that takes more than ten
seconds, at a server that ends, that holds more than a limit of memory, or that keeps drafts. What was not survived is kept.
"""

from __future__ import annotations

import argparse
import itertools
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
from dimse import CLIENTS, ROUND, SPARE, check
from load import seeds
from rich.progress import track
from upload import SECONDS, mutated, renamed

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import Room

BOUNDARY: Final = "osteon-fuzz"
TYPES: Final = (
    f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"',
    f"multipart/related; boundary={BOUNDARY}; type=application/dicom",
    "multipart/related",
    "multipart/related; boundary=",
    f"multipart/related; boundary={'x' * 200}",
    f"multipart/form-data; boundary={BOUNDARY}",
    "application/dicom",
    "\u00e4",
)
PATHS: Final = (
    "/dicomweb/studies",
    "/dicomweb/studies/1.2.3",
    "/dicomweb/studies/%2e%2e",
    "/dicomweb/studies/" + "9" * 80,
)

Case = tuple[str, str, bytes]
"""Path, content type and body."""


def body(images: list[bytes], random: np.random.Generator) -> bytes:
    """A multipart body, changed in one of its images, between them, or anywhere."""
    where = int(random.integers(3))
    if where == 0:
        chosen = int(random.integers(len(images)))
        images = [mutated(image, random) if position == chosen else image for position, image in enumerate(images)]
    parts: list[bytes] = []
    for image in images:
        head = f"\r\n--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        parts.append((mutated(head, random) if where == 1 and random.random() < 0.5 else head) + image)
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    whole = b"".join(parts) + (mutated(end, random) if where == 1 else end)
    return mutated(whole, random) if where == 2 else whole


def cases(runs: int, seed: int) -> Iterator[Case]:
    """Requests."""
    random = np.random.default_rng(seed)
    files = itertools.cycle([file for _, file in seeds("dicom")])
    for _ in range(runs):
        images = [renamed(next(files), random) for _ in range(int(random.integers(1, 4)))]
        kind = TYPES[int(random.integers(len(TYPES)))] if random.random() < 0.2 else TYPES[0]
        path = PATHS[int(random.integers(len(PATHS)))] if random.random() < 0.2 else PATHS[0]
        yield path, kind, body(images, random)


def send(client: httpx.Client, case: Case) -> tuple[str, float]:
    """The answer to a request, and its seconds; raises ``ValueError`` where it is neither an outcome nor a reason."""
    path, kind, content = case
    begin = time.perf_counter()
    answer = client.post(path, content=content, headers={"Content-Type": kind.encode("latin-1")})
    spent = time.perf_counter() - begin
    told: Any = answer.json()
    outcome = "00081199" in told or "00081198" in told
    reason = 400 <= answer.status_code < 500 and bool(told.get("detail") or told.get("title"))
    if not (outcome and answer.status_code in (200, 202, 409)) and not reason:
        raise ValueError(f"answered {answer.status_code}: {answer.text[:300]}")
    if spent > SECONDS:
        raise ValueError(f"took {spent:.1f} s")
    return str(answer.status_code), spent


def main() -> None:
    """Start the server, send everything, report the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="folder for what caused a failure")
    given = parser.parse_args()
    outcomes: Counter[str] = Counter()
    failed, slowest, allowed = 0, 0.0, 0
    with (
        tempfile.TemporaryDirectory() as folder,
        Room(Path(folder), {"quiet_seconds": 1}, open_access="reader") as room,
        httpx.Client(base_url=room.url, timeout=60) as client,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json().get("csrf") or ""
        every = cases(given.runs, given.seed)
        for _ in track(range(-(-given.runs // ROUND)), "sending"):
            for case, done in [(one, pool.submit(send, client, one)) for one in itertools.islice(every, ROUND)]:
                try:
                    word, spent = done.result()
                    outcomes[word] += 1
                    slowest = max(slowest, spent)
                except (ValueError, httpx.HTTPError) as error:
                    failed += 1
                    given.keep.mkdir(parents=True, exist_ok=True)
                    (given.keep / f"stow-{failed}.bin").write_bytes(case[2])
                    sys.stderr.write(f"{case[0]} {case[1]!r}: {error}\n")
            allowed = allowed or room.files() + SPARE
            check(room, allowed)
        counts = ", ".join(f"{word}: {count}" for word, count in outcomes.most_common())
        memory = f"peak memory {room.resident('VmHWM'):.0f} MiB; open files {room.files()}"
        tracebacks = room.log.read_text(errors="replace").count("Traceback")
        sys.stdout.write(f"{given.runs} requests: {counts}; failed: {failed}; slowest {slowest:.2f} s; {memory}\n")
        sys.stdout.write(f"tracebacks in the log: {tracebacks}\n")
    sys.exit(1 if failed or tracebacks else 0)


if __name__ == "__main__":
    main()
