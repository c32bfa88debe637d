"""Two readers and an adjudicator annotate simulated spines in the page, one of the readers by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.annotating import (
    Shoot,
    Spines,
    Visit,
    adjudicate,
    all_done,
    begin,
    by_mouse,
    f1_of,
    filled,
    proceed,
    read_by_keyboard,
    visiting,
)
from tests.browser.conftest import Enter
from tests.browser.test_accessible import AXE, faults

pytestmark = pytest.mark.browser

STANDS = 900
"""Milliseconds in which the next study stands: three times what is promised, for machines that do other work too."""


@pytest.fixture(scope="module")
def spines(enter: Enter, tmp_path_factory: pytest.TempPathFactory) -> Spines:
    """Two studies."""
    return filled(enter, tmp_path_factory.mktemp("spines"), 2)


@pytest.fixture
def visit(browser: Browser, spines: Spines) -> Iterator[Visit]:
    """Opens tabs."""
    with visiting(browser, spines) as open_tab:
        yield open_tab


def accessible(page: Page) -> None:
    """No serious fault that axe finds, where there is axe."""
    if AXE.is_file():
        assert faults(page) == []


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
    visit: Visit, spines: Spines, shoot: Shoot, record_property: Callable[[str, object], None]
) -> None:
    project = begin(visit, spines, shoot)
    ana = visit("ana")
    page = proceed(ana)
    by_mouse(ana, offline=0.5, shoot=shoot)
    accessible(page)
    for width in (1920, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        ana.settle()
        shoot(page, f"annotation-bench-{width}")
    page.evaluate(STOOD)
    page.get_by_role("button", name="Finish").click()
    waited = page.evaluate("() => window.stood")
    record_property("next_study_ms", round(waited))
    assert waited <= STANDS
    ana.ready()
    by_mouse(ana)
    page.set_viewport_size({"width": 390, "height": 844})
    ana.settle()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("() => document.querySelector('main.viewer').scrollWidth") <= 390
    shoot(page, "annotation-phone")
    page.get_by_role("button", name="Finish").click()
    all_done(page)
    read_by_keyboard(visit, 2)
    # in each study Ana has two boxes and Ben has one, which is one of hers: F1 = 2 · 2 / (4 + 2)
    assert f1_of(spines, project) == pytest.approx(2 / 3)

    def look(page: Page) -> None:
        shoot(page, "annotation-adjudication")
        accessible(page)

    adjudicate(visit, 2, look)
    page = visit(where=f"annotate/{project}").page
    page.get_by_label("Name of the snapshot").fill("first")
    page.get_by_role("button", name="Take a snapshot").click()
    link = page.get_by_role("link", name="Download")
    assert page.request.get(link.evaluate("link => link.href")).ok
    expect(page.get_by_role("link", name="Report of agreement")).to_be_visible()
    accessible(page)
    shoot(page, "annotation-lead-done")
