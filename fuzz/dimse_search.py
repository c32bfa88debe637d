"""Mutated C-FIND, C-GET and C-MOVE requests, sent to a real DICOM node by a peer that may search: answered or refused.

    python fuzz/dimse_search.py --runs 4000

The node holds studies, and dcmtk's storescp is where C-MOVE sends to. Identifiers with usual and odd keys are sent as they are,
and changed: in the association, in the command, in the identifier, or anywhere, whole or cut off; some callers of C-GET offer to
keep the images and then never answer. Fails as ``fuzz/dimse.py`` does, and where the node does not hold at the end what it held.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from dimse import CLIENTS, FAULTS, PATIENCE, ROUND, SPARE, check, echo, talk
from dimse_pdu import EXPLICIT, IMPLICIT, RELEASE, data, question, request
from pydicom.dataset import Dataset
from pydicom.uid import ComputedRadiographyImageStorage, generate_uid
from pynetdicom.dsutils import encode
from rich.progress import track
from upload import mutated

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import Room, film, send

from orthanc import free_port

STUDIES: Final = 12
SERVICES: Final = (
    (b"1.2.840.10008.5.1.4.1.2.2.1", 0x20),
    (b"1.2.840.10008.5.1.4.1.2.2.3", 0x10),
    (b"1.2.840.10008.5.1.4.1.2.2.2", 0x21),
)
"""Study Root: FIND, GET, MOVE."""
LEVELS: Final = ("STUDY", "STUDY", "SERIES", "IMAGE", "PATIENT", "", "STUDY\\SERIES")
VALUES: Final = (
    "",
    "*",
    "?",
    "Phantom*",
    "%",
    "_",
    "[a-z]",
    "'; DROP TABLE studies; --",
    "x" * 400,
    "\\" * 50,
    "2026*",
)
DATES: Final = ("", "20260101", "20260101-", "-20260101", "20260101-20251231", "-", "2026.01.01", "0-0", "99999999")
DESTINATIONS: Final = (b"MOVER", b"MOVER", b"GONE", b"NOBODY", b" ", b"OSTEON")

Case = tuple[list[bytes], int]
"""What is written, and the kind of answer that is waited for."""


def identifier(studies: list[str], random: np.random.Generator) -> bytes:
    """Keys of a request, in Implicit VR Little Endian."""
    found, some = Dataset(), lambda values: values[int(random.integers(len(values)))]
    found.QueryRetrieveLevel = some(LEVELS)
    uids = [*studies, "", "1.2.3", "*", "\\".join(studies), "\\".join(["1.2"] * 3000)]
    found.StudyInstanceUID = some(uids)
    if random.random() < 0.5:
        found.SeriesInstanceUID, found.SOPInstanceUID = some(uids), some(uids)
    for keyword in ("PatientName", "PatientID", "AccessionNumber", "StudyID", "ReferringPhysicianName", "Modality"):
        if random.random() < 0.3:
            setattr(found, keyword, some(VALUES))
    if random.random() < 0.5:
        found.StudyDate, found.StudyTime = some(DATES), some(("", "120000", "12-", "-", "25:99:99", "-1"))
    if random.random() < 0.3:
        found.SpecificCharacterSet = some(("ISO_IR 192", "ISO_IR 100", "ISO 2022 IR 87", "nonsense", ""))
    if random.random() < 0.2:
        found.RequestAttributesSequence = [Dataset()]
    return encode(found, is_implicit_vr=True, is_little_endian=True) or b""


def cases(runs: int, seed: int, studies: list[str]) -> Iterator[Case]:
    """Conversations."""
    random = np.random.default_rng(seed)
    for number in range(runs):
        sop_class, field = SERVICES[number % 3]
        keeps = [str(ComputedRadiographyImageStorage).encode()] if field == 0x10 and random.random() < 0.3 else []
        to = DESTINATIONS[int(random.integers(len(DESTINATIONS)))] if field == 0x21 else b""
        syntax = IMPLICIT if random.random() < 0.9 else EXPLICIT  # the identifier is not in that one
        asked, ordered, keys = request(sop_class, syntax, keeps), question(sop_class, field, to), b""
        keys = identifier(studies, random)
        match int(random.integers(6)):
            case 0:
                asked = mutated(asked, random)
            case 1:
                ordered = mutated(ordered, random)
            case 2 | 3:
                keys = mutated(keys, random)
            case 4:
                pass
            case _:
                rest = data(ordered, of_command=True) + data(keys, of_command=False)
                yield [asked, mutated(rest, random)], 0x8000 | field
                continue
        rest = data(ordered, of_command=True) + data(keys, of_command=False, size=int(random.choice([100, 16000])))
        yield [asked, rest + (RELEASE if random.random() < 0.8 else b"")], 0x8000 | field


def filled(room: Room) -> list[str]:
    """Send studies, and wait until the node holds them; their StudyInstanceUIDs."""
    studies = [str(generate_uid()) for _ in range(STUDIES)]
    pixels = np.random.default_rng(1).random((64, 48))
    for number, study in enumerate(studies):
        send(room.port, [film(pixels, study=study, patient=f"F{number}", number=one) for one in range(1 + number % 2)])
    end = time.monotonic() + 300
    while room.total("osteon_dicom_instances", state="read") < sum(1 + number % 2 for number in range(STUDIES)):
        if time.monotonic() > end:
            sys.exit("the node did not read what it was given")
        time.sleep(0.5)
    return studies


def main() -> None:
    """Start the server and the destination, send everything, report the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="folder for what caused a failure")
    given = parser.parse_args()
    outcomes: Counter[str] = Counter()
    failed, allowed, slowest, to = 0, 0, 0.0, free_port()
    here = {"address": "127.0.0.1"}
    peers = {"CR1": {**here, "query": True}, "MOVER": {**here, "port": to}, "GONE": {**here, "port": free_port()}}
    dicom = {"quiet_seconds": 1, "patience": PATIENCE, "peers": peers}
    with tempfile.TemporaryDirectory() as folder, Room(Path(folder), dicom) as room:
        command = ["/usr/bin/storescp", "--ignore", "--fork", "-aet", "MOVER", str(to)]
        mover = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        try:
            every = cases(given.runs, given.seed, filled(room))
            held = room.total("osteon_dicom_instances", state="read")
            with ThreadPoolExecutor(CLIENTS) as pool:
                for _ in track(range(-(-given.runs // ROUND)), "sending"):
                    chunk, begin = list(itertools.islice(every, ROUND)), time.monotonic()
                    for case, done in [(one, pool.submit(talk, room.port, *one)) for one in chunk]:
                        try:
                            outcomes[word := done.result()] += 1
                            if word in FAULTS:
                                raise ValueError(f"the node answered {word}: something was raised in it")
                        except (ValueError, OSError) as error:
                            failed += 1
                            given.keep.mkdir(parents=True, exist_ok=True)
                            (given.keep / f"search-{failed}.bin").write_bytes(b"".join(case[0]))
                            sys.stderr.write(f"{error}\n")
                    slowest = max(slowest, time.monotonic() - begin)
                    echo(room.port)
                    allowed = allowed or room.files() + SPARE
                    check(room, allowed)
            left = room.total("osteon_dicom_instances", state="read")
        finally:
            mover.terminate()
            mover.wait(30)
        counts = ", ".join(f"{word}: {count}" for word, count in outcomes.most_common())
        memory = f"peak memory {room.resident('VmHWM'):.0f} MiB; open files {room.files()}"
        sys.stdout.write(
            f"{given.runs} requests: {counts}; failed: {failed}; slowest {ROUND}: {slowest:.1f} s; {memory}\n"
        )
        tracebacks = room.log.read_text(errors="replace").count("Traceback")
        sys.stdout.write(f"images held before and after: {held:.0f}, {left:.0f}; tracebacks in the log: {tracebacks}\n")
        if tracebacks:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / "search.log").write_bytes(room.log.read_bytes())
    sys.exit(1 if failed or tracebacks or held != left else 0)


if __name__ == "__main__":
    main()
