"""What is seen of a study: pixels before and after each key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.browser import pixels

pytestmark = pytest.mark.browser

SIDE = 0.12
"""Half of the side of the square in ``blobs.film``, in parts of its rows."""


def look(tab, films: Path, *, query: str = "") -> Page:
    """Open the study of two views."""
    page = tab.go(query=query)
    tab.send(films / "front.dcm", films / "side.dcm")
    tab.open("front.dcm")
    page.get_by_role("button", name="Close").click()
    tab.settle()
    tab.film().focus()
    return page


def test_keys_show_and_hide_what_lies_over_the_film(tab, films: Path, shoot: Callable[[Page, str], None]) -> None:
    page = look(tab, films)

    def shot() -> np.ndarray:
        tab.settle()
        return pixels.picture(tab.film())

    shoot(page, "study")
    both = shot()
    assert pixels.coloured(both) > 0.02
    page.keyboard.press("b")
    heat = shot()
    assert 0.001 < pixels.changed(both, heat) < 0.2
    page.keyboard.press("h")
    bare = shot()
    assert pixels.coloured(bare) == 0
    assert pixels.changed(heat, bare) > 0.02
    page.keyboard.press("h")
    page.keyboard.press("b")
    assert pixels.changed(shot(), both) == 0
    page.keyboard.press("]")
    assert pixels.coloured(shot()) > 0.02
    page.keyboard.press("[")

    page.keyboard.press("o")
    assert pixels.changed(shot(), bare) == 0
    expect(page.get_by_text("Original image without overlays").first).to_be_visible()
    shoot(page, "original")
    page.keyboard.press("o")
    assert pixels.changed(shot(), both) == 0
    page.keyboard.down(" ")
    assert pixels.changed(shot(), bare) == 0
    page.wait_for_timeout(350)
    page.keyboard.up(" ")
    assert pixels.changed(shot(), both) == 0


def test_the_window_changes_the_film(tab, films: Path) -> None:
    page = look(tab, films)
    page.keyboard.press("o")
    tab.settle()
    before = pixels.picture(tab.film())
    box = tab.film().bounding_box()
    assert box is not None
    x, y = box["x"] + 80, box["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 90, steps=4)
    page.mouse.up()
    tab.settle()
    dragged = pixels.picture(tab.film())
    assert pixels.changed(before, dragged) > 0.1
    assert "Level 50 %" not in page.locator(".pane-corner").first.inner_text()
    page.keyboard.press("1")
    tab.settle()
    assert pixels.changed(pixels.picture(tab.film()), before) == 0
    for key in ("ArrowDown", "ArrowRight", "2", "3", "i"):
        for _ in range(4 if key.startswith("Arrow") else 1):
            page.keyboard.press(key)
        tab.settle()
        assert pixels.changed(pixels.picture(tab.film()), before) > 0.02, key
        page.keyboard.press("0")
    tab.settle()
    assert pixels.changed(pixels.picture(tab.film()), before) == 0


@pytest.mark.parametrize("query", ["", "?render=cpu"], ids=["webgl", "processor"])
def test_layers_stay_on_the_film(tab, films: Path, query: str) -> None:
    """The map from film to screen, read from a box whose pixels are known, leads to the square that is seen."""
    page = look(tab, films, query=query)
    page.keyboard.press("h")
    study = page.url.rpartition("/")[2]
    answer = page.request.get(f"{tab.room.url}/api/v1/studies/{study}").json()
    image = int(tab.film().get_attribute("data-image") or 0)
    box = next(one["box"] for one in answer["reading"]["findings"] if one["image"] == image)
    rows, columns = 512, 384
    reach = SIDE * rows
    first, last = (
        [edge(at + sign * reach) for at in (0.45 * columns, 0.25 * rows)]
        for edge, sign in ((np.ceil, -1), (lambda place: np.floor(place) + 1, 1))
    )
    square = np.array([(x, y) for x in (first[0], last[0]) for y in (first[1], last[1])])
    for keys in (("-",), ("Shift+ArrowRight", "Shift+ArrowDown"), ("r",), ("m",), ("R", "R"), ("m", "+")):
        for key in keys:
            page.keyboard.press(key)
        tab.settle()
        corners = page.locator(".pane").first.locator(".box.rim").first.get_attribute("points")
        assert corners is not None
        screen = np.array([[float(part) for part in point.split(",")] for point in corners.split()])
        across = (screen[1] - screen[0]) / (box[2] - box[0])
        down = (screen[3] - screen[0]) / (box[3] - box[1])
        led = screen[0] + (square - box[:2]) @ np.array([across, down])
        page.keyboard.press("o")
        tab.settle()
        seen = pixels.bright(pixels.picture(tab.film()))
        page.keyboard.press("o")
        wanted = (*led.min(axis=0), *led.max(axis=0))
        assert np.abs(np.array(seen) - wanted).max() < 2.5, (keys, seen, wanted)


def test_lengths_are_millimetres_only_where_the_scale_is_known(tab, films: Path) -> None:
    page = look(tab, films)
    assert _measured(tab, page) == "mm"
    page.keyboard.press("Delete")
    expect(page.locator(".measures")).to_have_count(0)
    page.keyboard.press("Escape")
    tab.send(films / "third.jpg")
    tab.open("third.jpg")
    assert _measured(tab, page) == "px"
    expect(page.get_by_text("so lengths are in pixels")).to_be_visible()
    box = tab.film().bounding_box()
    assert box is not None
    page.keyboard.press("a")
    x, y = box["x"] + 200, box["y"] + 200
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 100, steps=4)
    page.mouse.up()
    page.mouse.move(x + 100, y + 100, steps=4)
    page.mouse.click(x + 100, y + 100)
    expect(page.locator(".measures", has_text="Angle")).to_contain_text("90")


def _measured(tab, page: Page) -> str:
    page.keyboard.press("l")
    box = tab.film().bounding_box()
    assert box is not None
    x, y = box["x"] + 120, box["y"] + 420
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 20, steps=5)
    page.mouse.up()
    words = page.locator(".measures .number").inner_text()
    expect(page.locator(".box-layer text", has_text=words)).to_be_visible()
    return words.split()[-1]


def test_a_finding_is_brought_to_the_middle(tab, films: Path) -> None:
    page = look(tab, films)
    page.get_by_title("Show fracture on image 1").first.click()
    tab.settle()
    middle = page.locator(".pane").first.locator(".box.rim").last.bounding_box()
    film = tab.film().bounding_box()
    assert middle is not None
    assert film is not None
    assert abs(middle["x"] + middle["width"] / 2 - film["x"] - film["width"] / 2) < 3
    assert abs(middle["y"] + middle["height"] / 2 - film["y"] - film["height"] / 2) < 3


def test_the_scores_of_boxes_can_be_cut(tab, films: Path) -> None:
    page = look(tab, films)
    expect(page.locator(".findings .place")).to_have_count(2)
    slider = page.get_by_role("slider", name="Boxes with a score from")
    slider.fill("80")
    expect(page.locator(".findings .place")).to_have_count(1)
    expect(page.get_by_text("1 of 2 boxes hidden")).to_be_visible()
    expect(page.locator(".box.rim")).to_have_count(1)
    slider.fill("0")
    expect(page.locator(".box.rim")).to_have_count(2)


TURNED: dict[str, list[str]] = {
    "r": ["rotated 90°"],
    "R": ["rotated 270°"],
    "m": ["flipped"],
    "rm": ["rotated 90°", "flipped"],
    "mr": ["flipped", "rotated 90°"],
    "mR": ["flipped", "rotated 270°"],
    "rrm": ["rotated 180°", "flipped"],
    "rmm": ["rotated 90°"],
    "mrm": ["rotated 270°"],
    "rrrr": [],
}
"""What the corner says after keys."""


@pytest.mark.parametrize("query", ["", "?render=cpu"], ids=["webgl", "processor"])
def test_turning_is_told_as_it_was_done(tab, films: Path, query: str) -> None:
    """Right is right also in a mirrored image, and the words follow the order."""
    page = tab.go(query=query)
    tab.send(films / "strong.jpg")
    tab.open("strong.jpg")
    page.get_by_role("button", name="Close").click()

    def told() -> list[str]:
        tab.settle()
        words = page.locator(".pane-corner").inner_text().split(", ")
        return [word for word in words if word.startswith(("rotated", "flipped"))]

    for keys, wanted in TURNED.items():
        for key in keys:
            page.keyboard.press(key)
        assert told() == wanted, keys
        page.keyboard.press("0")
        assert told() == [], keys


def test_pixel_for_pixel(tab, films: Path) -> None:
    page = look(tab, films)
    page.keyboard.press("e")
    tab.settle()
    expect(page.locator(".pane-corner").first).to_contain_text("zoom 100 %")
    expect(page.locator(".pane-corner").last).not_to_contain_text("zoom 100 %")


def test_linked_views_follow_each_other(tab, films: Path) -> None:
    page = look(tab, films)
    corners = page.locator(".pane-corner")
    page.keyboard.press("+")
    tab.settle()
    assert corners.first.inner_text() != corners.last.inner_text()
    page.keyboard.press("v")
    for key in ("+", "i", "ArrowUp", "ArrowRight", "Shift+ArrowLeft"):
        page.keyboard.press(key)
        tab.settle()
        assert corners.first.inner_text() == corners.last.inner_text(), key
    first, second = (page.locator(".pane").nth(at).locator(".box.rim").first for at in (0, 1))
    boxes = [box.bounding_box() for box in (first, second)]
    assert all(box is not None for box in boxes)
    page.keyboard.press("v")
    page.keyboard.press("i")
    tab.settle()
    assert corners.first.inner_text() != corners.last.inner_text()


@pytest.mark.parametrize("width", [390, 1024, 1920])
def test_fits_every_window(tabs, films: Path, shoot: Callable[[Page, str], None], width: int) -> None:
    tab = tabs(viewport={"width": width, "height": 900})
    page = look(tab, films)
    page.keyboard.press("x")
    expect(page.locator("[data-opinion]")).to_contain_text("Disagreed")
    wide = page.evaluate(
        """() => [...document.querySelectorAll("main, main *")]
            .filter(one => one.closest("svg") === null && one.getBoundingClientRect().right > innerWidth + 1)
            .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    shoot(page, f"study-{width}")
    page.keyboard.press("Escape")
    expect(page.locator("tr.study").get_by_text("Disagreed").first).to_be_visible()
    shoot(page, f"judged-{width}")
    page.go_back()
    tab.ready()
    for button in page.locator(".toolbar button, .toolbar select").all():
        box = button.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width


_STREAMS = """
globalThis.streams = [];
globalThis.EventSource = class extends EventSource {
  constructor(...given) { super(...given); streams.push(this); }
};
"""
"""Keeps the page's streams of events, so that a test can break them; Chromium's offline mode leaves open ones alone."""


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "after a gap"])
def test_a_newer_version_is_told_where_the_older_one_is_open(
    connected: bool, tab, blobs: ModuleType, tmp_path: Path
) -> None:
    """And what was drawn and said of the older one is on the newer one."""
    import httpx

    uid = f"1.2.826.0.1.3680043.8.498.78.{5 + connected}"
    files = [
        blobs.save_dicom(blobs.film(strength, at=(0.3, 0.5), shape=(512, 384)), tmp_path / name, uid, age="034Y")
        for name, strength in (("one.dcm", 0.95), ("two.dcm", 0.8))
    ]
    tab.page.add_init_script(_STREAMS)
    page = tab.go()
    tab.send(files[0])
    tab.open("one.dcm")
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("x")
    expect(page.locator("[data-opinion]")).to_contain_text("Disagreed")
    assert _measured(tab, page)
    words = page.locator(".measures .number").inner_text()
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    token = page.request.get(f"{tab.room.url}/api/v1/session").json()["csrf"]
    expect(page.locator(".connection.on")).to_be_visible()
    if not connected:
        page.evaluate("streams.forEach((one) => { one.close(); one.dispatchEvent(new Event('error')) })")
        expect(page.locator(".connection.off")).to_be_visible()
    with files[1].open("rb") as file:
        answer = httpx.post(
            f"{tab.room.url}/api/v1/studies",
            files={"files": file},
            cookies=cookies,
            headers={"X-CSRF-Token": token},
            timeout=60,
        )
    assert answer.status_code == 200, answer.text
    page.get_by_role("link", name="Open the newer version").click()
    tab.ready()
    expect(page.locator(".side")).to_contain_text("Version 2: images were added.")
    expect(page.locator(".side")).to_contain_text("Earlier version: disagreed, maria")
    expect(page.locator(".measures .number")).to_have_text(words)
