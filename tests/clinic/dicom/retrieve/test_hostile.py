"""Archives that do not keep to the standard, or mean harm: nothing of another patient comes, nothing hangs, memory stays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from tests.clinic.dicom.receive.certificates import Authority
from tests.dicom_files import write_dicom
from tests.orthanc import free_port, orthanc

from osteon.clinic.dicom.network import STUDY_ROOT_FIND
from osteon.clinic.dicom.retrieve.found import found_study
from osteon.clinic.dicom.retrieve.opening import archive_settings, open_archive
from osteon.clinic.dicom.retrieve.pull import find, pull
from osteon.clinic.dicom.retrieve.query import Query
from osteon.clinic.dicom.retrieve.sink import FolderSink
from osteon.clinic.dicom.settings import Dicom
from osteon.core.errors import PeerError
from osteon.imaging.quiet import quiet

pytestmark = [pytest.mark.pacs]


def answering(answers: list[Any]) -> Iterator[Dicom]:
    """An application entity that gives these answers to every query, whatever is asked."""

    def answer(event: Any) -> Iterator[Any]:
        del event
        yield from answers

    port = free_port()
    entity = AE("ODD")
    entity.add_supported_context(STUDY_ROOT_FIND)
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_FIND, answer)])
    try:
        yield Dicom.model_validate({"patience": 5, "peers": {"ODD": {"address": "127.0.0.1", "port": port}}})
    finally:
        server.shutdown()


def study(**elements: Any) -> Dataset:
    found = Dataset()
    with quiet():
        for keyword, value in {"StudyInstanceUID": generate_uid(), "PatientID": "P1", **elements}.items():
            setattr(found, keyword, value)
    return found


def asked(answers: list[Any], query: Query) -> list[str]:
    for settings in answering(answers):
        return [one.uid for one in find(open_archive(settings, archive_settings(settings, "ODD")), query)]
    raise AssertionError


def test_keys_that_an_archive_leaves_aside() -> None:
    """It tells of all its studies: those of others are not taken for the patient's."""
    own, other, silent = study(StudyDate="20260101"), study(PatientID="P2"), study(PatientID="")
    told = [(0xFF00, one) for one in (own, other, silent, own, study(StudyDate="20250101"))]
    assert asked(told, Query(patient="P1", dates="20260101-")) == [own.StudyInstanceUID]


def test_damaged_answers() -> None:
    """What cannot be understood is left out; what moves a terminal is not shown."""
    odd = study(StudyDescription="a\x1b[2Jb", StudyDate="last week", ModalitiesInStudy=["CR", "\x07"])
    found = found_study(odd)
    assert (found.date, found.modalities, found.images) == ("", ("CR",), None)
    assert found.description.isprintable()
    assert found_study(Dataset()).uid == ""
    assert asked([(0xFF00, study(StudyInstanceUID="")), (0xFF00, own := study())], Query(patient="P1")) == [
        own.StudyInstanceUID
    ]


@pytest.mark.parametrize(
    ("status", "cause"),
    [(0xA700, "out of resources"), (0xA900, "does not accept"), (0xC001, "cannot process"), (0x0124, "does not allow")],
)
def test_statuses_in_words(status: int, cause: str) -> None:
    with pytest.raises(PeerError, match=cause):
        asked([(status, None)], Query(patient="P1"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_under_tls(authority: Authority, film: Callable[..., bytes], tmp_path: Path) -> None:
    """An archive that demands a certificate gets the node's; one with another name is not believed."""
    own, key = authority.sign("osteon.example")
    pacs_own, pacs_key = authority.sign("pacs.example")
    about = {"DicomTlsEnabled": True, "DicomTlsCertificate": str(pacs_own), "DicomTlsPrivateKey": str(pacs_key)}
    about["DicomTlsTrustedCertificates"] = str(authority.file)
    uid = generate_uid()
    with orthanc(tmp_path / "pacs", **about) as pacs:
        pacs.store(film(1, StudyInstanceUID=uid))
        for name, plain in (("pacs.example", False), ("elsewhere.example", False), ("", True)):
            tls = {} if plain else {"tls_cert": own, "tls_key": key, "tls_ca": authority.file}
            peer = {"address": "127.0.0.1", "port": pacs.port, "certificate": name}
            settings = Dicom.model_validate({"patience": 5, "peers": {"PACS": peer}, **tls})
            archive = open_archive(settings, archive_settings(settings, "PACS"))
            if name != "pacs.example":
                with pytest.raises(PeerError, match=r"TLS|reached"):
                    find(archive, Query(studies=(uid,)))
                continue
            sink = FolderSink(tmp_path / "out", 1 << 24)
            (outcome,) = pull(archive, sink, find(archive, Query(studies=(uid,))))
            assert (outcome.fetched, outcome.error) == (1, None)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["--url", "--peer"])
def test_memory_does_not_grow_with_an_image(way: str, tmp_path: Path) -> None:
    """An image of 200 MB: it goes to the disk as it comes."""
    uid = generate_uid()
    data = write_dicom(np.zeros((10_000, 10_000), np.uint16), StudyInstanceUID=uid)
    # The kernel hands the highest memory of the parent on to what it starts, but not in this file.
    code = "import sys; from osteon.cli import main\ntry: main()\nexcept SystemExit as end: code = end.code\n"
    code += "lines = open('/proc/self/status').read().splitlines()\n"
    code += "print(next(line for line in lines if line.startswith('VmHWM')).split()[1]); sys.exit(code)"
    with orthanc(tmp_path / "pacs") as pacs:
        pacs.store(data)
        peers = f'dicom.peers={{"PACS": {{"address": "127.0.0.1", "port": {pacs.port}}}}}'
        where = [way, pacs.dicomweb] if way == "--url" else [way, "PACS", "--set", peers]
        command = [sys.executable, "-c", code, "pacs", "pull", "--study", uid, "--out", str(tmp_path / "out"), *where]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    (file,) = (tmp_path / "out").iterdir()
    assert file.stat().st_size >= len(data) - 1000
    assert int(done.stdout.splitlines()[-1]) < 330 * 1024, "KiB; the program alone takes 150 MiB"
