"""The DICOM node under load, beside dcmtk's storescp, and how long a study is under way to its result.

    python benchmarks/pacs.py
    python benchmarks/pacs.py --images 40 --rounds 1 --studies 5 --queued 100
    python benchmarks/pacs.py --only queue

In one run and taking turns: dcmtk's storescu sends CR images of 7.5 MB to the node, which keeps each on the disk (fsync) before
it acknowledges it, and to dcmtk's storescp, which does not wait for the disk; over one association and over four at once. Ratios
are of one run; times hang on the machine. Memory is that of the node's only process, with a store that was there before: at rest,
and the most that it ever had. Then studies of one image are sent one by one: from the acknowledgement to the moment at which the
archive (Orthanc) has committed itself to their reports, beside quiet time and reading time. Last the page's requests while 1,000
studies wait (``pacs_queue.py``). Needs Debian's dcmtk, and Orthanc for the second part.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import numpy as np
from pydicom.uid import generate_uid

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import Room, film, send

from orthanc import OrthancMissingError, free_port, orthanc
from osteon.phantom.simulate import simulate
from pacs_queue import queued

ROWS, COLUMNS = 2048, 1831
"""Two bytes each: 7.5 MB."""
QUIET = 1.0
POLL = 0.05


def program(name: str) -> str:
    """Where a program of dcmtk is: pynetdicom has some of the same names."""
    found = shutil.which(name, path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if found is None:
        sys.exit(f"needs Debian's dcmtk: {name} is not there")
    return found


@contextmanager
def storescp(folder: Path) -> Iterator[int]:
    """The receiver of dcmtk, a process for each association; its port."""
    folder.mkdir()
    port = free_port()
    command = [program("storescp"), "--fork", "-od", str(folder), "-aet", "OSTEON", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def images(folder: Path, count: int) -> list[Path]:
    """Images of noise, each of a study of its own."""
    folder.mkdir()
    noise = np.random.default_rng(1).random((ROWS, COLUMNS), np.float32)
    found: list[Path] = []
    for number in range(count):
        found.append(folder / f"{number}.dcm")
        found[-1].write_bytes(film(np.roll(noise, number, 0), study=generate_uid(), patient=f"B{number}"))
    return found


def sent(port: int, files: list[Path], at_once: int) -> float:
    """Seconds to send files over so many associations at once."""
    command = [program("storescu"), "-aet", "CR1", "-aec", "OSTEON", "-pdu", "131072", "127.0.0.1", str(port)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(subprocess.run, [*command, *files[part::at_once]]) for part in range(at_once)]:
            done.result().check_returncode()
    return time.perf_counter() - begin


def throughput(given: argparse.Namespace, folder: Path) -> None:
    """Images a second of both, and the memory of the node: of its process, which has no others."""
    files = images(folder / "images", given.images)
    total = sum(file.stat().st_size for file in files) / 1e6
    # Nothing is read meanwhile: what is timed is receiving.
    dicom = {"quiet_seconds": 3600, "peers": {"CR1": {"address": "127.0.0.1"}}}
    print(f"{given.images} images of {total / given.images:.1f} MB\n")
    print("| associations | node, images/s | storescp, images/s | ratio | node's memory at rest, highest, MiB |")
    print("|---|---|---|---|---|")
    for at_once in (1, 4):
        times: dict[str, list[float]] = {"node": [], "storescp": []}
        rest, highest = 0.0, 0.0
        for number in range(given.rounds):
            place = folder / f"room-{at_once}-{number}"
            room = Room(place, dicom)
            with room:  # a store is made once; a node starts with one that is there
                pass
            with room:
                rest = max(rest, room.resident())
                times["node"].append(sent(room.port, files, at_once))
                highest = max(highest, room.resident("VmHWM"))
            shutil.rmtree(place)
            other = folder / f"storescp-{at_once}-{number}"
            with storescp(other) as port:
                times["storescp"].append(sent(port, files, at_once))
            shutil.rmtree(other)
        rates = {name: len(files) / statistics.median(took) for name, took in times.items()}
        ratio = rates["node"] / rates["storescp"]
        print(
            f"| {at_once} | {rates['node']:.1f} | {rates['storescp']:.1f} | {ratio:.2f} | {rest:.0f}, {highest:.0f} |",
            flush=True,
        )


def latency(given: argparse.Namespace, folder: Path) -> None:
    """From the acknowledgement to the commitment."""
    port = free_port()
    with orthanc(folder / "pacs", peers={"OSTEON": ("127.0.0.1", port)}) as pacs:
        peers = {"CR1": {"address": "127.0.0.1"}, pacs.aet: {"address": "127.0.0.1"}}
        outputs = ["sr", "text-sr", "sc"]
        destination = {"aet": pacs.aet, "host": "127.0.0.1", "port": pacs.port, "outputs": outputs}
        dicom = {"quiet_seconds": QUIET, "peers": peers, "destinations": {"archive": destination}}
        took: list[float] = []
        with Room(folder / "room", dicom, port=port) as room:
            for number in range(given.studies + 1):
                pixels = simulate("hand", number, size=1024).pixels
                assert send(room.port, [film(pixels, study=generate_uid(), patient=f"L{number}")]) == [0]
                begin = time.perf_counter()
                while room.total("osteon_dicom_results", state="committed") < len(outputs) * (number + 1):
                    assert time.perf_counter() - begin < 120, "the results did not arrive"
                    time.sleep(POLL)
                took.append(time.perf_counter() - begin)
            with urlopen(f"{room.url}/api/v1/metrics") as answer:  # noqa: S310 - of this machine
                text = answer.read().decode()
        figures = [re.search(rf"osteon_reading_seconds_{one} (\S+)", text) for one in ("sum", "count")]
        reading = float(figures[0][1]) / float(figures[1][1]) if all(figures) else float("nan")
        middle = statistics.median(took[1:])
        print(
            f"\nacknowledged to committed, {given.studies} studies of one image after a first one: median {middle:.2f} s,"
        )
        print(f"longest {max(took[1:]):.2f} s; quiet time {QUIET:.2f} s, reading {reading:.2f} s in the mean,")
        print(f"all else {middle - QUIET - reading:.2f} s")


def main() -> None:
    """Print all parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--queued", type=int, default=1000, help="studies that wait while the page asks")
    parser.add_argument("--looks", type=int, default=100, help="times that the page asks for all that it shows")
    parser.add_argument("--only", choices=["receive", "result", "queue"], help="one part alone")
    given = parser.parse_args()
    parts = {
        "receive": lambda folder: throughput(given, folder),
        "result": lambda folder: latency(given, folder),
        "queue": lambda folder: queued(folder, given.queued, given.looks, sent),
    }
    with tempfile.TemporaryDirectory(prefix="osteon-pacs-", ignore_cleanup_errors=True) as temporary:
        for part in [given.only] if given.only else list(parts):
            try:
                parts[part](Path(temporary))
            except OrthancMissingError as error:
                print(error)


if __name__ == "__main__":
    main()
