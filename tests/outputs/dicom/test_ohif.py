"""A viewer in the browser opens the objects: it lists and shows the boxes, prints the text, and lives on without boxes."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from tests.outputs.dicom import ohif
from tests.outputs.dicom.cases import READ, picture, result, write_source
from tests.outputs.dicom.conftest import Archive

from osteon.core.labels import Call
from osteon.outputs.dicom import KINDS, Correction, Opinion, make, make_reader_report, reference_to, to_bytes
from osteon.outputs.dicom.kinds import MEASUREMENTS, READER, TEXT

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.pacs]

api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
clients = pytest.importorskip("dicomweb_client.api")

PATIENCE = 60.0
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
STUDIES = {"positive": Call.FRACTURE, "negative": Call.NO_FRACTURE, "abstained": Call.ABSTAIN}


def uid(name: str) -> str:
    """StudyInstanceUID of a study."""
    return f"2.25.{int.from_bytes(name.encode(), 'big')}"


@pytest.fixture(scope="module")
def stored(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The archive with three studies: their images and all that was made of them."""
    web = clients.DICOMwebClient(f"{archive.url}/dicom-web")
    for name, call in STUDIES.items():
        folder = tmp_path_factory.mktemp(name)
        file = write_source(
            folder, 1, picture(3, 768, 576), PatientName=f"Test^{name}", PatientID=name, StudyInstanceUID=uid(name),
            SeriesInstanceUID=f"{uid(name)}.2", SOPInstanceUID=f"{uid(name)}.3",
        )  # fmt: skip
        study = result([file], call)
        made: list[Dataset] = [one for kind in KINDS for one in make(kind, study)]
        if name == "positive":
            (report,) = make(MEASUREMENTS, study)
            places = (Correction(study.reading.findings[0].box, finding=0),)
            opinion = Opinion("Doe^Jane", READ, agrees=True, corrections=places, signed=True)
            made.append(make_reader_report(opinion, study, reference_to(report)))
        web.store_instances([dcmread(file), *(dcmread(BytesIO(to_bytes(one))) for one in made)])
    return archive


@dataclass
class Viewer:
    """OHIF in a page.

    Attributes:
        page: of the browser.
        errors: that the page did not catch.
    """

    page: api.Page
    errors: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that it shows."""
        return self.page.inner_text("body")

    def open(self, address: str) -> None:
        """Open a study and wait for its first image."""
        begun: list[str] = []
        self.page.on("console", lambda message: begun.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address)
        deadline = time.monotonic() + PATIENCE
        while not any("displaySetsToFirstImage" in line for line in begun):
            assert time.monotonic() < deadline, (self.text, begun[-5:], self.errors)
            self.page.wait_for_timeout(500)
        skip = self.page.get_by_text("Skip all")
        if skip.count():
            skip.first.click()

    def choose(self, number: int) -> None:
        """Put a series into the viewport, and let it load its measurements if it asks."""
        self.page.get_by_text(f"S:{number}", exact=True).first.dblclick()
        self.page.wait_for_timeout(5000)
        answer = self.page.get_by_role("button", name=re.compile("^Yes$", re.IGNORECASE))
        if answer.count():
            answer.first.click()
            self.page.wait_for_timeout(4000)

    def list_measurements(self) -> None:
        """Open the panel that lists them."""
        self.page.locator("[data-cy='trackedMeasurements-btn']").click()
        self.page.wait_for_timeout(2000)

    def keep(self, name: str) -> None:
        """Keep a picture of the page where the environment says so: ``OSTEON_TEST_PICTURES``."""
        folder = os.environ.get("OSTEON_TEST_PICTURES")
        if folder:
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))

    def alive(self) -> bool:
        """Whether it still shows its page and met no error that it did not catch."""
        return "Something went wrong" not in self.text and "S:1" in self.text and not self.errors


@pytest.fixture(scope="module")
def viewer(stored: Archive) -> Iterator[Callable[[str], Viewer]]:
    """Opens a study by its name, each time in a page of its own."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium")
    with ohif.serve(ohif.fetch(), stored.url) as address, api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=list(FLAGS))

        def start(name: str) -> Viewer:
            shown = Viewer(browser.new_page(viewport={"width": 1500, "height": 900}))
            shown.open(f"{address}/viewer?StudyInstanceUIDs={uid(name)}")
            return shown

        yield start
        browser.close()


def test_it_lists_and_shows_the_boxes(viewer: Callable[[str], Viewer]) -> None:
    shown = viewer("positive")
    shown.choose(MEASUREMENTS.series_number)
    shown.list_measurements()
    shown.keep("ohif-boxes")
    assert "Fracture 0.87 (AI)" in shown.text
    assert "Metal 0.40 (AI, doubt)" in shown.text
    assert shown.alive()


@pytest.mark.parametrize(
    ("name", "words"),
    [("positive", "Fracture, probability 0.87."), ("negative", "No fracture"), ("abstained", "Abstained")],
)
def test_it_prints_the_text(name: str, words: str, viewer: Callable[[str], Viewer]) -> None:
    shown = viewer(name)
    shown.choose(TEXT.series_number)
    shown.keep(f"ohif-text-{name}")
    assert words in shown.text
    assert shown.alive()


@pytest.mark.parametrize("name", ["negative", "abstained"])
def test_it_lives_on_where_there_is_no_box(name: str, viewer: Callable[[str], Viewer]) -> None:
    shown = viewer(name)
    shown.choose(MEASUREMENTS.series_number)
    shown.keep(f"ohif-{name}")
    assert shown.alive()


def test_it_opens_what_a_reader_says(viewer: Callable[[str], Viewer]) -> None:
    shown = viewer("positive")
    shown.choose(READER.series_number)
    shown.list_measurements()
    shown.keep("ohif-reader")
    assert "Accepted by the reader" in shown.text
    assert shown.alive()
