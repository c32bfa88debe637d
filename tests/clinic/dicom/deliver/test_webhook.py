"""Notices of urgent studies, to a real receiver that fails first, and checks the signature as the documentation says."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import storescu, until
from tests.clinic.dicom.deliver.conftest import FAST, deliveries
from tests.clinic.dicom.test_cli import run

from osteon.clinic.dicom.settings import Dicom

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]

SECRET = "a secret of a receiver in tests"  # noqa: S105


class Receiver:
    """Gets notices.

    Attributes:
        statuses: what it answers next; 204 after them.
        got: headers and body of each.
    """

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 204)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                del arguments

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?token=hidden"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def studies(self) -> list[tuple[dict[str, str], bytes]]:
        """The notices that are no tests."""
        return [(headers, body) for headers, body in self.got if json.loads(body)["event"] != "test"]


@contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


def genuine(headers: dict[str, str], body: bytes) -> bool:
    """Whether a notice comes from who knows the secret, and is no older than five minutes."""
    timestamp = headers["Osteon-Timestamp"]
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(timestamp)) < 300
    return fresh and hmac.compare_digest(headers["Osteon-Signature"], f"sha256={expected}")


def test_an_urgent_study_is_told_of_until_it_is_heard(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    with receiver() as hook:
        hook.statuses = [500, 302, 404]
        webhook = {"url": hook.url, "secret": SECRET, "page": "https://osteon.example/", "accession": True}
        room = rooms(webhooks={"pager": webhook}, **FAST)
        urgent, negative = generate_uid(), generate_uid()
        stated = {"AccessionNumber": "A17", "PatientName": "Doe^Jane"}
        storescu(room, put(film(0, StudyInstanceUID=negative, **stated)))
        storescu(room, put(film(2, StudyInstanceUID=urgent, **stated)))
        calls = {room.read(uid).id: room.read(uid).call for uid in (urgent, negative)}
        assert "no fracture" in calls.values()
        until(lambda: sorted(row.state for row in deliveries(room)) == ["done", "unwanted"])
        assert len(hook.got) == 4, "three failures, each after a longer pause, and then it was heard"
        assert all(genuine(headers, body) for headers, body in hook.got)
        assert len({body for _, body in hook.got}) == 1, "the same body"
        assert len({headers["Osteon-Delivery"] for headers, _ in hook.got}) == 1
        told = json.loads(hook.got[0][1])
        study = next(one for one, call in calls.items() if call != "no fracture")
        assert told.keys() == {
            "event", "delivery", "created", "version", "urgency", "study_uid", "accession", "link"
        }  # fmt: skip
        assert (told["event"], told["study_uid"], told["accession"]) == ("urgent-study", urgent, "A17")
        assert told["link"] == f"https://osteon.example/#/study/{study}"
        assert told["urgency"] in (0, 1)
        assert not genuine(hook.got[0][0], hook.got[0][1] + b" ")

        traffic = room.administrator.get("/api/v1/pacs/traffic").json()["destinations"]
        (row,) = [one for one in traffic if one["name"] == "pager"]
        assert (row["way"], row["committed"], row["secure"]) == ("webhook", 1, False)
        assert "hidden" not in row["address"]
        answer = room.administrator.post("/api/v1/pacs/peers/pager/test").json()
        assert [(check["step"], check["cause"]) for check in answer["checks"]] == [("connect", None), ("notice", None)]
        assert genuine(*hook.got[-1])
        assert json.loads(hook.got[-1][1])["event"] == "test"
        assert run(room, "test", "pager") == "connect: ok\nnotice: ok\npager answers\n"
        assert "webhook pager: answers" in run(room, "peers")
        hook.statuses = [403]
        answer = room.administrator.post("/api/v1/pacs/peers/pager/test").json()
        assert (answer["answers"], answer["checks"][-1]["cause"]) == (False, "unauthorised")
        metrics = room.administrator.get("/api/v1/metrics").text
        assert 'osteon_dicom_results{destination="pager",state="committed"} 1.0' in metrics
        assert 'osteon_dicom_oldest_seconds{destination="pager"} 0.0' in metrics
        assert 'osteon_dicom_events_total{event="test failed",peer="pager"} 1.0' in metrics
        assert room.administrator.get("/api/v1/ready").json()["dicom"]
        assert room.administrator.post("/api/v1/pacs/deliveries/resend", json={"destination": "pager"}).json() == {
            "objects": 1
        }
        until(lambda: len(hook.studies()) == 5)
        assert hook.studies()[-1][1] == hook.studies()[0][1]
        room.stop()


def test_a_picture_is_told_of_and_becomes_no_object(rooms: Any, blobs: Any, tmp_path: Path) -> None:
    file = blobs.save(blobs.film(0.95), tmp_path / "picture.png")
    with receiver() as hook:
        to = {"url": "http://127.0.0.1:1/studies", "outputs": ["sr", "text-sr"], "readers": "all"}
        webhook = {"url": hook.url, "secret": SECRET}
        room = rooms(webhooks={"pager": webhook}, destinations={"pacs": to}, reader_seconds=0.1, **FAST)
        with room.person("jane") as jane:
            sent = jane.post("/api/v1/studies", files=[("files", ("picture.png", file.read_bytes()))]).json()
            study = sent["studies"][0]["id"]
            assert jane.post(f"/api/v1/studies/{study}/opinions", json={"agrees": True}).status_code == 201
        until(lambda: len(deliveries(room)) == 3)
        until(lambda: {row.destination for row in deliveries(room) if row.state == "done"} == {"pager"})
        assert [row.state for row in deliveries(room) if row.destination == "pacs"] == ["unwanted"] * 2
        assert json.loads(hook.got[0][1]).keys() == {"event", "delivery", "created", "version", "urgency"}
        room.stop()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"secret": "short"}, "16 letters"),
        ({"url": "http://hospital.example/hook"}, "https"),
        ({"url": "ftp://127.0.0.1/"}, "https"),
        ({"calls": []}, "at least 1"),
        ({"page": "osteon.example"}, "page"),
    ],
)
def test_what_would_not_be_safe_is_refused(change: dict[str, Any], told: str) -> None:
    webhook = {"url": "http://127.0.0.1:9/hook", "secret": SECRET, **change}
    with pytest.raises(ValidationError, match=told):
        Dicom.model_validate({"webhooks": {"pager": webhook}})
