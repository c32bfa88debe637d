"""Searching a store of many studies over DICOMweb, against Orthanc with the same studies in the same run.

    python benchmarks/qido.py --studies 10000

Simulated headers without pictures are put into a store of Osteon, whose real server is then started, and into a real Orthanc.
The same queries go to both in turns; each prints the median and the 95th percentile of its times in ms, the ratio of the medians
with a bootstrap interval, and whether both found the same studies. Orthanc 1.10 keeps its index in SQLite, as Osteon does here.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian
from rich.progress import track
from sqlalchemy import update

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from pacs_rig import Room

from orthanc import orthanc
from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake, Upload
from osteon.clinic.store.database import open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.adopt import adopt, adopt_headers, adopt_instances
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import State, Study

BATCH: Final = 100
FAMILIES: Final = ("Adams", "Brown", "Curie", "Dunant", "Euler", "Fleming", "Gauss", "Hill", "Ito", "Joliot")
FIRST: Final = date(2020, 1, 1)


def headers(count: int) -> Iterator[bytes]:
    """The files of so many studies, four a day, each of one small image."""
    for number in range(count):
        header = Dataset()
        header.SOPClassUID = ComputedRadiographyImageStorage
        header.StudyInstanceUID = f"1.2.826.0.1.3680043.8.498.7.{number + 1}"
        header.SeriesInstanceUID, header.SOPInstanceUID = (
            f"{header.StudyInstanceUID}.1",
            f"{header.StudyInstanceUID}.1.1",
        )
        header.PatientID, header.PatientName = f"P{number:06d}", f"{FAMILIES[number % 10]}^{number:06d}"
        header.StudyDate = (FIRST + timedelta(days=number // 4)).strftime("%Y%m%d")
        header.StudyTime, header.AccessionNumber, header.StudyID = "101500", f"A{number:06d}", str(number)
        header.Modality, header.BodyPartExamined, header.StudyDescription = "CR", "HAND", "Simulated"
        header.PatientBirthDate, header.PatientSex, header.ReferringPhysicianName = "19700101", "O", ""
        header.Rows = header.Columns = 8
        header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
        header.BitsAllocated = header.BitsStored = 8
        header.HighBit, header.PixelRepresentation = 7, 0
        header.PixelData = bytes(64)
        header["PixelData"].VR = "OB"
        header.file_meta = FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        stream = io.BytesIO()
        header.save_as(stream, enforce_file_format=True)
        yield stream.getvalue()


def fill(folder: Path, count: int) -> None:
    """A store with these studies, read."""
    folder.mkdir()
    os.fsync = lambda _file: None  # filling it need not survive a loss of power
    files, database = Files(folder), open_database(f"sqlite:///{folder / 'osteon.db'}")
    for told in (adopt, adopt_instances, adopt_headers):
        told(database, files)
    intake = Intake(database, files, Hub(), bundle="b@1", digest="d", most=10**9)
    batch: list[Upload] = []
    for data in track(headers(count), "into the store", total=count):
        batch.append(Upload("x", io.BytesIO(data)))
        if len(batch) == BATCH:
            intake.take(batch)
            batch.clear()
    intake.take(batch)
    with database.session() as session:
        session.execute(update(Study).values(state=State.DONE, read=now()))
    database.close()


def queries(count: int) -> dict[str, dict[str, str]]:
    """What is asked for, by what the table calls it."""
    middle, last = FIRST + timedelta(days=count // 8), FIRST + timedelta(days=count // 4)
    ranged = f"{middle:%Y%m%d}-{last:%Y%m%d}"
    return {
        "one day": {"StudyDate": f"{middle:%Y%m%d}"},
        "half of all by date, the first 100": {"StudyDate": ranged, "limit": "100"},
        "the same, 100 from the 1,000th on": {"StudyDate": ranged, "limit": "100", "offset": "1000"},
        "one PatientID": {"PatientID": f"P{count // 2:06d}"},
        "a name with a wildcard": {"PatientName": f"Curie^{count // 20:04d}*"},
        "a date that no study has": {"StudyDate": "19990101"},
    }


def asked(client: httpx.Client, address: str, query: dict[str, str]) -> tuple[float, set[str]]:
    """Seconds until the answer was there, and the studies in it."""
    begin = time.perf_counter()
    answer = client.get(address, params=query, headers={"Accept": "application/dicom+json"})
    seconds = time.perf_counter() - begin
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json() if answer.content else []
    return seconds, {one["0020000D"]["Value"][0] for one in found}


def ratio(own: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """The ratio of the medians, with the ends of a 95 % bootstrap interval."""
    random = np.random.default_rng(1)
    chosen = [random.integers(0, len(own), (2000, len(own))) for _ in range(2)]
    several = np.median(own[chosen[0]], 1) / np.median(other[chosen[1]], 1)
    low, high = np.quantile(several, (0.025, 0.975))
    return float(np.median(own) / np.median(other)), float(low), float(high)


def main() -> None:
    """Fill both, ask both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        fill(folder / "store", given.studies)
        room = Room(folder / "room", {"quiet_seconds": 1}, store=folder / "store", open_access="reader")
        with orthanc(folder / "pacs") as pacs, room, httpx.Client(timeout=120, trust_env=False) as client:
            for data in track(headers(given.studies), "into Orthanc", total=given.studies):
                client.post(f"{pacs.url}/instances", content=data).raise_for_status()
            print("| query | results | Osteon, ms | Orthanc, ms | ratio | same studies |\n|---|---|---|---|---|---|")
            for name, query in queries(given.studies).items():
                times: list[list[float]] = [[], []]
                found: list[set[str]] = [set(), set()]
                for number in range(given.rounds + 2):
                    for which, address in enumerate((f"{room.url}/dicomweb/studies", f"{pacs.dicomweb}/studies")):
                        seconds, found[which] = asked(client, address, query)
                        if number >= 2:
                            times[which].append(1000 * seconds)
                own, other = (np.array(one) for one in times)
                value, low, high = ratio(own, other)
                shown = [f"{np.median(one):.1f} (95th {np.quantile(one, 0.95):.1f})" for one in (own, other)]
                same = "yes" if found[0] == found[1] else "as many" if len(found[0]) == len(found[1]) else "no"
                print(
                    f"| {name} | {len(found[0])} | {shown[0]} | {shown[1]} | {value:.2f} ({low:.2f} to {high:.2f}) | {same} |"
                )


if __name__ == "__main__":
    main()
