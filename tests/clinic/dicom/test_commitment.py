"""Storage commitment as its provider: a real Orthanc asks what this node holds."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import until
from tests.orthanc import free_port, orthanc

pytestmark = [pytest.mark.pacs]


def test_orthanc_asks(rooms: Any, film: Callable[..., bytes], tmp_path: Path) -> None:
    port, peer = free_port(), free_port()
    room = rooms(port=port, peers={"PACS": {"address": "127.0.0.1", "port": peer}})
    with orthanc(tmp_path, port=peer, peers={"OSTEON": ("127.0.0.1", port)}) as pacs:
        assert room.administrator.post("/api/v1/pacs/peers/PACS/test").json()["answers"]
        uid, data = generate_uid(), film(1)
        data = film(1, StudyInstanceUID=uid)
        pacs.store(data)
        (orthanc_id,) = pacs.json("/instances")
        sent = pacs.post("/modalities/OSTEON/store", orthanc_id.encode(), "text/plain")
        assert sent["FailedInstancesCount"] == 0
        room.read(uid)
        header = dcmread(io.BytesIO(data))
        known = {"SOPClassUID": str(header.SOPClassUID), "SOPInstanceUID": str(header.SOPInstanceUID)}
        unknown = {**known, "SOPInstanceUID": str(generate_uid())}
        other = {**known, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1"}
        for wanted, state in (([known], "Success"), ([known, unknown], "Failure"), ([other], "Failure")):
            body = json.dumps({"DicomInstances": wanted, "Timeout": 10}).encode()
            asked = pacs.post("/modalities/OSTEON/storage-commitment", body, "application/json")
            report = until(lambda asked=asked: (found := pacs.json(asked["Path"]))["Status"] != "Pending" and found)
            assert report["Status"] == state
            assert [one["SOPInstanceUID"] for one in report["Success"]] == (
                [known["SOPInstanceUID"]] if known in wanted else []
            )
