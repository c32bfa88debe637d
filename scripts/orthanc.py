"""A real Orthanc, started on the loopback address: ``with orthanc(folder) as pacs``."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

PROGRAM = "Orthanc"
PLUGINS = Path("/usr/share/orthanc/plugins")
"""Where Debian's package ``orthanc-dicomweb`` puts the plugin."""

_PATIENCE = 30.0


class OrthancError(Exception):
    """Orthanc did not start."""


class OrthancMissingError(OrthancError):
    """Orthanc is not installed."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A PACS that runs.

    Attributes:
        aet: its AE title.
        port: for DICOM, on 127.0.0.1.
        url: of its REST API, without a slash at the end.
        dicomweb: of its DICOMweb API, likewise.
        folder: of its storage, and of its log ``orthanc.log``.
    """

    aet: str
    port: int
    url: str
    folder: Path

    @property
    def dicomweb(self) -> str:
        """The root of its DICOMweb services."""
        return f"{self.url}/dicom-web"

    def get(self, path: str) -> bytes:
        """What its REST API answers to GET, e.g. ``/statistics``."""
        with urlopen(f"{self.url}{path}", timeout=_PATIENCE) as answer:  # noqa: S310 - of this machine
            return bytes(answer.read())

    def json(self, path: str) -> Any:
        """The same, parsed."""
        return json.loads(self.get(path))

    def post(self, path: str, body: bytes, kind: str = "application/dicom") -> Any:
        """What it answers to POST, parsed."""
        request = Request(f"{self.url}{path}", body, {"Content-Type": kind})  # noqa: S310
        with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            return json.loads(answer.read())

    def store(self, data: bytes) -> None:
        """Give it a DICOM file."""
        self.post("/instances", data)

    def instances(self) -> dict[str, str]:
        """Orthanc's own identifier of each instance that it holds, by SOPInstanceUID."""
        return {one["MainDicomTags"]["SOPInstanceUID"]: one["ID"] for one in self.json("/instances?expand")}

    def file(self, instance: str) -> bytes:
        """The DICOM file of a SOPInstanceUID as it keeps it."""
        return self.get(f"/instances/{self.instances()[instance]}/file")


@contextmanager
def orthanc(
    folder: Path,
    *,
    aet: str = "PACS",
    port: int | None = None,
    http: int | None = None,
    peers: Mapping[str, tuple[str, int]] | None = None,
    **settings: Any,
) -> Iterator[Orthanc]:
    """Start Orthanc with DICOMweb, and end it.

    Args:
        folder: for its storage; made if need be. What is there is kept.
        aet: its AE title.
        port: for DICOM; None for a free one.
        http: for its REST API, likewise.
        peers: address and port of those whom it knows, by AE title.
        settings: further ones of Orthanc, by their names there.

    Raises:
        OrthancMissingError: it is not installed.
        OrthancError: it does not start.
    """
    program = shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin:/usr/bin")
    if program is None or not (PLUGINS / "libOrthancDicomWeb.so").exists():
        raise OrthancMissingError("needs Debian's orthanc and orthanc-dicomweb: they are not installed")
    folder.mkdir(parents=True, exist_ok=True)
    port, http = port or free_port(), http or free_port()
    configuration = {
        "Name": aet,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(PLUGINS / "libOrthancDicomWeb.so")],
        "HttpPort": http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAet": aet,
        "DicomPort": port,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowMove": True,
        "DicomAlwaysAllowGet": True,
        "StableAge": 1,
        "OverwriteInstances": False,
        "ConcurrentJobs": 2,
        "SaveJobs": False,
        "StorageCommitmentReportsSize": 100,
        "DicomModalities": {name: [name, *address] for name, address in (peers or {}).items()},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": True},
        **settings,
    }
    file = folder / "orthanc.json"
    file.write_text(json.dumps(configuration), encoding="utf-8")
    pacs = Orthanc(aet, port, f"http://127.0.0.1:{http}", folder)
    with (folder / "orthanc.log").open("ab") as log:
        process = subprocess.Popen([program, str(file)], stdout=log, stderr=log, cwd=folder)
        try:
            _wait(process, pacs)
            yield pacs
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)


def _wait(process: subprocess.Popen[bytes], pacs: Orthanc) -> None:
    """Until it answers over HTTP and listens for DICOM."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            pacs.get("/system")
            socket.create_connection(("127.0.0.1", pacs.port), 5).close()
            return
        except (URLError, OSError) as error:
            if process.poll() is not None or time.monotonic() > end:
                log = (pacs.folder / "orthanc.log").read_text(errors="replace")[-2000:]
                raise OrthancError(f"Orthanc did not start ({error}): {log}") from error
            time.sleep(0.05)
