"""Archives that studies are fetched from: Orthanc with DICOMweb, and dcmtk's dcmqrscp."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import dcmtk, dcmtk_program
from tests.orthanc import Orthanc, free_port, orthanc

from osteon.clinic.dicom.settings import Dicom

CHARACTERS = {
    "latin": ("ISO_IR 100", "Müller^Jörg"),
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
    "chinese": ("GB18030", "Wang^XiaoDong=王^小东"),
    "unicode": ("ISO_IR 192", "Ωμέγα^Łukasz"),
}
"""SpecificCharacterSet and a PatientName in it."""

COMPRESSED = "1.2.840.10008.1.2.4.70"


@dataclass(frozen=True)
class Content:
    """What lies in each archive.

    Attributes:
        files: by SOPInstanceUID.
        studies: by the names of ``CHARACTERS``; ``two`` has two series.
    """

    files: dict[str, bytes]
    studies: dict[str, str]


@pytest.fixture(scope="session")
def content(film: Callable[..., bytes]) -> Content:
    """A study of one patient in each set of characters, one of them of two images, and one of somebody else."""
    files: dict[str, bytes] = {}
    studies: dict[str, str] = {}

    def add(name: str, number: int, **about: Any) -> None:
        instance = generate_uid()
        uid = studies.setdefault(name, generate_uid())
        stated = {
            "PatientID": "Q1",
            "StudyDate": f"2026010{number}",
            "StudyTime": "101500",
            "AccessionNumber": f"A{number}",
        }
        stated |= {"StudyDescription": f"Wrist {number}", "InstanceNumber": 1, "StudyID": str(number)}
        files[instance] = film(number, StudyInstanceUID=uid, SOPInstanceUID=instance, **(stated | about))

    for number, (name, (characters, patient)) in enumerate(CHARACTERS.items(), 1):
        add(name, number, SpecificCharacterSet=characters, PatientName=patient)
    add("latin", 1, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg")
    add("other", 5, PatientID="Q11", PatientName="Other^Person")
    return Content(files, studies)


@contextmanager
def dcmqrscp(folder: Path, port: int, back: int) -> Iterator[int]:
    """The archive of dcmtk as ``DCMQR``; it sends to OSTEON on a port."""
    program = dcmtk_program("dcmqrscp")
    (folder / "db").mkdir(parents=True)
    settings = f"""NetworkTCPPort = {port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
osteon = (OSTEON, 127.0.0.1, {back})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
DCMQR {folder / "db"} RW (200, 1024mb) ANY
AETable END
"""
    (folder / "dcmqrscp.cfg").write_text(settings)
    process = subprocess.Popen([program, "-c", str(folder / "dcmqrscp.cfg")], cwd=folder)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < end, "dcmqrscp does not listen"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True)
class Archives:
    """Both archives, with the same content.

    Attributes:
        pacs: Orthanc.
        settings: of a node that knows both.
    """

    pacs: Orthanc
    settings: Dicom


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Iterator[Archives]:
    """Orthanc and dcmqrscp."""
    folder, back, port = tmp_path_factory.mktemp("archives"), free_port(), free_port()
    for instance, data in content.files.items():
        (folder / f"{instance}.dcm").write_bytes(data)
    with (
        orthanc(folder / "orthanc", peers={"OSTEON": ("127.0.0.1", back)}) as pacs,
        dcmqrscp(folder / "dcmqr", port, back),
    ):
        for data in content.files.values():
            pacs.store(data)
        dcmtk("storescu", "-aec", "DCMQR", "127.0.0.1", port, *sorted(folder.glob("*.dcm")))
        settings = Dicom.model_validate(
            {
                "port": back,
                "patience": 20,
                "peers": {
                    "PACS": {"address": "127.0.0.1", "port": pacs.port},
                    "DCMQR": {"address": "127.0.0.1", "port": port},
                },
                "archives": {
                    "orthanc-get": {"peer": "PACS"},
                    "orthanc-move": {"peer": "PACS", "way": "move"},
                    "orthanc-web": {"url": pacs.dicomweb},
                    "dcmtk-get": {"peer": "DCMQR"},
                    "dcmtk-move": {"peer": "DCMQR", "way": "move"},
                },
            }
        )
        yield Archives(pacs, settings)
