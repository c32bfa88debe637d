"""A PACS, a DICOM node and a modality on this machine: five simulated studies go round, and what lies in the PACS is shown.

    make pacs-demo

Starts a real Orthanc and ``osteon serve`` on free ports of the loopback address, sends front and side of five phantoms over
DICOM, waits until Orthanc has committed itself to every result, and prints them. All that it makes is removed at the end.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pacs_rig import Room, RoomError, film, send
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from rich.console import Console
from rich.table import Table

from orthanc import Orthanc, OrthancError, OrthancMissingError, free_port, orthanc
from osteon.phantom.simulate import simulate_pair

OUTPUTS: Final = ["sr", "text-sr", "sc", "gsps", "kos"]
SPINE: Final = Path(__file__).parents[1] / "samples" / "spine-refused.dcm"
QUIET: Final = 2.0
"""Seconds without a further image after which a study is read."""

PATIENCE: Final = 180.0
"""Seconds to wait for all results."""

MISSING: Final = """\
Orthanc is missing, which plays the PACS. On Debian or Ubuntu:

  apt-get install orthanc orthanc-dicomweb

Then run make pacs-demo again.
"""


@dataclass(frozen=True)
class Sent:
    """A study that is sent.

    Attributes:
        about: for the table.
        uid: StudyInstanceUID.
        files: of its images.
        late: of images that come after it was read.
    """

    about: str
    uid: str
    files: tuple[bytes, ...]
    late: tuple[bytes, ...] = ()


def studies() -> Iterator[Sent]:
    """Five studies, four of them of phantoms with the same patient from front and side."""
    chosen = (
        ("fracture of the hand", "hand", 18, "fracture", "HAND"),
        ("normal elbow", "elbow", 64, "normal", "ELBOW"),
        ("displaced fracture of the elbow", "elbow", 4, "displaced", "ELBOW"),
        ("fracture of the forearm; the side comes late", "forearm", 4, "midshaft", "FOREARM"),
    )
    for number, (about, kind, seed, finding, body_part) in enumerate(chosen, 1):
        uid, patient = generate_uid(), f"PHANTOM{number}"
        front, side = (
            film(one.pixels, study=uid, patient=patient, view=view, body_part=body_part, number=position)
            for position, (one, view) in enumerate(
                zip(simulate_pair(kind, seed, size=720, finding=finding), ("PA", "LL"), strict=True), 1
            )
        )
        yield Sent(about, uid, (front,), (side,)) if "late" in about else Sent(about, uid, (front, side))
    data = SPINE.read_bytes()
    yield Sent("spine, which the bundle must refuse", str(dcmread(io.BytesIO(data)).StudyInstanceUID), (data,))


def finished(room: Room, instances: int) -> bool:
    """Whether all that was sent is read, and the PACS has committed itself to every result."""
    read = room.total("osteon_dicom_instances", state="read")
    if room.total("osteon_dicom_instances", state="waiting") or read < instances or room.total("osteon_queue_length"):
        return False
    left = sum(room.total("osteon_dicom_results", state=state) for state in ("to send", "sent", "stuck"))
    return not left and room.total("osteon_dicom_results", state="committed") > 0


def wait(room: Room, instances: int) -> None:
    """Until that is so, for longer than it takes to look for further results."""
    end, calm = time.monotonic() + PATIENCE, 0
    while calm < 4:
        if time.monotonic() > end:
            raise RoomError(f"the results did not arrive within {PATIENCE:.0f} seconds: {room.metrics()}")
        time.sleep(1)
        calm = calm + 1 if finished(room, instances) else 0


def says(header: Dataset) -> str:
    """What an object says, in a few words: its impression, its finding, else its title."""
    found: list[tuple[str, str]] = []

    def walk(items: Dataset) -> None:
        for item in items.get("ContentSequence", []):
            name = item.ConceptNameCodeSequence[0].CodeMeaning if item.get("ConceptNameCodeSequence") else ""
            code = item.ConceptCodeSequence[0].CodeMeaning if item.get("ConceptCodeSequence") else ""
            found.append((name, str(item.get("TextValue", "") or code)))
            walk(item)

    walk(header)
    groups = sum(name == "Measurement Group" for name, _ in found)
    for wanted in ("Impression", "Fracture of bone"):
        value = next((value for name, value in found if name == wanted and value), None)
        if value is not None and wanted == "Impression":
            return value
        if value is not None:
            return f"{wanted}: {value}" + (f", boxes: {groups}" if groups else "")
    if header.get("ConceptNameCodeSequence"):
        return str(header.ConceptNameCodeSequence[0].CodeMeaning)
    return str(header.get("SeriesDescription", ""))


def show(pacs: Orthanc, sent: list[Sent]) -> None:
    """Print what lies in the PACS."""
    objects = [dcmread(io.BytesIO(pacs.get(f"/instances/{one}/file"))) for one in pacs.json("/instances")]
    table = Table("study", "objects", "kind", "says", title="What lies in Orthanc")
    for study in sent:
        own = [one for one in objects if one.StudyInstanceUID == study.uid]
        kinds = Counter(str(one.SOPClassUID.name).removesuffix(" Storage") for one in own)
        first = study.about
        for kind, count in sorted(kinds.items()):
            of_kind = [one for one in own if one.SOPClassUID.name.removesuffix(" Storage") == kind]
            newest = sorted(of_kind, key=lambda one: len(one.get("PredecessorDocumentsSequence", [])))
            words = list(dict.fromkeys(says(one) for one in newest))
            table.add_row(first, str(count), kind, "\n".join(words))
            first = ""
        if not own:
            table.add_row(first, "0", "", "")
        table.add_section()
    Console(width=130).print(table)


def main() -> None:
    """Start everything, send, show, end everything."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="osteon-pacs-demo-", ignore_cleanup_errors=True) as temporary:
        folder, port = Path(temporary), free_port()
        with orthanc(folder / "pacs", peers={"OSTEON": ("127.0.0.1", port)}) as pacs:
            dicom = {
                "quiet_seconds": QUIET,
                "peers": {"CR1": {"address": "127.0.0.1"}, pacs.aet: {"address": "127.0.0.1"}},
                "destinations": {
                    "archive": {"aet": pacs.aet, "host": "127.0.0.1", "port": pacs.port, "outputs": OUTPUTS}
                },
            }
            with Room(folder / "room", dicom, port=port) as room:
                print(f"Orthanc listens on port {pacs.port}, the DICOM node OSTEON on {room.port}.", flush=True)
                sent = list(studies())
                for study in sent:
                    statuses = send(room.port, study.files)
                    print(f"sent {len(study.files)}: {study.about}: {_told(statuses)}", flush=True)
                images = sum(len(study.files) for study in sent)
                wait(room, images)
                for study in sent:
                    if study.late:
                        print(f"sent {len(study.late)} more: {study.about}: {_told(send(room.port, study.late))}")
                images += sum(len(study.late) for study in sent)
                wait(room, images)
                show(pacs, sent)
                committed = room.total("osteon_dicom_results", state="committed")
                print(
                    f"Images received and read: {images}. Results that Orthanc has committed itself to: {committed:.0f}."
                )
                print("Simulated, not patients. Not for diagnosis.")


def _told(statuses: list[int | None]) -> str:
    if any(statuses) or None in statuses:
        raise RoomError(f"the node did not keep what was sent: statuses {statuses}")
    return "kept"


if __name__ == "__main__":
    try:
        main()
    except OrthancMissingError:
        sys.exit(MISSING)
    except (OrthancError, RoomError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
