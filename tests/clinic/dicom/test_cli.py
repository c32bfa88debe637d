"""``osteon pacs`` asks a running reading room, and fetches studies from a real Orthanc."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import storescu, until
from tests.orthanc import orthanc
from typer.testing import CliRunner

from osteon.cli import application

pytestmark = [pytest.mark.pacs]


def run(room: Any, *arguments: str, code: int = 0) -> str:
    key = room.administrator.headers["authorization"].removeprefix("Bearer ")
    found = CliRunner().invoke(
        application("pacs"), ["pacs", *arguments], env={"OSTEON_SERVER": room.url, "OSTEON_KEY": key}
    )
    assert found.exit_code == code, found.output
    return found.output


@pytest.mark.dcmtk
def test_what_a_running_room_tells(room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    uid, instance = generate_uid(), generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid, SOPInstanceUID=instance)))
    room.read(uid)
    storescu(room, put(film(2, StudyInstanceUID=uid, SOPInstanceUID=instance)), check=False)
    until(room.held)
    assert "SENDER0" in run(room, "traffic")
    assert "node OSTEON listens" in run(room, "peers")
    listed = run(room, "quarantine")
    assert "other-content" in listed
    assert run(room, "quarantine", "--peer", "SENDER0", "--reason", "other-content") == listed
    assert "other-content" not in run(room, "quarantine", "--peer", "SENDER1")
    assert "other-content" not in run(room, "quarantine", "--reason", "other-patient")
    number = listed.splitlines()[-1].split()[0]
    run(room, "delete-instance", number)
    assert room.held() == []
    assert not list((room.context.settings.store / "quarantine").iterdir())
    assert run(room, "resend", "--destination", "nobody") == "0 objects\n"


def test_pull(film: Callable[..., bytes], tmp_path: Path) -> None:
    uid, data = generate_uid(), film(1)
    data = film(1, StudyInstanceUID=uid)
    with orthanc(tmp_path / "pacs") as pacs:
        pacs.store(data)
        peers = f'{{"PACS": {{"address": "127.0.0.1", "port": {pacs.port}}}}}'
        for name, options in (
            ("dimse", ["--peer", "PACS", "--set", f"dicom.peers={peers}"]),
            ("web", ["--url", pacs.dicomweb]),
        ):
            folder = tmp_path / name
            command = ["pacs", "pull", "--study", uid, "--out", str(folder), *options]
            done = CliRunner().invoke(application("pacs"), command)
            assert done.exit_code == 0, done.output
            (file,) = folder.iterdir()
            assert dcmread(file).PixelData == dcmread(io.BytesIO(data)).PixelData
            missing = CliRunner().invoke(application("pacs"), [*command[:3], generate_uid(), *command[4:]])
            assert missing.exit_code == 1
