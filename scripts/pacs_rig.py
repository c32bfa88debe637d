"""A reading room with its DICOM node as a process, and what sends to it: for demonstration, faults, benchmarks and fuzzing."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from orthanc import free_port

PATIENCE: Final = 120.0
"""Seconds that a server may take to start, on a busy machine."""


class RoomError(Exception):
    """The reading room did not do what was expected."""


class Room:
    """A reading room that runs as ``osteon serve``, on 127.0.0.1; it can be killed and started again.

    Args:
        folder: for its store, settings and log ``room.log``.
        dicom: settings of the node; port, host and AE title are given.
        program: what the interpreter runs instead of the command line, as ``("-c", ...)``.
        settings: further ones of the server.

    Attributes:
        port: of the DICOM node, the same at each start.
        url: of the server, likewise.
        store: its folder.
        process: the server's.
    """

    def __init__(
        self,
        folder: Path,
        dicom: Mapping[str, Any],
        *,
        port: int | None = None,
        program: Sequence[str] = ("-m", "osteon.cli"),
        store: Path | None = None,
        **settings: Any,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port, web = port or free_port(), free_port()
        self.url = f"http://127.0.0.1:{web}"
        self.store = store or folder / "store"
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "room.log"
        node = {"port": self.port, "host": "127.0.0.1", "aet": "OSTEON", **dicom}
        self._command = [sys.executable, *program, "serve", "--store", str(self.store), "--port", str(web)]
        chosen = {"rate": 0, **settings}
        self._command += [word for name, value in chosen.items() for word in ("--set", f"{name}={value}")]
        variables = {f"OSTEON_SERVE_DICOM_{name.upper()}": _written(value) for name, value in node.items()}
        self._environment = {**os.environ, **variables}

    def start(self) -> None:
        """Start it, and wait until its node listens.

        Raises:
            RoomError: it ends, or does not listen in time.
        """
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, env=self._environment)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(f"{self.url}/api/v1/health", timeout=5):  # noqa: S310 - of this machine
                    return
            except (URLError, OSError) as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.kill()
                    told = self.log.read_text(errors="replace")[-2000:]
                    raise RoomError(f"the reading room did not start:\n{told}") from error
                time.sleep(0.05)

    def kill(self) -> None:
        """End it as a loss of power does, as far as a process can."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(60)

    def stop(self) -> None:
        """End it cleanly.

        Raises:
            RoomError: it does not end so.
        """
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(90)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise RoomError("the reading room did not end within 90 seconds") from error
        if code:
            raise RoomError(f"the reading room ended with {code}")

    def metrics(self) -> dict[str, float]:
        """The figures of the node, as the line in Prometheus' format names them."""
        with urlopen(f"{self.url}/api/v1/metrics", timeout=60) as answer:  # noqa: S310 - of this machine
            lines = answer.read().decode().splitlines()
        found = (line.rpartition(" ") for line in lines if line.startswith(("osteon_dicom", "osteon_queue")))
        return {name: float(value) for name, _, value in found}

    def total(self, name: str, **labels: str) -> float:
        """The sum of a figure over all lines that have these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        figures = self.metrics().items()
        return sum(value for key, value in figures if key.startswith(name) and all(one in key for one in wanted))

    def resident(self, field: str = "VmRSS") -> float:
        """Memory of the server, MiB.

        Raises:
            RoomError: it has ended.
        """
        if self.process is None or self.process.poll() is not None:
            raise RoomError("the reading room has ended")
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{field}:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def files(self) -> int:
        """Open files of the server."""
        if self.process is None or self.process.poll() is not None:
            raise RoomError("the reading room has ended")
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.stop()
        else:
            self.kill()


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def film(
    pixels: NDArray[np.floating[Any]],
    *,
    study: str,
    patient: str,
    view: str = "",
    body_part: str = "HAND",
    number: int = 1,
    instance: str | None = None,
) -> bytes:
    """A Computed Radiography image of pixels in [0, 1], of 12 bits, as the bytes of a file."""
    header = Dataset()
    header.SOPClassUID, header.SOPInstanceUID = ComputedRadiographyImageStorage, instance or generate_uid()
    header.StudyInstanceUID = study
    header.SeriesInstanceUID = generate_uid(entropy_srcs=[study, "series"])
    header.PatientID, header.PatientName, header.PatientBirthDate, header.PatientSex = (
        patient,
        f"Phantom^{patient}",
        "",
        "O",
    )
    header.StudyDate, header.StudyTime, header.AccessionNumber, header.StudyID = "20260101", "120000", patient, "1"
    header.ReferringPhysicianName = ""
    header.Modality, header.BodyPartExamined, header.ViewPosition = "CR", body_part, view
    header.SeriesNumber, header.InstanceNumber = 1, number
    header.ImageComments = "Simulated: there is no patient"
    stored = np.rint(np.clip(pixels, 0, 1) * 4095).astype("<u2")
    header.Rows, header.Columns = stored.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 12, 11, 0
    header.WindowCenter, header.WindowWidth = "2048", "4096"
    header.PixelData = stored.tobytes()
    header["PixelData"].VR = "OW"
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def send(port: int, files: Iterable[bytes], *, sender: str = "CR1", patience: float = 60.0) -> list[int | None]:
    """Send DICOM files in one association (C-STORE); the status of each, None where no answer came."""
    from pydicom import dcmread
    from pynetdicom import AE

    datasets = [dcmread(io.BytesIO(data)) for data in files]
    entity = AE(ae_title=sender)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = patience
    for one in {(str(dataset.SOPClassUID), str(dataset.file_meta.TransferSyntaxUID)) for dataset in datasets}:
        entity.add_requested_context(*one)
    association = entity.associate("127.0.0.1", port, ae_title="OSTEON")
    found: list[int | None] = []
    try:
        for dataset in datasets:
            status = association.send_c_store(dataset) if association.is_established else None
            found.append(int(status.Status) if status else None)
    except (RuntimeError, ValueError):  # the association ended between two objects
        found += [None] * (len(datasets) - len(found))
    finally:
        if association.is_established:
            association.release()
    return found
