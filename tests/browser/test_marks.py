"""What people draw on images is kept, lies where it was drawn, and is seen on every background."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SEEDS = itertools.count(1)


def look(tab, blobs: ModuleType, folder: Path, *, query: str = "", strength: float = 0.95) -> Page:
    """Open a study of one image that nobody else has seen."""
    image = blobs.film(strength, at=(0.3, 0.5), shape=(512, 512)) + np.random.default_rng(next(SEEDS)).normal(
        0, 0.003, (512, 512)
    )
    file = blobs.save(np.clip(image, 0, 1).astype(np.float32), folder / f"marks{next(SEEDS)}.png")
    page = tab.go(query=query)
    tab.send(file)
    tab.open(file.name)
    page.get_by_role("button", name="Close").click()
    tab.settle()
    tab.film().focus()
    return page


def drag(page: Page, tab, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the image, by places within it."""
    box = tab.film().bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=4)
    page.mouse.up()


def marks(page: Page, tab) -> list[dict]:
    """What the server has."""
    study = page.url.rpartition("/")[2]
    return page.request.get(f"{tab.room.url}/api/v1/studies/{study}/marks").json()


def kept(page: Page, tab, count: int) -> list[dict]:
    """What the server has, once it has so much."""
    for _ in range(600):
        found = marks(page, tab)
        if len(found) == count:
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"the server has {len(marks(page, tab))} marks and not {count}")


def line(page: Page) -> list[float]:
    """The ends of the first line on the screen."""
    drawn = page.locator(".drawn:not(.rim)").first
    return [float(drawn.get_attribute(name) or "nan") for name in ("x1", "y1", "x2", "y2")]


@pytest.mark.parametrize("query", ["", "?render=cpu"], ids=["webgl", "processor"])
def test_a_length_is_there_after_a_reload(tab, blobs: ModuleType, tmp_path: Path, query: str) -> None:
    page = look(tab, blobs, tmp_path, query=query)
    page.keyboard.press("l")
    drag(page, tab, (120, 420), (260, 440))
    words = page.locator(".measures .number").inner_text()
    np.testing.assert_allclose(line(page), [120, 420, 260, 440], atol=1.0)
    (mark,) = kept(page, tab, 1)
    assert words == f"{mark['value']:.0f} px"
    page.reload()
    tab.ready()
    expect(page.locator(".measures .number")).to_have_text(words)
    np.testing.assert_allclose(line(page), [120, 420, 260, 440], atol=1.5)
    page.keyboard.press("r")
    page.keyboard.press("+")
    tab.settle()
    expect(page.locator(".measures .number")).to_have_text(words)
    page.keyboard.press("0")
    tab.settle()
    page.keyboard.press("w")
    drag(page, tab, (260, 440), (300, 380))  # an end of it, with any tool
    (moved,) = kept(page, tab, 1)
    page.wait_for_function("words => document.querySelector('.measures .number').innerText !== words", arg=words)
    assert "Level 50 %" in page.locator(".pane-corner").inner_text(), "the window stays as it is meanwhile"
    for _ in range(100):
        if moved["points"][1] != mark["points"][1]:
            break
        page.wait_for_timeout(50)
        (moved,) = marks(page, tab)
    assert moved["points"][0] == mark["points"][0]
    assert moved["points"][1] != mark["points"][1]
    page.get_by_role("button", name="Delete Length").click()
    expect(page.locator(".measures")).to_have_count(0)
    kept(page, tab, 0)


def test_what_is_removed_before_it_is_kept_stays_removed(tab, blobs: ModuleType, tmp_path: Path) -> None:
    page = look(tab, blobs, tmp_path)
    page.route("**/marks", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.keyboard.press("l")
    drag(page, tab, (120, 420), (260, 440))
    page.keyboard.press("Delete")
    expect(page.locator(".measures")).to_have_count(0)
    page.wait_for_timeout(900)
    page.unroute_all(behavior="wait")
    kept(page, tab, 0)
    expect(page.locator(".measures")).to_have_count(0)


def test_what_cannot_be_saved_is_called_so(tab, blobs: ModuleType, tmp_path: Path) -> None:
    page = look(tab, blobs, tmp_path)
    tab.allowed.add(503)
    page.route("**/marks", lambda route: route.fulfill(status=503, json={"title": "Busy", "status": 503}))
    page.keyboard.press("l")
    drag(page, tab, (120, 420), (260, 440))
    expect(page.locator(".notice.error")).to_contain_text("could not be saved")
    expect(page.locator(".measures")).to_contain_text("not saved")


@pytest.mark.parametrize("inverted", [False, True])
def test_lines_are_seen_on_black_and_on_white(tab, blobs: ModuleType, tmp_path: Path, inverted: bool) -> None:
    page = look(tab, blobs, tmp_path)
    page.keyboard.press("h")
    page.keyboard.press("b")
    if inverted:
        page.keyboard.press("i")
    page.keyboard.press("l")
    drag(page, tab, (180, 300), (180, 500))  # air
    tab.settle()
    box = tab.film().bounding_box()
    assert box is not None
    clip = {"x": box["x"] + 170, "y": box["y"] + 390, "width": 20, "height": 8}
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")).astype(int)
    ground = int(np.median(shot))
    assert (ground > 150) == inverted
    assert np.ptp(shot) > 90
    assert np.abs(shot - ground).max() > 90


def test_angles_and_the_scale_by_hand(tab, blobs: ModuleType, tmp_path: Path) -> None:
    page = look(tab, blobs, tmp_path)
    page.keyboard.press("c")
    drag(page, tab, (150, 150), (250, 150))
    drag(page, tab, (150, 400), (250, 460))
    expect(page.locator(".measures li", has_text="Cobb angle")).to_contain_text("31.0°")
    page.keyboard.press("l")
    drag(page, tab, (120, 500), (220, 500))
    expect(page.locator(".measures li", has_text="Length")).to_contain_text("px")
    page.keyboard.press("u")
    drag(page, tab, (120, 520), (170, 520))
    dialog = page.get_by_role("dialog", name="Calibrate")
    dialog.get_by_label("True length").fill("nothing")
    dialog.get_by_role("button", name="Calibrate").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("True length").fill("12,5")
    dialog.get_by_role("button", name="Calibrate").click()
    expect(page.locator(".measures li", has_text="Length")).to_contain_text("≈ 25.0 mm")
    found = {mark["kind"]: mark for mark in kept(page, tab, 3)}
    assert found["length"]["calibrated"]
    assert found["length"]["value"] == pytest.approx(25, abs=0.1)
    assert found["cobb"]["value"] == pytest.approx(30.96, abs=0.3)


def test_escape_ends_a_stroke_before_it_leaves_the_study(tab, blobs: ModuleType, tmp_path: Path) -> None:
    page = look(tab, blobs, tmp_path)
    page.keyboard.press("a")
    drag(page, tab, (150, 150), (250, 150))
    expect(page.locator(".drawn.rim")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".drawn")).to_have_count(0)
    expect(tab.film()).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()


def test_boxes_are_judged_hidden_and_added(tab, blobs: ModuleType, tmp_path: Path) -> None:
    page = look(tab, blobs, tmp_path)
    reject = page.get_by_role("button", name="Reject fracture on image 1").first
    reject.click()
    expect(reject).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".box.rejected").first).to_be_attached()
    (mark,) = kept(page, tab, 1)
    assert (mark["kind"], mark["accepted"]) == ("verdict", False)
    page.get_by_role("button", name="Accept fracture on image 1").first.click()
    expect(page.locator(".box.rejected")).to_have_count(0)
    page.keyboard.press("d")
    drag(page, tab, (300, 380), (400, 480))
    expect(page.locator(".findings")).to_contain_text("added by maria")
    page.reload()
    tab.ready()
    expect(page.locator(".findings")).to_contain_text("added by maria")
    expect(page.locator(".findings")).to_contain_text("accepted by maria")
    expect(page.locator(".drawn.missed.rim")).to_have_count(1)
    kinds = sorted(mark["kind"] for mark in kept(page, tab, 2))
    assert kinds == ["box", "verdict"]


def test_why_there_is_no_box_is_said(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "clear.png")
    tab.open("clear.png")
    expect(page.get_by_text("No box: no region scored high enough to be marked.")).to_be_visible()
