"""How people annotate in the page: a lead, two readers and an adjudicator, in tabs of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.browser.conftest import PATIENCE, Entry, Tab
from tests.browser.serving import Serving, fetched, serving
from tests.orthanc import orthanc

NAME = "Spines"
SIZE = 400
SCREEN: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
Shoot = Callable[[Page, str], None]
Visit = Callable[..., Tab]
"""Opens a tab, in which somebody logs in where a name is given."""


@dataclass(frozen=True)
class Spines:
    """A room with simulated studies, and the passwords of those who work in it.

    Attributes:
        server: that can be killed.
        entry: of the administrator, who leads the project.
        passwords: by name.
        count: of the studies.
    """

    server: Serving
    entry: Entry
    passwords: dict[str, str]
    count: int


@contextmanager
def filled(folder: Path, bundle: Path, count: int, store: Path | None = None) -> Generator[Spines]:
    """A room with simulated spine studies of two views, which it has fetched from a real Orthanc."""
    from osteon.phantom.layouts.write import write

    images = sorted(write("spine", "spinexr", count, 5, folder / "data", size=SIZE).rglob("*.dicom"))
    with orthanc(folder / "pacs") as pacs, serving(pacs, folder, bundle, store=store) as (server, entry):
        fetched(entry, pacs, images)
        passwords = {name: entry.add(name, "annotator") for name in ("ana", "ben", "cleo")}
        yield Spines(server, entry, passwords, count)


@contextmanager
def visiting(browser: Browser, spines: Spines) -> Generator[Visit]:
    """Opens tabs of whoever is named, or of the administrator; none may have met a fault when the test ends."""
    contexts, opened = [], []

    def open_tab(name: str = "", where: str = "annotate", *, phone: bool = False) -> Tab:
        size = PHONE if phone else SCREEN
        context = browser.new_context(viewport=size, has_touch=phone, is_mobile=phone)
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


def begin(visit: Visit, spines: Spines, shoot: Shoot) -> str:
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
    expect(page.get_by_text(f"{spines.count} studies added")).to_be_visible()
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text(f"{2 * spines.count} assigned.")).to_be_visible()
    tab.settle()
    shoot(page, "annotation-lead")
    project = page.url.rpartition("/")[2]
    page.context.close()
    return project


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


def by_mouse(tab: Tab, *, offline: float | None = None, shoot: Shoot | None = None) -> None:
    """A box on each image; meanwhile the connection breaks for so many seconds, after which the tab is loaded anew."""
    page = tab.page
    page.get_by_role("button", name="Osteophytes", exact=False).first.click()
    drag(tab, 0, (-1, -1), (1, 1))
    regions(page, 1)
    expect(page.get_by_role("button", name="Finish")).to_be_disabled()
    if offline is not None:
        saved(page)
        page.context.set_offline(True)
    drag(tab, 1, (0.5, -3), (2.5, -1))
    regions(page, 2)
    if offline is None:
        return
    expect(page.locator("[data-save=waiting]")).to_contain_text("kept on this device")
    if shoot is not None:
        shoot(page, "annotation-offline")
    page.wait_for_timeout(1000 * offline)
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


def proceed(tab: Tab) -> Page:
    """Go on with the first study of the project that is not finished."""
    tab.page.get_by_role("link", name=NAME).click()
    tab.page.get_by_role("link", name="Continue").click()
    tab.ready()
    return tab.page


def read_by_keyboard(visit: Visit, count: int) -> None:
    """Ben reads all his studies; after the login no pointer is used."""
    tab = visit("ben")
    page = tab.page
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    tab_to(page, NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Continue")).to_be_visible()
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    for _ in range(count):
        tab.ready()
        by_keyboard(tab)
        before = page.url
        page.keyboard.press("Shift+F")
        expect(page).not_to_have_url(before)
    all_done(page)


def all_done(page: Page) -> None:
    """Nothing is left to be read."""
    expect(page.get_by_text("Everything that is assigned to you is done.")).to_be_visible()
    page.context.close()


def f1_of(spines: Spines, project: str) -> float:
    """Agreement on the boxes of all labels at an overlap of 0.5."""
    answer = spines.entry.ask("GET", f"/projects/{project}/agreement", params={"resamples": 100}).json()
    which = ("all", "region", "*")
    row = next(row for row in answer["rows"] if (row["compared"], row["level"], row["variable"]) == which)
    assert sum(row["counts"].values()) == 3 * spines.count
    return row["figures"]["f1_50"]["estimate"]["value"]


def adjudicate(visit: Visit, count: int, look: Callable[[Tab], None] | None = None) -> None:
    """Cleo decides each study for who has marked something, and signs; ``look`` is called in the first."""
    tab = visit("cleo")
    page = tab.page
    page.get_by_role("link", name=NAME).click()
    for number in range(count):
        page.get_by_role("link", name=re.compile(r"Study \d+")).first.click()
        tab.ready()
        expect(page.get_by_role("button", name="Decide and sign")).to_be_disabled()
        page.get_by_role("button", name=re.compile("As Reader")).click()
        if number == 0 and look is not None:
            look(tab)
        page.get_by_role("button", name="no answer").click()
        page.get_by_role("button", name="Decide and sign").click()
        expect(page.get_by_text("Signed by cleo")).to_be_visible()
        page.get_by_role("link", name="To be decided").click()
    expect(page.get_by_text("None.")).to_be_visible()
    page.context.close()


def fits(page: Page, name: str, shoot: Shoot) -> None:
    """Nothing has to be scrolled sideways on a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(200)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("() => document.querySelector('main').scrollWidth") <= 390
    shoot(page, name)
    page.set_viewport_size({"width": 1440, "height": 900})
