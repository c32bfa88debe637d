"""A server that is killed and started again on its port with its store, filled from a real Orthanc."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest
from tests.browser.conftest import PAGE, PATIENCE, SETUP, STARTED, Entry, Room, entered
from tests.orthanc import Orthanc, free_port


class Serving:
    """``osteon serve`` in processes of its own.

    Args:
        folder: for its store and what it prints.
        bundle: with which it reads.
        flags: further ones of ``osteon serve``.
        store: for its store; None for one in the folder.
    """

    def __init__(self, folder: Path, bundle: Path, *flags: str, store: Path | None = None) -> None:
        self.store = store or folder / "store"
        self._told, self._port = folder / "told.txt", free_port()
        self._command = [sys.executable, "-m", "osteon.cli", "serve", "--port", str(self._port), "--set", "rate=0"]
        self._command += ["--bundle", str(bundle), "--store", str(self.store), *flags]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Room:
        """Start it, and wait until it answers; the room has the address of the first setup as long as there is one."""
        if not PAGE.is_file():
            pytest.skip("the page was not built: npm run build in web/, or install without OSTEON_NO_PAGE")
        with self._told.open("wb") as file:
            environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
            self._process = subprocess.Popen(
                self._command, stdout=file, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )
        first, end = not self.store.exists(), time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            text = self._told.read_text()
            at, setup = STARTED.search(text), SETUP.search(text)
            if at is not None and (setup is not None or not first):
                return Room(at[1], "" if setup is None else setup[0])
            time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self._told.read_text()}")

    def kill(self) -> None:
        """Kill it and its children at once, as a power failure does."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)

    def end(self) -> None:
        """End it in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


@contextmanager
def serving(
    pacs: Orthanc, folder: Path, bundle: Path, *, store: Path | None = None
) -> Generator[tuple[Serving, Entry]]:
    """A server that may fetch from Orthanc, with its administrator logged in."""
    archives = json.dumps({"pacs": {"url": pacs.dicomweb}})
    flags = ("--set", f"dicom.archives={archives}", "--set", "dicom.quiet_seconds=0.3")
    server = Serving(folder, bundle, *flags, store=store)
    try:
        yield server, entered(server.start())
    finally:
        server.end()


def fetched(entry: Entry, pacs: Orthanc, files: list[Path]) -> None:
    """Files that are put into Orthanc are fetched from there, and read."""
    uids: dict[str, None] = {}
    for file in files:
        pacs.store(file.read_bytes())
        uids[str(pydicom.dcmread(file, stop_before_pixels=True).StudyInstanceUID)] = None
    pull = entry.ask("POST", "/pacs/pulls", json={"archive": "pacs", "studies": list(uids)})
    assert pull.status_code == 202, pull.text
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told = entry.ask("GET", f"/pacs/pulls/{pull.json()['id']}").json()
        found = entry.ask("GET", "/studies", params={"limit": 200}).json()["items"]
        if told["state"] == "done" and [one["state"] for one in found] == ["done"] * len(uids):
            assert (told["fetched"], told["failures"]) == (len(files), [])
            return
        assert told["state"] != "failed", told
        time.sleep(0.1)
    raise AssertionError("the studies were not fetched and read in time")
