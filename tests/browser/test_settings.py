"""What administrators do on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_people_keys_and_the_log(tabs, tab) -> None:
    page = tab.go("settings/people")
    page.get_by_label("User name").fill("vera")
    page.get_by_label("First password").fill("seven blue birds in a tree")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Add a person").click()
    expect(page.get_by_role("row", name="vera")).to_be_visible()

    tab.go("settings/keys")
    page.get_by_label("What it is for").fill("night import")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator(".secret code")).to_contain_text("osteon_")
    page.get_by_role("button", name="Revoke night import").click()
    expect(page.get_by_text("No keys yet.")).to_be_visible()

    tab.go("settings/audit")
    expect(page.get_by_role("row", name="make key")).to_be_visible()

    other = tabs(room=tab.room)
    seen = other.go()
    seen.get_by_label("User name").fill("vera")
    seen.get_by_label("Password").fill("seven blue birds in a tree")
    seen.get_by_role("button", name="Log in").click()
    expect(seen.get_by_role("button", name="Log out")).to_be_visible()
    expect(seen.get_by_role("button", name="Add films")).to_have_count(0)
    other.go("settings/people")
    expect(seen.get_by_role("heading", name="Settings")).to_be_visible()
    expect(seen.get_by_role("link", name="People")).to_have_count(0)
    tab.go("settings/people")
    page.get_by_role("button", name="Remove vera").click()
    expect(page.get_by_role("row", name="vera")).to_have_count(0)


def test_a_study_is_deleted_after_a_question(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "fourth.jpg")
    tab.open("fourth.jpg")
    study = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Delete this study").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Delete this study").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Worklist").or_(page.locator(".drop-area"))).to_be_visible()
    expect(page.locator(f"[data-study='{study}']")).to_have_count(0)


def test_the_card_and_the_report_are_at_hand(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "strong.jpg")
    tab.open("strong.jpg")
    page.get_by_text("The network", exact=True).click()
    expect(page.get_by_text("anybody's bones")).to_be_visible()
    page.get_by_role("button", name="Read its model card").click()
    card = page.get_by_role("dialog", name="Model card of blobs@1.0.0")
    expect(card.get_by_role("heading").nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_text("Take it along", exact=True).click()
    links = page.locator(".downloads a").evaluate_all("links => links.map(link => link.href)")
    assert len(links) >= 7
    for link in links:
        answer = page.request.get(link)
        assert answer.ok, (link, answer.status)
        assert len(answer.body()) > 40, link
