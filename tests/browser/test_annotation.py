"""Two readers and an adjudicator annotate simulated spines in the page, one of the readers by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import PATIENCE, Enter, Entry, Tab
from tests.browser.test_accessible import AXE, faults

pytestmark = pytest.mark.browser

NAME = "Spines"
SIZE = 400
STANDS = 900
"""Milliseconds in which the next study stands: three times what is promised, for machines that do other work too."""


@dataclass(frozen=True)
class Spines:
    """A room with a project of studies, and the passwords of those who work in it.

    Attributes:
        entry: of the administrator, who leads the project.
        passwords: by name.
    """

    entry: Entry
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def spines(enter: Enter, tmp_path_factory: pytest.TempPathFactory) -> Spines:
    """Two simulated spine studies of two views."""
    from osteon.phantom.layouts.write import write

    folder = write("spine", "spinexr", 2, 5, tmp_path_factory.mktemp("spines") / "data", size=SIZE)
    entry = enter()
    answer = entry.send(*((path.name, path.read_bytes()) for path in sorted(folder.rglob("*.dicom"))))
    assert answer.status_code in (200, 201), answer.text
    return Spines(entry, {name: entry.add(name, "annotator") for name in ("ana", "ben", "cleo")})


@pytest.fixture
def visit(browser: Browser, spines: Spines) -> Iterator[Callable[..., Tab]]:
    """Opens a tab in which somebody logs in; none may have met a fault when the test ends."""
    contexts, opened = [], []

    def open_tab(name: str = "", where: str = "annotate", **options: object) -> Tab:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})  # pyright: ignore[reportArgumentType]
        contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        entry = spines.entry
        if not name:
            context.add_cookies([{"name": entry.name, "value": entry.value, "url": entry.room.url}])
        tab = Tab(context.new_page(), entry.room)
        opened.append(tab)
        tab.go(where)
        if name:
            tab.log_in(name, spines.passwords[name])
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert [fault for tab in opened for fault in tab.faults] == []


def begin(visit: Callable[..., Tab], shoot: Callable[[Page, str], None]) -> str:
    """The lead begins a project in the page; returns its identifier."""
    tab = visit()
    page = tab.page
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Label schema").select_option("vindr_spinexr")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    for name, role in (("ana", "annotator"), ("ben", "annotator"), ("cleo", "adjudicator")):
        page.get_by_label("User name").fill(name)
        page.get_by_label("Role", exact=True).select_option(role)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    page.get_by_role("button", name="Add studies").click()
    expect(page.get_by_text("2 studies added")).to_be_visible()
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("4 assigned.")).to_be_visible()
    tab.settle()
    shoot(page, "annotation-lead")
    return page.url.rpartition("/")[2]


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    expect(page.locator("[data-save=saved]")).to_be_visible()


def drag(tab: Tab, index: int, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over an image, by places from its middle in tenths of the shorter edge of its frame."""
    box = tab.film(index).bounding_box()
    assert box is not None
    unit = min(box["width"], box["height"]) / 10
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    place = [(middle[0] + x * unit, middle[1] + y * unit) for x, y in (start, end)]
    tab.page.mouse.move(*place[0])
    tab.page.mouse.down()
    tab.page.mouse.move(*place[1], steps=3)
    tab.page.mouse.up()


def regions(page: Page, count: int) -> None:
    """The study has so many regions."""
    expect(page.locator("ul.regions > li")).to_have_count(count)


def by_mouse(tab: Tab, *, offline: bool, shoot: Callable[[Page, str], None]) -> None:
    """A box on each image; where the connection breaks meanwhile, the tab is loaded anew before all can be sent."""
    page = tab.page
    page.get_by_role("button", name="Osteophytes", exact=False).first.click()
    drag(tab, 0, (-1, -1), (1, 1))
    regions(page, 1)
    expect(page.get_by_role("button", name="Finish")).to_be_disabled()
    if offline:
        saved(page)
        page.context.set_offline(True)
    drag(tab, 1, (0.5, -3), (2.5, -1))
    regions(page, 2)
    if not offline:
        return
    expect(page.locator("[data-save=waiting]")).to_contain_text("kept on this device")
    shoot(page, "annotation-offline")
    page.keyboard.press("Control+z")
    regions(page, 1)
    page.keyboard.press("Control+y")
    regions(page, 2)
    page.context.set_offline(False)
    page.reload()  # whether what was kept is sent before or after this, nothing of it may be lost
    tab.ready()
    saved(page)
    regions(page, 2)


def tab_to(page: Page, text: str) -> None:
    """Move the focus with the Tab key to what has a text."""
    for _ in range(60):
        if page.evaluate(
            "text => document.activeElement?.textContent?.includes(text) ?? false", text
        ) and page.evaluate("() => document.activeElement.matches('a, button')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {text}")


def by_keyboard(tab: Tab) -> None:
    """The same box on the first image, and no finding on the second one; no pointer is used."""
    page = tab.page
    for key in ("o", "Enter", "ArrowRight", "Shift+ArrowDown", "Control+z", "Control+z"):
        page.keyboard.press(key)
    regions(page, 1)
    for key in ("Shift+Z", "Shift+I", "0"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="No finding: Yes")).to_have_attribute("aria-pressed", "true")


STOOD = """() => {
  const before = location.hash, ready = () => document.querySelectorAll("[data-ready=true]").length;
  let since = 0;
  window.stood = new Promise(done => {
    const look = () => {
      if (since === 0 && location.hash !== before) since = performance.now();
      if (since > 0 && ready() === 2) done(performance.now() - since);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def test_two_readers_and_an_adjudicator(
    visit: Callable[..., Tab],
    spines: Spines,
    shoot: Callable[[Page, str], None],
    record_property: Callable[[str, object], None],
) -> None:
    project = begin(visit, shoot)
    ana = visit("ana")
    page = ana.page
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Continue").click()
    ana.ready()
    by_mouse(ana, offline=True, shoot=shoot)
    if AXE.is_file():
        assert faults(page) == []
    for width in (1920, 1440, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        ana.settle()
        shoot(page, f"annotation-bench-{width}")
    page.set_viewport_size({"width": 1440, "height": 900})
    ana.settle()
    page.evaluate(STOOD)
    page.get_by_role("button", name="Finish").click()
    waited = page.evaluate("() => window.stood")
    record_property("next_study_ms", round(waited))
    assert waited <= STANDS
    ana.ready()
    by_mouse(ana, offline=False, shoot=shoot)
    page.set_viewport_size({"width": 390, "height": 844})
    ana.settle()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("() => document.querySelector('main.viewer').scrollWidth") <= 390
    shoot(page, "annotation-phone")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Everything that is assigned to you is done.")).to_be_visible()
    page.context.close()

    ben = visit("ben")
    page = ben.page
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    tab_to(page, NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Continue")).to_be_visible()
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    for _ in range(2):
        ben.ready()
        by_keyboard(ben)
        before = page.url
        page.keyboard.press("Shift+F")
        expect(page).not_to_have_url(before)
    expect(page.get_by_text("Everything that is assigned to you is done.")).to_be_visible()
    page.context.close()

    answer = spines.entry.ask("GET", f"/projects/{project}/agreement", params={"resamples": 100}).json()
    row = next(
        row for row in answer["rows"] if (row["compared"], row["level"], row["variable"]) == ("all", "region", "*")
    )
    # in each of two studies Ana has two boxes and Ben has one, which is one of hers: F1 = 2 · 2 / (4 + 2)
    assert sum(row["counts"].values()) == 6
    assert row["figures"]["f1_50"]["estimate"]["value"] == pytest.approx(2 / 3)

    cleo = visit("cleo")
    page = cleo.page
    page.get_by_role("link", name=NAME).click()
    for number in range(2):
        page.get_by_role("link", name=re.compile(r"Study \d+")).first.click()
        cleo.ready()
        if number == 0:
            shoot(page, "annotation-adjudication")
            if AXE.is_file():
                assert faults(page) == []
        expect(page.get_by_role("button", name="Decide and sign")).to_be_disabled()
        page.get_by_role("button", name=re.compile("As Reader")).click()
        page.get_by_role("button", name="no answer").click()
        page.get_by_role("button", name="Decide and sign").click()
        expect(page.get_by_text("Signed by cleo")).to_be_visible()
        page.get_by_role("link", name="To be decided").click()
    expect(page.get_by_text("None.")).to_be_visible()
    page.context.close()

    lead = visit(where=f"annotate/{project}")
    page = lead.page
    page.get_by_label("Name of the snapshot").fill("first")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    content = page.request.get(page.get_by_role("link", name="Download").evaluate("link => link.href"))
    assert content.ok
    if AXE.is_file():
        assert faults(page) == []
    shoot(page, "annotation-lead-done")
