"""The traffic of a real node: images from a sender, an archive that takes results, one that is down, and a webhook."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytest.importorskip("pynetdicom")

from pydicom import dcmread
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import Comprehensive3DSRStorage, Verification
from tests.browser.test_accessible import AXE, faults
from tests.orthanc import free_port

pytestmark = [pytest.mark.browser, pytest.mark.pacs]

SECRET = "a secret of a receiver in tests"  # noqa: S105


@dataclass(frozen=True)
class Node:
    """A room with a DICOM node.

    Attributes:
        entry: of its administrator.
        port: of the node.
    """

    entry: Any
    port: int

    def send(self, *files: Any) -> list[int]:
        """Send images as CR1 does; returns how each was answered."""
        sender = AE("CR1")
        for file in files:
            sender.add_requested_context(file.SOPClassUID, file.file_meta.TransferSyntaxUID)
        association = sender.associate("127.0.0.1", self.port, ae_title="OSTEON")
        assert association.is_established
        answers = [int(association.send_c_store(file).Status) for file in files]
        association.release()
        return answers


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        del arguments


@pytest.fixture(scope="module")
def node(enter: Any, browser: Any) -> Iterator[Node]:
    """A room with a node, an archive, and a webhook."""
    del browser  # where there is none, nothing need be started
    archive = AE("PACS")
    archive.add_supported_context(Comprehensive3DSRStorage)
    archive.add_supported_context(Verification)
    server = archive.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda _: 0)])
    hook = HTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    port = free_port()
    to = {"host": "127.0.0.1", "commitment": False, "outputs": ["sr"], "aet": "PACS"}
    destinations = {
        "archive": {**to, "port": server.socket.getsockname()[1], "readers": "all"},
        "teaching": {**to, "port": free_port(), "aet": "TEACH"},
    }
    webhook = {"url": f"http://127.0.0.1:{hook.server_port}/pager", "secret": SECRET}
    peers = {"CR1": {"address": "127.0.0.1"}, "PACS": {"address": "127.0.0.1", "port": server.socket.getsockname()[1]}}
    settings = {
        "port": port,
        "quiet_seconds": 0.3,
        "reader_seconds": 0.5,
        "pause_seconds": 0.2,
        "longest_pause_minutes": 0.05,
        "patience": 5,
        "peers": json.dumps(peers),
        "destinations": json.dumps(destinations),
        "webhooks": json.dumps({"pager": webhook}),
    }
    flags = [flag for name, value in settings.items() for flag in ("--set", f"dicom.{name}={value}")]
    try:
        yield Node(enter(*flags), port)
    finally:
        server.shutdown()
        hook.shutdown()
        hook.server_close()


def cells(page: Page, table: str, row: str) -> Any:
    return page.get_by_role("region", name=table).get_by_role("row", name=row)


def count(page: Page, name: str) -> Any:
    return page.locator(".counts > div", has_text=name).locator("dd")


def no_faults(page: Page) -> None:
    if AXE.is_file():
        assert faults(page) == []


def test_what_passes_is_seen_as_it_passes(
    tabs: Any, node: Node, films: Path, shoot: Callable[[Page, str], None]
) -> None:
    tab = tabs(within=node.entry)
    page = tab.go("traffic")
    expect(page.get_by_text(f"DICOM node OSTEON listens on port {node.port}.")).to_be_visible()
    expect(page.get_by_text("No image is held back.")).to_be_visible()
    expect(page.get_by_text("Nothing was to be sent yet.")).to_be_visible()
    shoot(page, "traffic-quiet")

    image = dcmread(films / "front.dcm")
    image.StudyInstanceUID, image.SOPInstanceUID = generate_uid(), generate_uid()
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    assert node.send(image) == [0]
    image.ViewPosition = "LL"  # other content
    assert node.send(image) == [0xC111]
    expect(count(page, "Images received")).to_have_text("1")  # without a reload
    expect(count(page, "In quarantine")).to_have_text("1")
    archive, teaching = cells(page, "Destinations", "archive"), cells(page, "Destinations", "teaching")
    expect(archive.locator("td[data-column=Committed]")).to_have_text("1")
    expect(cells(page, "Destinations", "pager").locator("td[data-column=Committed]")).to_have_text("1")
    expect(teaching).to_contain_text("cannot be reached")

    page.get_by_role("button", name="Test archive").click()
    expect(archive).to_contain_text("Answers")
    expect(archive).to_contain_text("C-ECHO")
    page.get_by_role("button", name="Test pager").click()
    expect(cells(page, "Destinations", "pager")).to_contain_text("Test notice")
    page.get_by_role("button", name="Test teaching").click()
    expect(teaching).to_contain_text("Nobody listens on this port")
    no_faults(page)
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        tab.settle()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, "nothing sticks out"
        shoot(page, f"traffic-{width}")
        page.locator("#outbox-title").scroll_into_view_if_needed()
        shoot(page, f"traffic-{width}-outbox")
        page.locator("#content").evaluate("place => { place.scrollTop = 0 }")
    no_faults(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("() => { document.documentElement.dataset.theme = 'light' }")
    tab.settle()
    no_faults(page)
    shoot(page, "traffic-light")

    page.get_by_role("button", name="Hold what goes to teaching").click()
    expect(teaching.locator("td[data-column=Held]")).to_have_text("1")
    page.get_by_role("button", name="Release what is held of teaching").click()
    expect(teaching.locator("td[data-column=Held]")).to_have_text("0")
    done = page.get_by_role("region", name="Outbox")
    page.get_by_label("State", exact=True).select_option("done")
    expect(done.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Destination", exact=True).select_option("archive")
    expect(done.locator("tbody tr")).to_have_count(1)
    done.get_by_role("button", name="Resend object").click()
    expect(page.locator(".notice")).to_contain_text(["1 object sent again."])
    page.get_by_role("button", name="Clear filters").click()
    expect(done.locator("tbody tr")).to_have_count(3)

    held = page.get_by_role("region", name="Quarantine")
    expect(held).to_contain_text("Other content is here")
    page.get_by_label("Reason", exact=True).select_option("other-patient")
    expect(page.get_by_text("No image is held back for this choice.")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    held.get_by_role("button", name="Delete image").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No image is held back.")).to_be_visible()
    told = node.entry.ask("GET", "/audit", params={"limit": 100}).json()["items"]
    actions = {entry["action"] for entry in told}
    assert actions >= {"test peer", "hold results", "release results", "resend results", "delete instance"}
    assert "see deliveries" in actions


def test_an_opinion_is_signed_and_sent(tabs: Any, node: Node, films: Path, shoot: Callable[[Page, str], None]) -> None:
    image = dcmread(films / "side.dcm")
    image.StudyInstanceUID, image.SOPInstanceUID = generate_uid(), generate_uid()
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    assert node.send(image) == [0]
    tab = tabs(within=node.entry)
    page = tab.go("traffic")
    page.get_by_label("Object", exact=True).select_option("sr")
    page.get_by_role("region", name="Outbox").get_by_role("link", name="Measurements").first.click()
    tab.ready()
    expect(page.get_by_text("is sent to the archive a little later")).to_be_visible()
    page.get_by_role("button", name="Agree", exact=True).click()
    expect(page.get_by_text("Not signed")).to_be_visible()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#signing-help")).to_contain_text("shows it as verified")
    page.locator("#signing-help").scroll_into_view_if_needed()
    shoot(page, "opinion-signed")
    no_faults(page)
    page.locator("#opinion-note").fill("A change.")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Not signed")).to_be_visible()
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("link", name="Traffic").click()
    page.get_by_label("Object", exact=True).select_option("reader-sr")
    expect(page.get_by_role("region", name="Outbox").locator("tbody tr").first).to_contain_text("committed")


def test_it_is_for_administrators(tabs: Any, node: Node) -> None:
    password = node.entry.add("otto", "reader")
    tab = tabs(room=node.entry.room)
    page = tab.go()
    tab.log_in("otto", password)
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    expect(page.get_by_role("link", name="Traffic")).to_have_count(0)
    tab.go("traffic")
    expect(page.get_by_role("heading", name="Traffic")).to_be_visible()
    expect(page.get_by_text("Only administrators see the traffic.")).to_be_visible()


def test_a_room_without_a_node_says_how_to_have_one(tabs: Any, shoot: Callable[[Page, str], None]) -> None:
    tab = tabs()
    page = tab.go("traffic")
    expect(page.get_by_text("Nothing is connected yet.")).to_be_visible()
    tab.settle()
    shoot(page, "traffic-empty")
    no_faults(page)
