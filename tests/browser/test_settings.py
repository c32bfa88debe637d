"""What administrators do on the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from osteon.outputs import FORMATS
from osteon.outputs.format import Need

pytestmark = pytest.mark.browser


FIRST, CHOSEN = "seven blue birds in a tree", "eight red fish under a bridge"


def _choose(page: Page, given: str, fresh: str) -> None:
    """Fill in the form that a first password leads to."""
    page.get_by_label("Password you were given").fill(given)
    page.get_by_label("New password", exact=True).fill(fresh)
    page.get_by_label("Repeat password").fill(fresh)
    page.get_by_role("button", name="Change password").click()


def test_a_first_password_is_good_once(tabs, tab, shoot: Callable[[Page, str], None]) -> None:
    page = tab.go("settings/people")
    page.get_by_label("User name").fill("vera")
    page.get_by_label("First password").fill(FIRST)
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Add a person").click()
    row = page.get_by_role("row", name="vera")
    expect(row).to_contain_text("first password not changed yet")

    other = tabs(room=tab.room)
    seen = other.go()
    other.log_in("vera", FIRST)
    expect(seen.get_by_role("heading", name="Choose your own password")).to_be_visible()
    expect(seen.get_by_label("Password you were given")).to_be_focused()
    shoot(seen, "first-password")
    other.allowed |= {403, 422}
    _choose(seen, "not what was given", CHOSEN)
    expect(seen.get_by_role("alert")).to_contain_text("incorrect")
    _choose(seen, FIRST, CHOSEN)
    expect(seen.get_by_role("button", name="Log out")).to_be_visible()
    expect(seen.get_by_role("button", name="Add images")).to_have_count(0)
    other.go("settings/people")
    expect(seen.get_by_role("heading", name="Settings")).to_be_visible()
    expect(seen.get_by_role("link", name="People")).to_have_count(0)

    page.reload()
    expect(row).not_to_contain_text("first password")
    page.get_by_role("button", name="Reset password of vera").click()
    page.get_by_role("dialog").get_by_label("New first password").fill(FIRST)
    page.get_by_role("dialog").get_by_role("button", name="Reset password").click()
    expect(row).to_contain_text("first password not changed yet")
    other.allowed.add(401)
    expect(seen.get_by_role("heading", name="Log in")).to_be_visible()
    other.log_in("vera", FIRST)
    _choose(seen, FIRST, CHOSEN)
    expect(seen.get_by_role("button", name="Log out")).to_be_visible()


def test_an_account_is_deactivated_and_removed_after_a_question(tabs, tab, entry: Any) -> None:
    password = entry.add("otto", "reader")
    other = tabs(room=tab.room)
    seen = other.go()
    other.log_in("otto", password)
    expect(seen.get_by_role("button", name="Log out")).to_be_visible()
    other.allowed.add(401)

    page = tab.go("settings/people")
    page.get_by_role("button", name="Deactivate otto").click()
    row = page.get_by_role("row", name="otto")
    expect(row).to_contain_text("deactivated")
    expect(seen.get_by_role("heading", name="Log in")).to_be_visible()
    other.log_in("otto", password)
    expect(seen.get_by_role("alert")).to_contain_text("incorrect")
    page.get_by_role("button", name="Activate otto").click()
    expect(row).not_to_contain_text("deactivated")
    other.log_in("otto", password)
    expect(seen.get_by_role("button", name="Log out")).to_be_visible()

    page.get_by_role("button", name="Delete otto").click()
    dialog = page.get_by_role("dialog", name="Delete otto?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(row).to_be_visible()
    page.get_by_role("button", name="Delete otto").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    expect(seen.get_by_role("heading", name="Log in")).to_be_visible()


def test_people_say_why_they_cannot_be_added(tab) -> None:
    page = tab.go("settings/people")
    tab.allowed |= {409, 422}
    page.get_by_label("User name").fill("maria")
    page.get_by_label("First password").fill(FIRST)
    page.get_by_role("button", name="Add a person").click()
    expect(page.get_by_role("alert")).to_contain_text("taken")
    expect(page.get_by_role("alert")).not_to_contain_text("changed like this")
    expect(page.get_by_text("provider")).to_have_count(0)


def test_ones_own_account(tabs, tab, entry: Any) -> None:
    password = entry.add("frida", "reader")
    first, second = tabs(room=tab.room), tabs(room=tab.room)
    for one in (first, second):
        one.go()
        one.log_in("frida", password)
        expect(one.page.get_by_role("button", name="Log out")).to_be_visible()
        one.allowed.add(401)
    page = first.page
    page.get_by_role("link", name="frida").click()
    expect(page.get_by_role("region", name="Where you are logged in").get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Log out everywhere else").click()
    expect(second.page.get_by_role("heading", name="Log in")).to_be_visible()
    expect(page.get_by_role("region", name="Where you are logged in").get_by_role("row")).to_have_count(2)
    page.get_by_label("Current password").fill(password)
    page.get_by_label("New password", exact=True).fill("nine white mice in a box")
    page.get_by_label("Repeat password").fill("nine white mice in a box")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator(".notice")).to_contain_text("has been changed")
    second.log_in("frida", password)
    expect(second.page.get_by_role("alert")).to_contain_text("incorrect")
    second.log_in("frida", "nine white mice in a box")
    expect(second.page.get_by_role("button", name="Log out")).to_be_visible()


def test_a_key_states_what_it_is_for_and_when_it_ends(tab) -> None:
    page = tab.go("settings/keys")
    page.get_by_label("Purpose").fill("night import")
    expect(page.get_by_label("Scope")).to_have_value("send")
    page.get_by_label("Valid for").select_option("90")
    page.get_by_role("button", name="Create a key").click()
    secret = page.locator(".secret code")
    expect(secret).to_contain_text("osteon_")
    row = page.get_by_role("row", name="night import")
    expect(row).to_contain_text("Send only")
    answer = httpx.get(
        f"{tab.room.url}/api/v1/studies", headers={"Authorization": f"Bearer {secret.text_content()}"}, timeout=60
    )
    assert answer.status_code == 403
    page.get_by_role("button", name="Revoke night import").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(row).to_be_visible()
    page.get_by_role("button", name="Revoke night import").click()
    page.get_by_role("dialog", name="Revoke night import?").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No keys yet.")).to_be_visible()


def test_the_audit_log_is_searched_and_exported(tab, entry: Any) -> None:
    entry.add("gina", "viewer")
    page = tab.go("settings/audit")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    form = page.get_by_role("search", name="Search the audit log")
    form.get_by_label("Action").fill("make account")
    form.get_by_label("Study, account or key").fill("gina")
    form.get_by_label("From").fill("2020-01-31")
    form.get_by_role("button", name="Search").click()
    rows = page.locator(".table-place tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("make account")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert [(one["action"], one["subject"]) for one in table] == [("make account", "gina")]
    form.get_by_label("To", exact=True).fill("2020-02-01")
    form.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No entry matches this search.")).to_be_visible()


def test_storage_says_what_is_kept_for_how_long(tabs, enter, films: Path) -> None:
    entry = enter("--set", "study_days=30")
    entry.send(("strong.jpg", (films / "strong.jpg").read_bytes()))
    page = tabs(within=entry).go("settings/storage")
    expect(page.get_by_text("free", exact=False).first).to_be_visible()
    expect(page.locator(".facts-list").first).to_contain_text("Studies1")
    expect(page.locator(".facts-list").last).to_contain_text("30 days")


def test_settings_fit_a_phone(tabs, shoot: Callable[[Page, str], None]) -> None:
    tab = tabs(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for name in ("account", "people", "keys", "audit", "storage", "monitoring"):
        page = tab.go(f"settings/{name}")
        page.reload()  # as it is where it is opened first
        tab.settle()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
        heights = page.locator(".table-place tbody th, .table-place td").evaluate_all(
            "cells => cells.map(cell => cell.getBoundingClientRect().height)"
        )
        assert max(heights, default=0) < 100, name
        if name == "audit":
            entries = page.locator(".table-place tbody th").evaluate_all("all => all.map(one => one.clientHeight)")
            assert max(entries) < 30
        shoot(page, f"phone-{name}")


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
    expect(page.locator("main.worklist")).to_be_visible()
    expect(page.locator(f"[data-study='{study}']")).to_have_count(0)


def test_the_card_and_the_report_are_at_hand(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "strong.jpg")
    tab.open("strong.jpg")
    page.get_by_text("Network", exact=True).click()
    expect(page.get_by_text("anybody's bones")).to_be_visible()
    page.get_by_role("button", name="Open the model card").click()
    card = page.get_by_role("dialog", name="Model card of blobs@1.0.0")
    expect(card.get_by_role("heading").nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_text("Downloads", exact=True).click()
    # The study is no DICOM: nothing is offered that is made of DICOM files alone.
    offered = {form.name for form in FORMATS if Need.DICOM not in form.needs}
    expect(page.locator(".downloads a").nth(len(offered))).to_be_visible()
    links = page.locator(".downloads a").evaluate_all("links => links.map(link => link.href)")
    named = {link.partition("/outputs/")[2].partition("?")[0] for link in links if "/outputs/" in link}
    assert named == offered
    for link in links:
        answer = page.request.get(link)
        assert answer.ok, (link, answer.status)
        nothing_drawn = "/annotations?format=json" in link and answer.json() == []
        assert nothing_drawn or len(answer.body()) > 40, link


def test_a_dicom_study_is_offered_as_dicom_objects_too(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "front.dcm", films / "side.dcm")
    tab.open("front.dcm")
    page.get_by_text("Downloads", exact=True).click()
    for form in FORMATS:
        if Need.DICOM in form.needs:
            link = page.get_by_role("link", name=form.label, exact=True)
            expect(link).to_be_visible()
            answer = page.request.get(link.evaluate("link => link.href"))
            assert (answer.status, answer.body()[128:132]) == (200, b"DICM"), form.name
