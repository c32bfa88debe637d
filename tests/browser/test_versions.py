"""Administrators see which version of the network reads, and what each rests on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("playwright.sync_api", reason="needs playwright")

from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Enter
from tests.bundle.promotion.comparisons import comparison_of, planned

from osteon.bundle.archive import open_bundle, write_bundle
from osteon.bundle.promotion.plan import PLAN
from osteon.clinic.store.database import open_database
from osteon.clinic.store.registry import promotion, registry
from osteon.clinic.store.registry.kept import keep_bundle, keep_evidence
from osteon.clinic.store.registry.registry import Decision


def test_versions_say_what_they_rest_on(
    enter: Enter,
    browser: Browser,
    shown_bundle: Path,
    blobs: ModuleType,
    tmp_path: Path,
    shoot: Callable[[Page, str], None],
) -> None:
    store = tmp_path / "store"
    entry = enter("--store", str(store))
    live = open_bundle(shown_bundle)
    manifest = live.manifest.model_copy(update={"version": "2.0.0"})
    write_bundle(tmp_path / "new.osteon", manifest, {**live.parts, PLAN: planned(live).content()})
    candidate = keep_bundle(store, tmp_path / "new.osteon")
    report = tmp_path / "comparison.json"
    report.write_text(comparison_of(live, candidate).model_copy(update={"same_task": False}).model_dump_json())
    evidence = keep_evidence(store, report)
    other = keep_bundle(store, blobs.make(tmp_path / "other.osteon", live.manifest.model_copy(update={"version": "3"})))
    database = open_database(f"sqlite:///{store / 'osteon.db'}")
    with database.session() as session:
        row = registry.register(session, candidate, Decision("ann", "the readings of autumn", evidence, report.name))
        checks = promotion.checks_of(session, store, row, candidate, live)
        promotion.promote(session, row, Decision("ann", "as planned"), checks, "boxes are not used here")
        registry.register(session, other, Decision("bob", "to look at"))
    database.close()

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": entry.name, "value": entry.value, "url": entry.room.url}])
    page = context.new_page()
    page.goto(f"{entry.room.url}/#/settings/monitoring")
    table = page.locator(".table-place")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table).to_contain_text("boxes are not used here")
    shoot(page, "versions")
    with context.expect_page() as opened:
        table.get_by_role("link").click()
    shown = opened.value
    expect(shown.get_by_role("heading", level=1)).to_contain_text(candidate.manifest.identity)
    shoot(shown, "comparison")
    context.close()
