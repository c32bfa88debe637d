"""The worklist: what it shows at once, and what of it the address keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_row_that_turns_to_fracture_shows_its_bar_at_once(tabs, films: Path, shoot: Callable[[Page, str], None]) -> None:
    first = tabs()
    second = tabs(beside=first)
    first.go()
    first.send(films / "clear.png")
    page = second.go()
    expect(page.locator("tr.study").first).to_be_visible()
    expect(page.locator(".connection.on")).to_be_visible()
    before = page.locator("tr.study.call-fracture").count()
    first.send(films / "other.jpg")
    expect(page.locator("tr.study.call-fracture")).to_have_count(before + 1)
    second.settle()
    shoot(page, "live-bar")
    page.reload()
    expect(page.locator("tr.study.call-fracture")).to_have_count(before + 1)
    second.settle()
    shoot(page, "live-bar-reload")
