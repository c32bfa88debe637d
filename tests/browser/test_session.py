"""How a session begins and ends on the page: nobody sees what the one before left, and nothing stays on an idle screen."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

IDLE = ("--set", "session_idle_minutes=0.2")
"""Twelve seconds."""


def _focused(page: Page) -> str:
    """The label of the field that has the focus."""
    return page.evaluate("() => document.activeElement?.labels?.[0]?.textContent ?? ''")


def test_the_next_person_in_the_tab_sees_nothing_of_the_one_before(tabs, enter, films: Path) -> None:
    entry = enter()
    password = entry.add("vera", "viewer")
    tab = tabs(within=entry)
    page = tab.go()
    tab.send(films / "strong.jpg")
    page.get_by_label("Label (optional)").fill("a label for the next one")
    page.get_by_role("searchbox").fill("strong")
    page.get_by_label("Call", exact=True).select_option("fracture")
    page.get_by_label("Select strong.jpg").check()
    tab.settle()
    tab.allowed.add(401)  # of what was under way
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert "strong" not in page.content()
    assert _focused(page) == "User name"
    assert page.evaluate("() => JSON.stringify(sessionStorage)") == "{}"
    tab.log_in("vera", password)
    expect(page.locator("tr.study")).to_have_count(1)
    expect(page.locator(".upload")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_label("Call", exact=True)).to_have_value("")
    assert "strong" not in page.content()
    assert "a label" not in page.content()
    for _ in range(2):
        page.go_back()
        tab.settle()
        assert "strong" not in page.content()


def test_a_session_that_is_ended_elsewhere_ends_on_the_page_at_once(tabs, enter, films: Path) -> None:
    entry = enter()
    tab = tabs(within=entry)
    page = tab.go()
    tab.send(films / "strong.jpg")
    tab.open("strong.jpg")
    expect(page.locator(".connection.on")).to_be_visible()
    tab.allowed |= {401}
    assert entry.ask("DELETE", "/session").status_code == 204
    expect(page.get_by_role("heading", name="Log in")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    assert "strong.jpg" not in page.content()


def test_an_untouched_page_is_locked_though_much_happens(tabs, enter, blobs, films: Path) -> None:
    entry = enter(*IDLE)
    made = entry.ask("POST", "/keys", json={"name": "sender", "role": "reader", "scopes": ["send"]})
    bearer = {"Authorization": f"Bearer {made.json()['key']}"}
    tab = tabs(within=entry)
    page = tab.go()
    page.mouse.move(200, 200)
    began = time.monotonic()
    tab.allowed |= {401}
    places = iter(range(1000))
    while time.monotonic() - began < 40 and page.get_by_role("heading", name="Log in").count() == 0:
        image = blobs.save(blobs.film(0.9, at=(0.3 + 0.01 * next(places), 0.5)), films / "again.png").read_bytes()
        url = f"{entry.room.url}/api/v1/studies"
        files = [("files", ("again.png", image))]
        httpx.post(url, files=files, headers={**bearer, "Prefer": "respond-async"}, timeout=60).raise_for_status()
        page.wait_for_timeout(500)
    assert 8 < time.monotonic() - began < 30
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.locator("tr.study")).to_have_count(0)
    expect(page.locator(".connection")).to_have_count(0)


def test_a_quiet_page_is_locked_by_its_timer_and_one_in_use_is_not(tabs, enter, films: Path) -> None:
    entry = enter(*IDLE)
    entry.send(("strong.jpg", (films / "strong.jpg").read_bytes()))
    tab = tabs(within=entry)
    page = tab.go()
    page.locator("tr.study a").click()
    tab.ready()
    began = time.monotonic()
    while time.monotonic() - began < 20:  # nothing but moving over the image, which asks the server for nothing
        page.mouse.move(300 + 10 * (time.monotonic() - began), 300)
        page.wait_for_timeout(1000)
        expect(page.locator("canvas").first).to_be_visible()
    began = time.monotonic()
    page.context.set_offline(True)  # the screen is locked also where the server cannot be asked
    expect(page.get_by_role("heading", name="Log in")).to_be_visible(timeout=30_000)
    assert time.monotonic() - began > 8
    expect(page.locator("canvas")).to_have_count(0)


def test_the_set_up_link_works_in_a_tab_that_is_open(tabs, rooms) -> None:
    room = rooms()
    tab = tabs(room=room)
    page = tab.go()
    expect(page.get_by_label("Setup token")).to_be_focused()
    page.evaluate("address => { location.href = address; }", room.setup)
    expect(page.get_by_text("The token was taken from the address")).to_be_visible()
    expect(page.get_by_label("User name")).to_be_focused()
    page.get_by_label("User name").fill("maria")
    page.get_by_label("Password", exact=True).fill("five green cats on a roof")
    page.get_by_label("Repeat password").fill("five green cats on a roof")
    page.get_by_role("button", name="Create administrator").click()
    expect(page.get_by_role("heading", name="Drop images here")).to_be_visible()
    assert "setup" not in page.url

    page.evaluate("() => { location.hash = 'setup=abcdef'; }")
    expect(page.get_by_role("heading", name="Reset administrator access")).to_be_visible()
    page.get_by_label("User name").fill("maria")
    page.get_by_label("Password", exact=True).fill("six green cats on a roof")
    page.get_by_label("Repeat password").fill("six green cats on a roof")
    tab.allowed.add(401)
    page.get_by_role("button", name="Set password and log in").click()
    expect(page.get_by_role("alert")).to_contain_text("no longer valid")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", name="Drop images here")).to_be_visible()
