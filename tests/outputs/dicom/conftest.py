"""Programs that judge DICOM objects, studies for them, and an archive."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from tests.outputs.dicom.cases import Case, make_case

PATIENCE = 60.0


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Gives the study of a name, made once."""
    made: dict[str, Case] = {}

    def give(name: str) -> Case:
        if name not in made:
            made[name] = make_case(name, tmp_path_factory.mktemp(name.replace(" ", "-")))
        return made[name]

    return give


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Runs a program and gives all that it says; skips where it is not installed."""

    def start(program: str, *arguments: object, fails: bool = False) -> str:
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
        ended = subprocess.run([program, *map(str, arguments)], capture_output=True, timeout=PATIENCE, check=False)
        said = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        assert fails or ended.returncode == 0, said
        return said

    return start


@dataclass(frozen=True)
class Archive:
    """Orthanc, on this machine alone.

    Attributes:
        url: of its own interface; DICOMweb is below ``/dicom-web``.
        port: for DICOM.
        title: its AE title.
    """

    url: str
    port: int
    title: str = "PACS"

    def get(self, path: str) -> bytes:
        """The answer to a GET."""
        return httpx.get(f"{self.url}{path}", timeout=PATIENCE).raise_for_status().content

    def files(self) -> dict[str, bytes]:
        """The files that it holds, by SOPInstanceUID."""
        found: dict[str, bytes] = {}
        for one in json.loads(self.get("/instances?expand")):
            found[one["MainDicomTags"]["SOPInstanceUID"]] = self.get(f"/instances/{one['ID']}/file")
        return found


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An empty Orthanc with DICOMweb on ports of its own, which nothing but this machine reaches."""
    program = shutil.which("Orthanc")
    if program is None:
        pytest.skip("needs Debian's orthanc and orthanc-dicomweb")
    folder = tmp_path_factory.mktemp("orthanc")
    web, dicom = _free_port(), _free_port()
    # It hears DICOM on every interface; with these it answers nobody but this machine.
    settings = {
        "Name": "PACS", "StorageDirectory": str(folder / "store"), "IndexDirectory": str(folder / "store"),
        "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"], "HttpPort": web, "RemoteAccessAllowed": False,
        "HttpBindAddresses": ["127.0.0.1"], "AuthenticationEnabled": False, "DicomAet": "PACS", "DicomPort": dicom,
        "DicomModalities": {"local": ["OSTEON", "127.0.0.1", 11112]}, "DicomAlwaysAllowStore": False,
        "DicomAlwaysAllowEcho": False, "DicomCheckModalityHost": True, "DicomCheckCalledAet": True,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}, "OverwriteInstances": False,
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log, cwd=folder)
    try:
        found = Archive(f"http://127.0.0.1:{web}", dicom)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found.get("/system")
                break
            except httpx.HTTPError:
                running = process.poll() is None and time.monotonic() < deadline
                assert running, (folder / "log.txt").read_text()
                time.sleep(0.2)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
