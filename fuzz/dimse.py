"""Mutated associations and data sets, sent to a real DICOM node: refused or stored, never a crash, hang or leak.

    python fuzz/dimse.py --runs 10000

What a sender writes (A-ASSOCIATE-RQ, C-STORE with its data set, A-RELEASE) is recorded once for each supported kind of image and
sent again with changes: in the association, in the command, in the data set, or anywhere, whole or cut off. Fails at a
connection that is not ended in time, at an answer that says that something was raised in the node, at a node that does not answer
C-ECHO between two rounds, at a server that ends, that holds more than a limit of memory, or that keeps open files or drafts of
what was refused. What was not survived is kept.
"""

from __future__ import annotations

import argparse
import itertools
import socket
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from dimse_pdu import RELEASE, command, data, element, request
from load import seeds
from pydicom import dcmread
from rich.progress import track
from upload import mutated, renamed

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import Room

SECONDS: Final = 10.0
"""Seconds allowed for one connection, beyond the patience of the node."""
PATIENCE: Final = 0.5
MEBIBYTES: Final = 1024
CLIENTS: Final = 4
ROUND: Final = 50
SPARE: Final = 40
"""Open files that a node may have beyond those after the first round."""
VERIFICATION: Final = b"1.2.840.10008.1.1"
FAULTS: Final = frozenset({"C211", "C311", "C411", "C511"})
"""What pynetdicom answers where the node's own code raised something."""


def conversation(file: bytes, random: np.random.Generator) -> list[bytes]:
    """What a sender of a file writes, with changes in one of its parts: the request, then the rest."""
    dataset = dcmread(BytesIO(file), force=True)
    sop_class, instance = str(dataset.SOPClassUID).encode(), str(dataset.SOPInstanceUID).encode()
    syntax = str(dataset.file_meta.TransferSyntaxUID).encode()
    body = file[144 + int.from_bytes(file[140:144], "little") :]
    asked, ordered = request(sop_class, syntax), command(sop_class, instance)
    size = int(random.choice([100, 4000, 16000]))
    match int(random.integers(5)):
        case 0:
            asked = mutated(asked, random)
        case 1:
            ordered = mutated(ordered, random)
        case 2:
            return [asked, mutated(data(ordered, of_command=True) + data(body, of_command=False, size=size), random)]
        case _:
            body = mutated(body, random)
    rest = data(ordered, of_command=True) + data(body, of_command=False, size=size)
    return [asked, rest + (RELEASE if random.random() < 0.8 else b"")]


def cases(runs: int, seed: int) -> Iterator[list[bytes]]:
    """Conversations."""
    random = np.random.default_rng(seed)
    files = [file for _, file in seeds("dicom")]
    for file in itertools.islice(itertools.cycle(files), runs):
        yield conversation(renamed(file, random), random)


def talk(port: int, parts: list[bytes], answer: int = 0x8001) -> str:
    """How a conversation ended: the status of the last answer of a kind, if there is one.

    Raises:
        ValueError: the node does not end it.
    """
    begin, got = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.settimeout(PATIENCE + SECONDS)
        try:
            for part in parts:
                client.sendall(part)
                if part is parts[0]:
                    got += client.recv(65536)
                    if got[:1] != b"\x02":
                        break
            while (piece := client.recv(65536)) and piece[-10:-9] != b"\x06":
                got += piece
            got += piece
        except TimeoutError as error:
            raise ValueError("the node did not end the connection in time") from error
        except OSError:
            pass  # reset: it was refused
    if time.monotonic() - begin > PATIENCE + SECONDS:
        raise ValueError(f"took {time.monotonic() - begin:.1f} s")
    at = got.rfind(element(0x0100, struct.pack("<H", answer)))
    status = got.find(struct.pack("<HHI", 0, 0x0900, 2), at) if at >= 0 else -1
    if status >= 0:
        return f"{int.from_bytes(got[status + 8 : status + 10], 'little'):04X}"
    return {b"": "closed", b"\x02": "no status", b"\x03": "rejected", b"\x07": "aborted"}.get(got[:1], "other")


def echo(port: int) -> None:
    """Ask for C-ECHO; raises ``ValueError`` where it is not answered."""
    parts = [request(VERIFICATION, b"1.2.840.10008.1.2"), data(command(VERIFICATION, b""), of_command=True) + RELEASE]
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.settimeout(30)
        client.sendall(parts[0])
        if client.recv(65536)[:1] != b"\x02":
            raise ValueError("C-ECHO was not accepted")
        client.sendall(parts[1])
        got = b""
        while (piece := client.recv(65536)) and piece[-10:-9] != b"\x06":
            got += piece
        got += piece
    if element(0x0900, b"\0\0") not in got:
        raise ValueError("C-ECHO was not answered with success")


def check(room: Room, files: int) -> None:
    """Raise ``ValueError`` where the server holds too much."""
    end = time.monotonic() + 30
    drafts = room.store / "incoming" / "new"
    while list(drafts.iterdir()) or room.files() > files:
        if time.monotonic() > end:
            raise ValueError(f"the server keeps {len(list(drafts.iterdir()))} drafts, {room.files()} open files")
        time.sleep(0.2)
    if room.resident("VmHWM") > MEBIBYTES:
        raise ValueError(f"the server held {room.resident('VmHWM'):.0f} MiB")


def main() -> None:
    """Start the server, send everything, report the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="folder for what caused a failure")
    given = parser.parse_args()
    outcomes: Counter[str] = Counter()
    failed, allowed = 0, 0
    dicom = {"quiet_seconds": 1, "patience": PATIENCE, "peers": {"CR1": {"address": "127.0.0.1"}}}
    with tempfile.TemporaryDirectory() as folder, Room(Path(folder), dicom) as room:
        with ThreadPoolExecutor(CLIENTS) as pool:
            every = cases(given.runs, given.seed)
            for _ in track(range(-(-given.runs // ROUND)), "sending"):
                chunk = list(itertools.islice(every, ROUND))
                for parts, done in [(parts, pool.submit(talk, room.port, parts)) for parts in chunk]:
                    try:
                        outcomes[word := done.result()] += 1
                        if word in FAULTS:
                            raise ValueError(f"the node answered {word}: something was raised in it")
                    except (ValueError, OSError) as error:
                        failed += 1
                        given.keep.mkdir(parents=True, exist_ok=True)
                        (given.keep / f"dimse-{failed}.bin").write_bytes(b"".join(parts))
                        sys.stderr.write(f"{error}\n")
                echo(room.port)
                allowed = allowed or room.files() + SPARE
                check(room, allowed)
        counts = ", ".join(f"{word}: {count}" for word, count in outcomes.most_common())
        memory = f"peak memory {room.resident('VmHWM'):.0f} MiB; open files {room.files()}"
        sys.stdout.write(f"{given.runs} associations: {counts}; failed: {failed}; {memory}\n")
        tracebacks = room.log.read_text(errors="replace").count("Traceback")
        sys.stdout.write(f"tracebacks in the log: {tracebacks}\n")
        if tracebacks:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / "dimse.log").write_bytes(room.log.read_bytes())
    sys.exit(1 if failed or tracebacks else 0)


if __name__ == "__main__":
    main()
