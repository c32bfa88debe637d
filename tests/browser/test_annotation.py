"""Two readers and an adjudicator annotate simulated spines in the page, one of the readers by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.annotating import (
    Shoot,
    Spines,
    Visit,
    adjudicate,
    all_done,
    begin,
    by_mouse,
    f1_of,
    filled,
    fits,
    proceed,
    read_by_keyboard,
    regions,
    saved,
    touch_drag,
    visiting,
)
from tests.browser.conftest import Enter, Tab
from tests.browser.test_accessible import AXE, faults

pytestmark = pytest.mark.browser

STANDS = 900
"""Milliseconds in which the next study stands: three times what is promised, for machines that do other work too."""


@pytest.fixture(scope="module")
def spines(enter: Enter, tmp_path_factory: pytest.TempPathFactory) -> Spines:
    """Two studies."""
    return filled(enter, tmp_path_factory.mktemp("spines"), 2)


@pytest.fixture
def visit(browser: Browser, spines: Spines) -> Iterator[Visit]:
    """Opens tabs."""
    with visiting(browser, spines) as open_tab:
        yield open_tab


def accessible(page: Page) -> None:
    """No serious fault that axe finds, where there is axe."""
    if AXE.is_file():
        assert faults(page) == []


STOOD = """() => {
  const before = location.hash, ready = () => document.querySelectorAll("[data-ready=true]").length;
  let since = 0;
  window.stood = new Promise(done => {
    const look = () => {
      if (since === 0 && location.hash !== before) since = performance.now();
      if (since > 0 && ready() === 2) done(performance.now() - since);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def closed_while_offline(tab: Tab) -> Tab:
    """Move a region while there is no connection, close the tab, and open the list of projects in another one."""
    page, context = tab.page, tab.page.context
    context.set_offline(True)
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-save=waiting]")).to_be_visible()
    page.close()
    context.set_offline(False)
    fresh = Tab(context.new_page(), tab.room)
    fresh.go("annotate")
    fresh.page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('osteon.annotation'))")
    return fresh


def test_two_readers_and_an_adjudicator(
    visit: Visit, spines: Spines, shoot: Shoot, record_property: Callable[[str, object], None]
) -> None:
    project = begin(visit, spines, shoot)
    ana = visit("ana")
    page = proceed(ana)
    by_mouse(ana, offline=0.5, shoot=shoot)
    accessible(page)
    for width in (1920, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        ana.settle()
        shoot(page, f"annotation-bench-{width}")
    page.evaluate(STOOD)
    page.get_by_role("button", name="Finish").click()
    waited = page.evaluate("() => window.stood")
    record_property("next_study_ms", round(waited))
    assert waited <= STANDS
    ana.ready()
    by_mouse(ana)
    saved(page)
    ana = closed_while_offline(ana)
    page = proceed(ana)
    regions(page, 2)
    events = page.request.get(f"{ana.room.url}/api/v1/assignments/{page.url.rpartition('/')[2]}/events").json()[
        "events"
    ]
    assert [event["kind"] for event in events if event["kind"] != "active"] == ["region"] * 3
    fits(page, "annotation-phone", shoot)
    page.get_by_role("button", name="Finish").click()
    all_done(page)
    read_by_keyboard(visit, 2)
    # in each study Ana has two boxes and Ben has one, which is one of hers: F1 = 2 · 2 / (4 + 2)
    assert f1_of(spines, project) == pytest.approx(2 / 3)

    def look(page: Page) -> None:
        shoot(page, "annotation-adjudication")
        accessible(page)
        fits(page, "annotation-adjudication-phone", shoot)

    adjudicate(visit, 2, look)
    page = visit(where=f"annotate/{project}").page
    page.get_by_label("Name of the snapshot").fill("first")
    page.get_by_role("button", name="Take a snapshot").click()
    link = page.get_by_role("link", name="Download")
    assert page.request.get(link.evaluate("link => link.href")).ok
    expect(page.get_by_role("link", name="Report of agreement")).to_be_visible()
    accessible(page)
    shoot(page, "annotation-lead-done")
    fits(page, "annotation-lead-phone", shoot)


def test_proposals_and_outlines(visit: Visit, spines: Spines, films: Path) -> None:
    entry = spines.entry
    sent = entry.send(*((name, (films / name).read_bytes()) for name in ("front.dcm", "side.dcm"))).json()
    about = {"name": "Proposed", "schema_name": "fractuvision", "readers_per_study": 1, "arm": "with_model"}
    project = entry.ask("POST", "/projects", json=about).json()["id"]
    entry.ask("PUT", f"/projects/{project}/members/ana", json={"role": "annotator"})
    entry.ask("POST", f"/projects/{project}/items", json={"studies": [sent["studies"][0]["id"]]})
    entry.ask("POST", f"/projects/{project}/assignments", json={})
    tab = visit("ana", touch=True)
    page = tab.page
    page.get_by_role("link", name="Proposed").click()
    page.get_by_role("link", name="Continue").click()
    tab.ready()

    def kept() -> dict[str, Any]:
        saved(page)
        return page.request.get(f"{tab.room.url}/api/v1/assignments/{page.url.rpartition('/')[2]}").json()

    offered = kept()["proposals"]
    assert len(offered) >= 2
    for keys, provenance in ((("Shift+A",), "accepted"), (("ArrowRight", "Control+ArrowDown"), "edited")):
        for key in keys:
            page.keyboard.press(key)
        assert [region["provenance"] for region in kept()["regions"]] == [f"proposed-{provenance}"]
    (before,) = [one for one in offered if one["number"] == kept()["regions"][0]["proposal"]]
    (x0, y0), (x1, y1) = before["points"]
    moved = [[x0 + 1, y0], [x1 + 1, y1 + 1]]
    assert [pytest.approx(point, abs=0.02) for point in moved] == kept()["regions"][0]["points"]
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert [region["provenance"] for region in kept()["regions"]] == ["proposed-accepted"]
    page.keyboard.press("Shift+X")
    assert len(kept()["rejected"]) == 1
    page.get_by_role("button", name="Hardware: Polygon").click()
    box = tab.film(1).bounding_box()
    assert box is not None
    for x, y in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    outline = kept()["regions"][-1]
    assert (outline["kind"], outline["label"], len(outline["points"])) == ("polygon", "hardware_region", 4)
    for key in (".", "Shift+P", "Delete", "Delete"):
        page.keyboard.press(key)
    regions(page, 1)
    page.keyboard.press("b")
    touch_drag(tab, 1, (0.3, 0.7), (0.5, 0.9))
    regions(page, 2)
    page.keyboard.press("Shift+N")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Fracture in the study: Yes"
    page.get_by_role("button", name="Ask the lead").click()
    page.get_by_label("Question to the lead").fill("Is this the left arm?")
    page.get_by_role("dialog").get_by_role("button", name="Ask the lead").click()
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_label("Why can it not be read?").fill("shows another body part")
    page.get_by_role("dialog").get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("Skipped")).to_be_visible()
    (question,) = entry.ask("GET", f"/projects/{project}/questions").json()
    assert question["text"] == "Is this the left arm?"
