"""Films come in: many at once, studies of several views, broken ones explained, every tab live."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

DROP = """([name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector("main").dispatchEvent(event);
    }
}"""


def test_a_dicom_study_of_two_views_is_one_study(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "side.dcm", films / "front.dcm")
    row = page.locator("tr.study", has_text="2 views").filter(has_text="34 y")  # the server is shared with other tests
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Hand", ignore_case=True)
    expect(row.locator(".patient")).to_contain_text("P-")
    assert "Secret" not in page.content()
    assert "S3CR3T" not in page.content()
    tab.open("front.dcm")
    expect(page.locator(".pane-name")).to_have_text(["Image 1, frontal", "Image 2, lateral"])


def test_files_that_are_no_films_are_explained(tab, films: Path, shoot: Callable[[Page, str], None]) -> None:
    page = tab.go()
    tab.allowed.add(422)
    tab.send(films / "broken.jpg", films / "letter.pdf", films / "clear.png")
    broken, letter = (page.locator(".upload.failed", has_text=name) for name in ("broken.jpg", "letter.pdf"))
    expect(broken).to_contain_text("truncated")
    expect(letter).to_contain_text("PDF")
    expect(page.locator(".upload.done", has_text="clear.png")).to_contain_text("No fracture")
    expect(page.locator(".tray")).to_contain_text("1 of 3 files read, 2 failed")
    expect(page.locator("[data-spoken]")).not_to_be_empty()
    shoot(page, "explained")


def test_a_folder_is_taken(tab, films: Path, tmp_path: Path) -> None:
    page = tab.go()
    folder = tmp_path / "films"
    folder.mkdir()
    shutil.copy(films / "strong.jpg", folder / "a.jpg")
    shutil.copy(films / "middling.png", folder / "b.png")
    page.locator("input[data-source=folder]").set_input_files(folder)
    expect(page.locator(".upload.done")).to_have_count(2)
    expect(page.locator(".upload", has_text="b.png")).to_contain_text("Doubt")


def test_another_tab_sees_it_at_once(tabs, films: Path) -> None:
    first = tabs()
    second = tabs(beside=first)
    first.go()
    page = second.go()
    expect(page.locator(".connection.on")).to_be_visible()
    expect(page.locator("main.worklist")).to_be_visible()
    before = page.locator("tr.study").count()
    first.send(films / "other.jpg")
    expect(page.locator("tr.study")).to_have_count(before + 1)
    expect(page.locator("[data-spoken]")).to_contain_text("Fracture")


def test_pictures_can_be_views_of_one_study(tab, blobs, tmp_path: Path) -> None:
    page = tab.go()
    one = blobs.save(blobs.film(0.97, at=(0.2, 0.5)), tmp_path / "one.png")
    two = blobs.save(blobs.film(0.6, at=(0.8, 0.5)), tmp_path / "two.png")
    page.get_by_label("These images are views of one study").check()
    tab.send(one, two)
    links = page.locator(".upload").get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert len(set(links)) == 1


def test_the_worklist_is_filtered_and_searched(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "clear.png", films / "strong.jpg", films / "front.dcm")
    expect(page.locator("tr.study").first).to_contain_text("Fracture")
    page.get_by_label("Call", exact=True).select_option("no fracture")
    expect(page.locator("tr.study")).to_have_count(1)
    expect(page.locator("tr.study")).to_contain_text("No fracture")
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Search").fill("hand")
    expect(page.locator("tr.study").filter(has_not_text="hand")).to_have_count(0)
    expect(page.locator("tr.study").filter(has_text="hand").first).to_be_visible()
    page.get_by_label("Search").fill("nothing of this name")
    expect(page.get_by_text("No study matches these filters")).to_be_visible()


def test_dicom_without_a_suffix_and_folders_can_always_be_chosen(tab, films: Path, tmp_path: Path) -> None:
    page = tab.go()
    bare = tmp_path / "IM000001"
    shutil.copy(films / "front.dcm", bare)
    assert page.locator("input[data-source=files]").get_attribute("accept") is None
    tab.send(bare)
    expect(page.locator(".upload.done", has_text="IM000001")).to_be_visible()
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()


def test_what_systems_leave_in_folders_is_not_sent(tab, films: Path, tmp_path: Path) -> None:
    page = tab.go()
    folder = tmp_path / "stick"
    folder.mkdir()
    shutil.copy(films / "third.jpg", folder / "third.jpg")
    for name in (".DS_Store", "Thumbs.db", "DICOMDIR"):
        (folder / name).write_bytes(b"nothing")
    page.locator("input[data-source=folder]").set_input_files(folder)
    expect(page.locator(".upload.done")).to_have_count(1)
    expect(page.locator(".upload")).to_have_count(1)


def test_nothing_is_lost_while_the_server_does_not_answer(tab, films: Path) -> None:
    page = tab.go()
    tab.send(films / "clear.png")
    page.context.set_offline(True)
    page.locator("input[data-source=files]").set_input_files([str(films / "middling.png"), str(films / "other.jpg")])
    expect(page.locator(".upload.failed")).to_have_count(2)
    expect(page.locator(".upload.failed").first).to_contain_text("The server does not respond")
    page.get_by_label("Call", exact=True).select_option("doubt")
    alert = page.locator("main .alert")
    expect(alert).to_contain_text("The server does not respond")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator(".notice.error")).to_contain_text("The server does not respond")
    page.context.set_offline(False)
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    page.get_by_role("button", name="Try again: middling.png").click()
    expect(page.locator(".upload.done", has_text="middling.png")).to_contain_text("Doubt")
    page.get_by_role("button", name="Try again: other.jpg").click()
    expect(page.locator(".upload.done", has_text="other.jpg")).to_contain_text("Fracture")


def test_a_viewer_who_drops_a_file_is_told_and_stays(tabs, entry, films: Path) -> None:
    tab = tabs(room=entry.room)
    page = tab.go()
    tab.log_in("vito", entry.add("vito", "viewer"))
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    film = films / "strong.jpg"
    page.evaluate(DROP, [film.name, "image/jpeg", base64.b64encode(film.read_bytes()).decode()])
    expect(page.locator(".notice")).to_contain_text("but not send")
    expect(page.locator(".upload")).to_have_count(0)
