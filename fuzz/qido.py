"""Odd and mutated requests of QIDO-RS and WADO-RS, sent to a real server: answered, or refused with a reason.

    python fuzz/qido.py --runs 4000

Paths, keys, values, options and headers of searches and retrievals, usual and odd ones, each request changed once more in one of
its bytes or not. Fails at an answer that is neither the expected one nor 4xx with a reason, at one that takes more than ten
seconds, at a server that ends, holds more than a limit of memory or keeps open files, and where it does not hold at the end what
it held.
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
from urllib.parse import quote

import httpx
import numpy as np
from dimse import CLIENTS, ROUND, SPARE, check
from dimse_search import DATES, VALUES, filled
from rich.progress import track
from upload import SECONDS, mutated

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import Room

NAMES: Final = (
    *("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "PatientID", "PatientName", "Modality"),
    *("AccessionNumber", "StudyID", "ReferringPhysicianName", "StudyDate", "StudyTime", "ModalitiesInStudy"),
    *("00100020", "0010002", "00100020.00100010", "RequestAttributesSequence", "includefield", "limit", "offset"),
    *("fuzzymatching", "x" * 300, "", "\u00e4"),
)
NUMBERS: Final = ("0", "1", "1000", "1001", "-1", "999999999", "9" * 40, "1e3", "0x1", "\u0661", "NaN", "")
FIELDS: Final = ("all", "PatientID", "00080090,00100010", "Nothing", "0008", "ZZZZZZZZ", "all,all", ",,,", "7FE00010")
TIMES: Final = ("120000", "12-", "-", "25:99:99", "1" * 50, "120000.123456-", "-0")
ACCEPTED: Final = (
    "*/*",
    "application/dicom+json",
    'multipart/related; type="application/dicom"',
    "multipart/related; type=application/octet-stream; q=0",
    "text/html",
    "\u00e4",
    "",
    "," * 2000,
)
Case = tuple[str, str]
"""Target and Accept."""


def cases(runs: int, seed: int, held: list[tuple[str, str, str]]) -> Iterator[Case]:
    """Requests; ``held`` has the UIDs of study, series and instance of each image."""
    random = np.random.default_rng(seed)

    def some(values: Any) -> str:
        return str(values[int(random.integers(len(values)))])

    studies = [study for study, _, _ in held]
    uids = (*studies, "1.2.3", "..", "%2e%2e", "9" * 70, "a/b", "\0", ",".join(studies), "\\".join(studies), "*")
    known = {"limit": NUMBERS, "offset": NUMBERS, "includefield": FIELDS, "StudyDate": DATES, "StudyTime": TIMES}
    known |= {"StudyInstanceUID": uids, "SeriesInstanceUID": uids, "SOPInstanceUID": uids}
    known |= {"fuzzymatching": ("true", "false", "TRUE", "1")}
    for _ in range(runs):
        path, image = "/dicomweb", held[int(random.integers(len(held)))]
        for level, own in list(zip(("studies", "series", "instances"), image, strict=True))[
            int(random.random() < 0.1) :
        ]:
            path += f"/{level}"
            if random.random() < 0.4:
                break
            path += f"/{quote(own if random.random() < 0.9 else some(uids), safe='')}"
        path += some(("", "", "", "", "", "/metadata", "/metadata", "/rendered", "/series", "/instances", "/frames/1"))
        pairs: list[str] = []
        for _ in range(int(random.integers(4))):
            name = some(NAMES)
            value = some(known.get(name, VALUES) if random.random() < 0.8 else (*VALUES, *NUMBERS))
            pairs.append(f"{quote(name, safe='')}={quote(value, safe='')}")
        target = path + ("?" + "&".join(pairs) if pairs else "")
        if random.random() < 0.3:
            target = "/dicomweb" + quote(mutated(target[9:].encode(), random), safe="/?&=%")
        yield target[:8000], some(ACCEPTED)


def ask(client: httpx.Client, case: Case) -> tuple[str, float]:
    """The answer to a request, and its seconds; raises ``ValueError`` where it is neither what was asked for nor a reason."""
    target, accept = case
    begin = time.perf_counter()
    answer = client.get(target, headers=[(b"Accept", accept.encode("utf-8"))])
    spent = time.perf_counter() - begin
    kind = answer.headers.get("content-type", "")
    if answer.status_code == 200:
        right = kind.startswith("multipart/related") or (kind == "application/dicom+json" and answer.json() is not None)
    else:
        told: Any = answer.json() if "json" in kind else {}
        right = 400 <= answer.status_code < 500 and bool(told.get("detail") or told.get("title"))
    if not right:
        raise ValueError(f"answered {answer.status_code}, {kind}: {answer.text[:300]}")
    if spent > SECONDS:
        raise ValueError(f"took {spent:.1f} s")
    return f"{answer.status_code}{' images' if 'multipart' in kind else ''}", spent


def main() -> None:
    """Start the server, send everything, report the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    outcomes: Counter[str] = Counter()
    failed, slowest, allowed = 0, 0.0, 0
    dicom = {"quiet_seconds": 1, "peers": {"CR1": {"address": "127.0.0.1"}}}
    with (
        tempfile.TemporaryDirectory() as folder,
        Room(Path(folder), dicom, open_access="reader") as room,
        httpx.Client(base_url=room.url, timeout=60) as client,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        filled(room)
        images = client.get("/dicomweb/instances").json()
        tags = ("0020000D", "0020000E", "00080018")
        every = cases(given.runs, given.seed, [tuple(one[tag]["Value"][0] for tag in tags) for one in images])
        held = room.total("osteon_dicom_instances", state="read")
        for _ in track(range(-(-given.runs // ROUND)), "sending"):
            for case, done in [(one, pool.submit(ask, client, one)) for one in itertools.islice(every, ROUND)]:
                try:
                    word, spent = done.result()
                    outcomes[word] += 1
                    slowest = max(slowest, spent)
                except (ValueError, httpx.HTTPError) as error:
                    failed += 1
                    sys.stderr.write(f"{case!r}: {type(error).__name__} {error}\n")
            allowed = allowed or room.files() + SPARE
            check(room, allowed)
        left = room.total("osteon_dicom_instances", state="read")
        counts = ", ".join(f"{word}: {count}" for word, count in outcomes.most_common())
        memory = f"peak memory {room.resident('VmHWM'):.0f} MiB; open files {room.files()}"
        tracebacks = room.log.read_text(errors="replace").count("Traceback")
        sys.stdout.write(f"{given.runs} requests: {counts}; failed: {failed}; slowest {slowest:.2f} s; {memory}\n")
        sys.stdout.write(f"images held before and after: {held:.0f}, {left:.0f}; tracebacks in the log: {tracebacks}\n")
    sys.exit(1 if failed or tracebacks or held != left else 0)


if __name__ == "__main__":
    main()
