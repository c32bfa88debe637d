"""At the size of a phone, with fingers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_on_a_phone(tabs, films: Path, shoot: Callable[[Page, str], None]) -> None:
    tab = tabs(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = tab.go()
    camera = page.locator("input[data-source=photo]")
    expect(camera).to_have_attribute("capture", "environment")
    tab.send(films / "front.dcm", films / "side.dcm")
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("tr.study").first).to_be_visible()
    assert _fits(page)
    shoot(page, "phone-worklist")
    page.locator("tr.study", has_text="2 views").filter(has_text="34 y").get_by_role("link").tap()
    tab.ready()
    expect(page.get_by_text("Not for diagnosis")).to_be_visible()
    expect(tab.film(0)).to_be_visible()
    expect(tab.film(1)).to_be_hidden()
    page.get_by_role("button", name="Image 2, lateral").first.tap()
    expect(tab.film(1)).to_be_visible()
    assert _fits(page)
    assert page.evaluate("() => document.querySelector('main.viewer').scrollWidth") <= 390
    for tool in page.locator(".toolbar button").all():
        box = tool.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
    shoot(page, "phone-study")
    page.get_by_role("button", name="Agree", exact=True).scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Agree", exact=True)).to_be_in_viewport()


def _fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
