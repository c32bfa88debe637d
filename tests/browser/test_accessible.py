"""No serious fault that axe finds, in any view, dark or light."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    const bad = found.violations.filter(one => ["serious", "critical"].includes(one.impact));
    return bad.map(one => [one.id, ...one.nodes.map(node => node.html.slice(0, 140))].join(" | "));
}"""


def faults(page: Page) -> list[str]:
    """What axe finds."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)


@pytest.mark.long
@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm ci in web/")
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_view(tabs, films: Path, theme: str, shoot: Callable[[Page, str], None]) -> None:
    tab = tabs()
    tab.page.add_init_script(f"localStorage.setItem('osteon.theme', '{theme}')")
    page = tab.go()
    tab.allowed.add(422)
    tab.send(films / "front.dcm", films / "side.dcm", films / "clear.png", films / "middling.png", films / "letter.pdf")
    assert page.evaluate("() => document.documentElement.dataset.theme") == theme
    found: dict[str, list[str]] = {"worklist": faults(page)}
    shoot(page, f"worklist-{theme}")
    page.get_by_label("Select all shown").check()
    found["selection"] = faults(page)
    page.get_by_role("region", name="Selected studies").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["question"] = faults(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Clear selection").click()
    tab.open("front.dcm")
    page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    page.get_by_role("button", name="Disagree", exact=True).click()
    tab.settle()
    found["study"] = faults(page)
    shoot(page, f"study-{theme}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Shortcuts").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["help"] = faults(page)
    shoot(page, f"help-{theme}")
    page.keyboard.press("Escape")
    for name in ("look", "account", "people", "keys", "audit", "storage", "monitoring", "about"):
        tab.go(f"settings/{name}")
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        tab.settle()
        found[name] = faults(page)
        shoot(page, f"{name}-{theme}")
    stranger = tabs(room=tab.room)
    stranger.page.add_init_script(f"localStorage.setItem('osteon.theme', '{theme}')")
    door = stranger.go()
    expect(door.get_by_role("heading", name="Log in")).to_be_visible()
    found["log in"] = faults(door)
    assert {view: told for view, told in found.items() if told} == {}
