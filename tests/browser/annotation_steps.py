"""Steps of annotation that only one test takes: a killed server, a tab that is closed offline, an adjudicator who draws."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect
from tests.browser.annotating import Spines, drag, regions, saved
from tests.browser.conftest import Tab
from tests.browser.test_accessible import AXE, faults

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
"""When the next study stands: milliseconds after the address has changed."""


def accessible(page: Page) -> None:
    """No serious fault that axe finds, where there is axe."""
    if AXE.is_file():
        assert faults(page) == []


def events_of(tab: Tab) -> list[dict[str, Any]]:
    """What the server has of the study that is open, without active time."""
    page = tab.page
    path = f"{tab.room.url}/api/v1/assignments/{page.url.rpartition('/')[2]}/events"
    return [event for event in page.request.get(path).json()["events"] if event["kind"] != "active"]


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


def by_mouse_while_killed(tab: Tab, spines: Spines) -> None:
    """A box on each image; the server is killed after the first one was acknowledged, and started again after the second."""
    page = tab.page
    page.get_by_role("button", name="Osteophytes", exact=False).first.click()
    drag(tab, 0, (-1, -1), (1, 1))
    regions(page, 1)
    saved(page)
    (first,) = events_of(tab)
    spines.server.kill()
    drag(tab, 1, (0.5, -3), (2.5, -1))
    regions(page, 2)
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-save=waiting]")).to_contain_text("2 changes kept on this device")
    spines.server.start()
    saved(page)
    kept = events_of(tab)
    assert [event["kind"] for event in kept] == ["region"] * 3
    assert kept[0] == first, "what was acknowledged is there, and once"
    page.reload()
    tab.ready()
    regions(page, 2)


def ruled(tab: Tab) -> None:
    """Cleo changes a region that was taken over, draws one, removes one that both readers have, and takes a step back."""
    page = tab.page
    consensus = page.get_by_role("region", name="Regions of the consensus")
    expect(consensus.get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Changed by you")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="As Reader")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    consensus.get_by_role("button", name="Remove Osteophytes").first.click()
    expect(consensus.get_by_role("listitem")).to_have_count(1)
    page.get_by_text("Draw, or answer something else").click()
    page.get_by_role("button", name="Fracture", exact=False).first.click()
    drag(tab, 0, (-2, 1), (0, 3))
    expect(consensus.get_by_role("listitem")).to_have_count(2)
