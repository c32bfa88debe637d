"""The worklist: what it shows at once, what its address keeps, and what is done with the studies that are ticked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
BAR = """() => [...document.querySelectorAll("tr.study")].map(row => {
    const box = row.getBoundingClientRect();
    return [box.left + 2, box.top + box.height / 2, row.classList.contains("call-fracture")];
})"""
CUT = """() => [...document.querySelectorAll(".filters select")].filter(one => {
    const style = getComputedStyle(one);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16;
    return pen.measureText(one.selectedOptions[0].text).width > room;
}).map(one => one.selectedOptions[0].text)"""


def _bars(page: Page) -> list[tuple[bool, bool]]:
    """Of each row that is on the screen: whether its call is fracture, and whether a red bar is drawn before it."""
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(np.int16)
    places = [one for one in page.evaluate(BAR) if one[1] < shot.shape[0] - 2]
    return [
        (fracture, bool(shot[int(y), int(x), 0] > 200 and shot[int(y), int(x), 1] < 120)) for x, y, fracture in places
    ]


def _varied(count: int) -> list[tuple[str, bytes]]:
    """Images that are each another to the store, and alike to the network."""
    whole = cv2.imread(str(SAMPLES / "forearm-midshaft.jpg"), cv2.IMREAD_GRAYSCALE)
    assert whole is not None
    images: list[tuple[str, bytes]] = []
    for place in range(count):
        whole[0, :8] = place
        images.append((f"{place}.png", cv2.imencode(".png", whole)[1].tobytes()))
    return images


def test_rows_that_turn_to_fracture_show_their_bar_at_once(tabs, enter) -> None:
    entry = enter("--bundle", "fracatlas", "--jobs", "1", "--threads", "1")
    entry.send(_varied(1)[0])
    tab = tabs(within=entry)
    page = tab.go()
    expect(page.locator("tr.study")).to_have_count(1)
    expect(page.locator(".connection.on")).to_be_visible()
    assert entry.send(*_varied(25)[1:], wait=False).status_code == 202
    expect(page.locator("tr.study.queued, tr.study.reading").first).to_be_visible()
    expect(page.locator("tr.study.call-fracture")).to_have_count(25)
    tab.settle()
    bars = _bars(page)
    assert len(bars) > 5
    assert all(fracture and red for fracture, red in bars), bars


def test_filters_stand_in_the_address_and_survive(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "clear.png", films / "strong.jpg")
    page.get_by_label("Call", exact=True).select_option("no fracture")
    page.get_by_label("Order").select_option("oldest")
    page.get_by_label("Received").select_option("dates")
    page.get_by_label("From").fill("2020-01-31")
    expect(page.locator("tr.study.call-fracture")).to_have_count(0)
    expect(page.locator("tr.study.call-no-fracture").first).to_be_visible()
    for part in ("call=no+fracture", "sort=oldest", "from=2020-01-31"):
        assert part in page.url
    address = page.url
    page.reload()
    expect(page.get_by_label("Call", exact=True)).to_have_value("no fracture")
    expect(page.get_by_label("From")).to_have_value("2020-01-31")
    expect(page.locator("tr.study.call-fracture")).to_have_count(0)
    page.locator("tr.study a").first.click()
    tab.ready()
    page.get_by_role("link", name="Worklist").first.click()
    expect(page).to_have_url(address)
    expect(page.get_by_label("Order")).to_have_value("oldest")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("tr.study.call-fracture").first).to_be_visible()
    assert "call=" not in page.url


def test_an_address_with_filters_that_are_none_still_opens(tab, films: Path) -> None:
    tab.go()
    tab.send(films / "clear.png")
    tab.page.goto(f"{tab.room.url}/#/?call=nonsense&state=failed%22&sort=x&period=dates&from=31.1.2020&opinion=1")
    expect(tab.page.locator("tr.study").first).to_be_visible()
    expect(tab.page.get_by_label("Order")).to_have_value("urgency")


def test_by_opinion_and_by_day(tab, films: Path, entry) -> None:
    page = tab.go()
    tab.send(films / "clear.png", films / "strong.jpg")
    study = entry.ask("GET", "/studies?call=fracture").json()["items"][0]["id"]
    assert entry.ask("POST", f"/studies/{study}/opinions", json={"agrees": False}).status_code < 300
    page.get_by_label("Opinion").select_option("disagree")
    expect(page.locator(f"[data-study='{study}']")).to_be_visible()
    expect(page.locator("tr.study:not(:has(.opinion))")).to_have_count(0)
    page.get_by_label("Opinion").select_option("none")
    expect(page.locator(f"[data-study='{study}']")).to_have_count(0)
    page.get_by_label("Opinion").select_option("")
    page.get_by_label("Received").select_option("dates")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    expect(page.get_by_text("No study matches these filters")).to_be_visible()


def test_no_filter_is_cut_off(tab, films: Path, shoot: Callable[[Page, str], None]) -> None:
    page = tab.go()
    tab.send(films / "clear.png")
    page.get_by_role("button", name="Close").click()
    for width in (1024, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()  # as it is where the window is that wide from the beginning
        for period in ("dates", "month"):
            page.get_by_label("Received").select_option(period)
            assert page.evaluate(CUT) == [], (width, period)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), width
        shoot(page, f"worklist-{width}")


def test_a_study_that_failed_is_tried_again_and_deleted(tabs, enter, films: Path) -> None:
    entry = enter()
    tab = tabs(within=entry)
    page = tab.go()
    tab.allowed |= {422, 404}  # what is read again may end after it was deleted
    tab.send(films / "broken.jpg")
    row = page.locator("tr.study.failed")
    expect(row).to_contain_text("truncated")
    expect(row).to_contain_text("broken.jpg")
    page.get_by_role("button", name="Close").last.click()
    row.get_by_role("button", name="Try again").click()
    expect(page.locator(".notice")).to_contain_text("will be read again")
    expect(row).to_contain_text("truncated")
    row.get_by_role("link").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Delete this study").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete the study broken.jpg?")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Drop images here")).to_be_visible()


def test_pictures_are_told_apart(tabs, enter, films: Path) -> None:
    entry = enter()
    tab = tabs(within=entry)
    page = tab.go()
    page.get_by_label("Label (optional)").fill("left wrist, second look")
    tab.send(films / "clear.png")
    tab.send(films / "strong.jpg")
    expect(page.locator("tr.call-no-fracture")).to_contain_text("left wrist, second look")
    fracture = page.locator("tr.call-fracture")
    expect(fracture).to_contain_text("strong.jpg")
    expect(fracture).not_to_contain_text("left wrist")
    fracture.get_by_role("link", name="Open strong.jpg, Fracture").click()
    tab.ready()
    expect(page.get_by_role("heading", level=1)).to_have_text("strong.jpg")

    seen = tabs(room=entry.room)
    door = seen.go()
    seen.log_in("vera", entry.add("vera", "viewer"))
    expect(door.locator("tr.study")).to_have_count(2)
    expect(door.locator("tr.call-no-fracture")).to_contain_text("left wrist, second look")
    assert "strong.jpg" not in door.content()
    expect(door.locator("tr.study input")).to_have_count(0)


def test_what_is_there_already_is_said(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "fourth.jpg")
    expect(page.locator("tr.study", has_text="fourth.jpg")).to_be_visible()
    before = page.locator("tr.study").count()
    tab.send(films / "fourth.jpg")
    expect(page.locator(".upload").last).to_contain_text("Already here")
    expect(page.locator("tr.study")).to_have_count(before)


def test_search_by_patient_and_accession_number(tabs, enter, blobs: ModuleType, tmp_path: Path) -> None:
    entry = enter()
    for place, (patient, accession) in enumerate((("PAT-4711", "ACC-1001"), ("PAT-0815", "ACC-2002"))):
        file = blobs.save_dicom(blobs.film(0.9), tmp_path / f"{place}.dcm", f"1.2.826.0.1.3680043.8.498.88.{place}")
        data = pydicom.dcmread(file)
        data.PatientID, data.AccessionNumber = patient, accession
        data.save_as(file, enforce_file_format=True)
        assert entry.send((file.name, file.read_bytes())).status_code == 200
    tab = tabs(within=entry)
    page = tab.go()
    expect(page.locator("tr.study")).to_have_count(2)
    assert "4711" not in page.content()
    search = page.get_by_role("searchbox")
    search.fill("4711")
    expect(page.locator("tr.study")).to_have_count(1)
    expect(page.locator("tr.study")).to_contain_text("PAT-4711")
    search.fill("acc-2002")
    expect(page.locator("tr.study")).to_contain_text("ACC-2002")
    assert "2002" not in page.url
    page.reload()
    expect(search).to_have_value("acc-2002")
    expect(page.locator("tr.study")).to_have_count(1)


def test_many_are_ticked_exported_and_deleted(tabs, enter, films: Path) -> None:
    entry = enter()
    for name in ("clear.png", "strong.jpg", "middling.png"):
        entry.send((name, (films / name).read_bytes()))
    tab = tabs(within=entry)
    page = tab.go()
    page.get_by_label("Select all shown").check()
    page.get_by_label("Select middling.png").uncheck()
    chosen = page.get_by_role("region", name="Selected studies")
    expect(chosen).to_contain_text("2 selected")
    rows = _exported(page, identifiers=True)
    assert sorted(row["file_name"] for row in rows) == ["clear.png", "strong.jpg"]
    assert {row["call"] for row in rows} == {"fracture", "no fracture"}
    assert "file_name" not in _exported(page, identifiers=False)[0]

    chosen.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 2 studies?")
    expect(dialog).to_contain_text("clear.png")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("tr.study")).to_have_count(3)
    chosen.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("tr.study")).to_have_count(1)
    expect(page.locator("tr.study")).to_contain_text("middling.png")
    expect(chosen).to_have_count(0)


def test_studies_are_read_again_with_another_bundle(tabs, enter, films: Path) -> None:
    entry = enter("--set", "further_bundles=fracatlas")
    entry.send(("clear.png", (films / "clear.png").read_bytes()))
    tab = tabs(within=entry)
    page = tab.go()
    page.get_by_label("Select clear.png").check()
    page.get_by_role("button", name="Read again with").click()
    dialog = page.get_by_role("dialog", name="Read 1 study again")
    bundle = dialog.get_by_label("Network")
    assert str(bundle.input_value()).startswith("fracatlas@")
    dialog.get_by_role("button", name="Read again").click()
    expect(page.locator("tr.study")).to_contain_text("version 2")
    expect(page.locator("tr.study")).to_have_count(1)
    expect(page.get_by_role("region", name="Selected studies")).to_have_count(0)


def _exported(page: Page, *, identifiers: bool) -> list[dict[str, Any]]:
    page.get_by_role("region", name="Selected studies").get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog", name=re.compile("Export"))
    dialog.get_by_label("Include patient ID").set_checked(identifiers)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export").click()
    return list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
