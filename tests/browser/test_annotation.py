"""Two readers and an adjudicator annotate simulated spines in the page, one of the readers by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.annotating import (
    Shoot,
    Spines,
    Visit,
    adjudicate,
    all_done,
    begin,
    by_mouse,
    drag,
    f1_of,
    filled,
    fits,
    proceed,
    read_by_keyboard,
    regions,
    saved,
    visiting,
)
from tests.browser.annotation_steps import (
    STOOD,
    accessible,
    by_mouse_while_killed,
    closed_while_offline,
    events_of,
    ruled,
)
from tests.browser.conftest import Tab
from tests.browser.fingers import Fingers

pytestmark = [pytest.mark.browser, pytest.mark.pacs]

STUDIES = 3
STANDS = 900
"""Milliseconds in which the next study stands: three times what is promised, for machines that do other work too."""

OWN_SCHEMA = """\
name: hardware
title: Hardware of the spine
labels:
  - {id: none, name: No hardware, scope: image, hotkey: n}
  - {id: screw, name: Pedicle screw, scope: region, kinds: [polygon, box], hotkey: p}
rules:
  - {kind: some_of, labels: [none, screw]}
"""


@pytest.fixture(scope="module")
def spines(shown_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spines]:
    """Three studies from a real Orthanc."""
    with filled(tmp_path_factory.mktemp("spines"), shown_bundle, STUDIES) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, spines: Spines) -> Iterator[Visit]:
    """Opens tabs."""
    with visiting(browser, spines) as open_tab:
        yield open_tab


@pytest.mark.long
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
    by_mouse_while_killed(ana, spines)
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("ul.regions > li")).to_have_count(0)
    ana.ready()
    by_mouse(ana)
    saved(page)
    ana = closed_while_offline(ana)
    page = proceed(ana)
    regions(page, 2)
    assert [event["kind"] for event in events_of(ana)] == ["region"] * 3
    fits(page, "annotation-phone", shoot)
    page.get_by_role("button", name="Finish").click()
    all_done(page)
    read_by_keyboard(visit, STUDIES)
    # in each study Ana has two boxes and Ben has one, which is one of hers: F1 = 2 · 2 / (4 + 2)
    assert f1_of(spines, project) == pytest.approx(2 / 3)

    def look(tab: Tab) -> None:
        ruled(tab)
        shoot(tab.page, "annotation-adjudication")
        accessible(tab.page)
        fits(tab.page, "annotation-adjudication-phone", shoot)

    adjudicate(visit, STUDIES, look)
    signed = [
        spines.entry.ask("GET", f"/projects/{project}/items/{one['id']}").json()["consensus"]
        for one in spines.entry.ask("GET", f"/projects/{project}/items").json()["items"]
    ]
    assert sorted(sorted(region["label"] for region in one["regions"]) for one in signed) == [
        ["fracture", "osteophytes"],
        *[["osteophytes"] * 2] * (STUDIES - 1),
    ]
    page = visit(where=f"annotate/{project}").page
    page.get_by_label("Name of the snapshot").fill("first")
    page.get_by_role("button", name="Take a snapshot").click()
    link = page.get_by_role("link", name="Download")
    assert page.request.get(link.evaluate("link => link.href")).ok
    expect(page.get_by_role("link", name="Report of agreement")).to_be_visible()
    accessible(page)
    shoot(page, "annotation-lead-done")
    fits(page, "annotation-lead-phone", shoot)


def test_a_lead_screens_assigns_and_brings_a_schema(visit: Visit, spines: Spines, shoot: Shoot, tmp_path: Path) -> None:
    tab = visit()
    page = tab.page
    file = tmp_path / "own.yaml"
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name", exact=True).fill("Hardware")
    page.get_by_label("Label schema").select_option("A file of your own …")
    for text, told in (
        ("labels: [", "not valid YAML"),
        (OWN_SCHEMA.replace("scope: region", "scope: bone").replace("[none, screw]", "[none, nail]"), "Line 5"),
        (OWN_SCHEMA, "Hardware of the spine: 2 labels"),
    ):
        file.write_text(text)
        with page.expect_file_chooser() as chooser:
            page.get_by_label("File of the label schema").click()
        chooser.value.set_files(file)
        expect(page.get_by_role("dialog")).to_contain_text(told)
    shoot(page, "annotation-schema")
    accessible(page)
    page.get_by_label("Body part").select_option("wrist")
    page.get_by_label("Readers for each study").select_option("1")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Hardware", exact=True)).to_be_visible()
    project = page.url.rpartition("/")[2]
    for name in ("ana", "ben"):
        spines.entry.ask("PUT", f"/projects/{project}/members/{name}", json={"role": "annotator"})
    page.reload()
    page.get_by_role("button", name="Add studies").click()
    studies = page.get_by_role("region", name="Studies", exact=True).last
    expect(studies.get_by_role("row")).to_have_count(1 + STUDIES)
    expect(page.get_by_text("Something speaks against 3 studies")).to_be_visible()
    for row in studies.get_by_role("row").all()[1:]:
        expect(row).to_contain_text("body part spine is none of the project's (wrist)")
        row.get_by_role("button", name="Keep").click()
    expect(studies.locator(".suspicions")).to_have_count(0)
    page.get_by_role("button", name="Assign").click()
    expect(studies.get_by_text("0 of 1 finished")).to_have_count(STUDIES)
    first, second = (studies.get_by_role("row").nth(place) for place in (1, 2))
    first.get_by_role("button", name="Screen out").click()
    page.get_by_role("dialog").get_by_label("Reason").select_option("image quality too low")
    page.get_by_role("dialog").get_by_role("button", name="Screen out").click()
    expect(first).to_contain_text("Screened out: image quality too low")
    expect(page.get_by_text("1 more screened out")).to_be_visible()
    second.get_by_role("button", name="Readers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Give it to them").click()
    expect(dialog.get_by_text("Every annotator of the project has this study")).to_be_visible()
    expect(dialog.locator("img")).to_have_count(2)
    dialog.get_by_role("button", name="Withdraw").last.click()
    expect(dialog.get_by_text("Withdrawn")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(second).to_contain_text("0 of 1 finished")
    tab.settle()
    shoot(page, "annotation-screening")
    accessible(page)
    first.get_by_role("button", name="Include again").click()
    expect(first).to_contain_text("Included")
    studies_part = page.get_by_role("region", name="Studies", exact=True).first
    studies_part.get_by_label("Readers for each study").select_option("2")
    page.get_by_role("button", name="Assign").click()
    expect(studies.get_by_text("0 of 2 finished")).to_have_count(STUDIES - 1)
    fits(page, "annotation-screening-phone", shoot)


def test_proposals_and_outlines(visit: Visit, spines: Spines, films: Path) -> None:
    entry = spines.entry
    sent = entry.send(*((name, (films / name).read_bytes()) for name in ("front.dcm", "side.dcm"))).json()
    about = {"name": "Proposed", "schema_name": "fractuvision", "readers_per_study": 1, "arm": "with_model"}
    project = entry.ask("POST", "/projects", json=about).json()["id"]
    entry.ask("PUT", f"/projects/{project}/members/ana", json={"role": "annotator"})
    entry.ask("POST", f"/projects/{project}/items", json={"studies": [sent["studies"][0]["id"]]})
    entry.ask("POST", f"/projects/{project}/assignments", json={})
    tab = visit("ana")
    page = tab.page
    page.get_by_role("link", name="Proposed").click()
    page.get_by_role("link", name="Continue").click()
    tab.ready()

    def kept() -> dict[str, Any]:
        saved(page)
        return page.request.get(f"{tab.room.url}/api/v1/assignments/{page.url.rpartition('/')[2]}").json()

    offered = kept()["proposals"]
    assert len(offered) >= 2
    for keys, provenance in ((("Shift+A",), "accepted"), (("ArrowRight", "Control+ArrowDown"), "edited")):
        for key in keys:
            page.keyboard.press(key)
        assert [region["provenance"] for region in kept()["regions"]] == [f"proposed-{provenance}"]
    (before,) = [one for one in offered if one["number"] == kept()["regions"][0]["proposal"]]
    (x0, y0), (x1, y1) = before["points"]
    moved = [[x0 + 1, y0], [x1 + 1, y1 + 1]]
    assert [pytest.approx(point, abs=0.02) for point in moved] == kept()["regions"][0]["points"]
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert [region["provenance"] for region in kept()["regions"]] == ["proposed-accepted"]
    page.keyboard.press("Shift+X")
    assert len(kept()["rejected"]) == 1
    page.get_by_role("button", name="Hardware: Polygon").click()
    box = tab.film(1).bounding_box()
    assert box is not None
    for x, y in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    outline = kept()["regions"][-1]
    assert (outline["kind"], outline["label"], len(outline["points"])) == ("polygon", "hardware_region", 4)
    for key in (".", "Shift+P", "Delete", "Delete"):
        page.keyboard.press(key)
    regions(page, 1)
    for key, start, end, told in (
        ("Shift+L", (-2, 2), (1, 2), " mm"),
        ("Shift+G", (-2, -2), (1, -2), None),
    ):
        page.keyboard.press(key)
        drag(tab, 0, start, end)
        if told is not None:
            expect(page.locator(".measures .number")).to_contain_text(told)
            expect(page.get_by_text("not part of the annotation")).to_be_visible()
    page.keyboard.press("Escape")
    for action, corner in (
        ("Invert", "inverted"),
        ("Rotate right", "rotated 90"),
        ("Actual pixels (1:1)", "zoom 100 %"),
    ):
        page.get_by_role("button", name=action).click()
        expect(page.locator(".pane.active .pane-corner")).to_contain_text(corner)
    page.get_by_role("button", name="Reset").click()
    page.keyboard.press("Shift+M")
    expect(page.locator(".measures")).to_have_count(0)
    regions(page, 1)
    page.keyboard.press("Shift+N")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Fracture in the study: Yes"
    page.get_by_role("button", name="Ask the lead").click()
    page.get_by_label("Question to the lead").fill("Is this the left arm?")
    page.get_by_role("dialog").get_by_role("button", name="Ask the lead").click()
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_label("Why can it not be read?").fill("shows another body part")
    page.get_by_role("dialog").get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("Skipped")).to_be_visible()
    (question,) = entry.ask("GET", f"/projects/{project}/questions").json()
    assert question["text"] == "Is this the left arm?"


def test_by_touch_on_a_phone(visit: Visit, spines: Spines, shoot: Shoot) -> None:
    entry = spines.entry
    about = {"name": "By touch", "schema_name": "fractuvision", "readers_per_study": 1}
    project = entry.ask("POST", "/projects", json=about).json()["id"]
    entry.ask("PUT", f"/projects/{project}/members/ben", json={"role": "annotator"})
    entry.ask("POST", f"/projects/{project}/items", json={"body_part": ["spine"]})
    entry.ask("POST", f"/projects/{project}/assignments", json={})
    tab = visit("ben", phone=True)
    page = tab.page
    page.get_by_role("link", name="By touch").click()
    page.get_by_role("link", name="Continue").click()
    tab.ready()

    def last() -> list[list[float]]:
        tab.settle()
        saved(page)
        task = page.request.get(f"{tab.room.url}/api/v1/assignments/{page.url.rpartition('/')[2]}").json()
        return task["regions"][-1]["points"]

    def shown() -> Fingers:
        tab.film(0).scroll_into_view_if_needed()
        return Fingers(tab, 0)

    page.locator("[data-label=fracture] button").click()
    shown().drag((0.3, 0.3), (0.6, 0.6))
    regions(page, 1)
    drawn = last()
    shown().drag((0.6, 0.6), (0.7, 0.7))  # a corner
    larger = last()
    assert larger[0] == drawn[0]
    assert all(after > before for before, after in zip(drawn[1], larger[1], strict=True))
    shown().drag((0.3, 0.45), (0.25, 0.45))  # the outline
    moved = last()
    assert moved[0][0] < larger[0][0]
    assert moved[1][0] - moved[0][0] == pytest.approx(larger[1][0] - larger[0][0], abs=0.02)
    page.get_by_role("button", name="Hardware: Polygon").click()
    for place in ((0.4, 0.1), (0.6, 0.1), (0.6, 0.2)):
        shown().tap(*place)
    shoot(page, "annotation-touch")
    zoom = page.locator(".pane.active .pane-corner").inner_text()
    shown().spread()  # two fingers zoom, and what is drawn stays
    expect(page.locator(".pane.active .pane-corner")).not_to_have_text(zoom)
    page.get_by_role("button", name="Take back a point").click()
    page.get_by_role("button", name="Fit", exact=True).click()
    for place in ((0.6, 0.25), (0.4, 0.25), (0.41, 0.11)):  # the last one ends it where it began
        shown().tap(*place)
    regions(page, 2)
    assert len(last()) == 4
    before = last()
    shown().drag((0.4, 0.1), (0.35, 0.1))
    after = last()
    assert [one for one in range(4) if before[one] != after[one]] == [0]
    page.get_by_role("button", name=re.compile("^Point")).click()
    page.get_by_role("button", name="Add point").click()
    assert len(last()) == 5
    page.get_by_role("button", name="Remove point").click()
    assert len(last()) == 4
    accessible(page)
    fits(page, "annotation-touch-panel", shoot)
