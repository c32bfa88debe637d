"""From the first start to a read study, by somebody who has read nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NAME, PASSWORD = "maria", "five green cats on a roof"
DROP = """([name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector("main").dispatchEvent(event);
    }
}"""


def test_first_start(tabs, rooms, films: Path, shoot: Callable[[Page, str], None]) -> None:
    room = rooms()
    tab = tabs(room=room)
    page = tab.page
    page.goto(room.setup)
    page.get_by_label("User name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    shoot(page, "set-up")
    page.get_by_role("button", name="Create administrator").click()

    expect(page.get_by_role("heading", name="Drop images here")).to_be_visible()
    assert "setup" not in page.url
    shoot(page, "empty")
    film = films / "strong.jpg"
    page.evaluate(DROP, [film.name, "image/jpeg", base64.b64encode(film.read_bytes()).decode()])
    row = page.locator("tr.study")
    expect(row.get_by_text("Fracture", exact=True)).to_be_visible()
    expect(page.locator(".upload").get_by_text("Fracture", exact=True)).to_be_visible()
    shoot(page, "first-result")
    row.get_by_role("link").click()
    tab.ready()
    expect(page.locator(".verdict")).to_contain_text("in 100 have a fracture")
    expect(page.get_by_text("Not for diagnosis")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    expect(page.get_by_text("Not for diagnosis")).to_be_visible()
    tab.allowed.add(401)
    page.get_by_label("User name").fill(NAME)
    page.get_by_label("Password").fill("six green cats on a roof")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    shoot(page, "log-in")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
