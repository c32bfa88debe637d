"""The whole way without a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"{most} times Tab did not lead to {selector}")


def test_from_the_worklist_to_an_opinion(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "strong.jpg", films / "clear.png")
    page.reload()
    expect(page.locator("tr.study").first).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content"
    tab_to(page, "tr.study a")
    page.keyboard.press("Enter")
    tab.ready()

    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    tab.ready()
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    tab.ready()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("x")
    expect(page.locator("[data-opinion]")).to_contain_text("Disagreed")
    assert page.evaluate("() => document.activeElement.id") == "opinion-disagree"
    tab_to(page, "#opinion-note", most=2)
    page.keyboard.type("An old, healed fracture.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".given")).to_contain_text("Disagreed: An old, healed fracture.")
    expect(page.locator(".given")).to_contain_text("maria")
    assert page.evaluate("() => document.activeElement.id") == "opinion-disagree"
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    expect(page.locator("tr.study .opinion").first).to_be_attached()
    expect(page.locator("tr.study").get_by_text("Disagreed").first).to_be_visible()


def test_single_keys_can_be_turned_off(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "strong.jpg")
    tab.go("settings/look")
    page.get_by_label("Use single-key shortcuts").uncheck()
    tab.go()
    page.locator("tr.study a").first.click()
    tab.ready()
    heat = page.get_by_role("button", name="Heat map", exact=True)
    expect(heat).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("h")
    expect(heat).to_have_attribute("aria-pressed", "true")


def first_of(tab, *files: Path) -> Page:
    """Send images, and open the first study of the worklist."""
    page = tab.go()
    tab.send(*files)
    page.reload()
    page.locator("tr.study a").first.click()
    tab.ready()
    return page


def opinions(page: Page, tab) -> list[dict]:
    """What the server has of the study that is open."""
    study = page.url.rpartition("/")[2]
    return page.request.get(f"{tab.room.url}/api/v1/studies/{study}/opinions").json()


def test_an_opinion_is_kept_with_the_press(tab, films: Path) -> None:
    """Whatever follows: another study at once, nothing, a note that is left with a click elsewhere."""
    page = first_of(tab, films / "third.jpg", films / "fourth.jpg")
    first = page.url
    page.keyboard.press("y")
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    tab.ready()
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    tab.ready()
    expect(page.locator("#opinion-agree")).to_have_attribute("aria-pressed", "true")
    assert [one["agrees"] for one in opinions(page, tab)][-1] is True
    before = len(opinions(page, tab))

    page.locator("#opinion-agree").click()  # again: it is kept already
    page.keyboard.press("t")
    assert page.evaluate("() => document.activeElement.id") == "opinion-note"
    page.keyboard.type("The growth plate.")
    page.locator(".verdict-number").click()
    expect(page.locator(".given")).to_contain_text("Agreed: The growth plate.")
    page.get_by_role("group", name="Your own call").get_by_role("button", name="No fracture").click()
    expect(page.locator(".given")).to_contain_text("Own call: No fracture")
    kept = opinions(page, tab)
    assert len(kept) == before
    assert (kept[-1]["note"], kept[-1]["call"]) == ("The growth plate.", "no fracture")

    page.locator("#opinion-disagree").click()
    expect(page.locator("[data-opinion]")).to_contain_text("Disagreed")
    expect(page.locator("#opinion-note")).to_have_value("")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("[data-opinion]")).to_contain_text("Agreed")
    assert len(opinions(page, tab)) == before


def test_an_opinion_that_could_not_be_saved_is_not_shown_as_saved(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "middling.png")
    tab.open("middling.png")
    tab.allowed.add(503)
    page.route(
        "**/opinions",
        lambda route: (
            route.fulfill(status=503, json={"title": "Busy", "status": 503})
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    page.keyboard.press("x")
    expect(page.locator(".notice.error")).to_contain_text("could not be saved")
    expect(page.locator("#opinion-disagree")).to_have_attribute("aria-pressed", "false")


def test_what_follows_a_press_goes_on_in_another_study(tab, films: Path) -> None:
    """A slow server: the reader notes something and goes on before the press is answered."""
    page = first_of(tab, films / "other.jpg", films / "third.jpg")
    first = page.url
    before = len(opinions(page, tab))
    wanted = "disagree" if page.locator("#opinion-agree").get_attribute("aria-pressed") == "true" else "agree"
    page.keyboard.press("y" if wanted == "agree" else "x")
    expect(page.locator(f"#opinion-{wanted}")).to_have_attribute("aria-pressed", "true")
    page.route("**/opinions/*", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.keyboard.press("t")
    page.keyboard.type("Said while going on.")
    page.get_by_role("button", name="Next study").click()
    expect(page).not_to_have_url(first)
    tab.ready()
    page.wait_for_timeout(800)
    expect(page.locator(".side")).not_to_contain_text("Said while going on.")
    page.unroute_all()
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    expect(page.locator(".given")).to_contain_text("Said while going on.")
    assert len(opinions(page, tab)) == before + 1
