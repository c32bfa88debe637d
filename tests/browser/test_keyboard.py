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
    tab_to(page, "#opinion-note")
    page.keyboard.type("An old, healed fracture.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".given")).to_contain_text("Disagreed: An old, healed fracture.")
    expect(page.locator(".given")).to_contain_text("maria")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    expect(page.locator("tr.study .opinion").first).to_be_attached()


def test_single_keys_can_be_turned_off(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "strong.jpg")
    tab.go("settings/look")
    page.get_by_label("Use single keys").uncheck()
    tab.go()
    page.locator("tr.study a").first.click()
    tab.ready()
    heat = page.get_by_role("button", name="Heat map", exact=True)
    expect(heat).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("h")
    expect(heat).to_have_attribute("aria-pressed", "true")
