"""Who saw what: everything that shows something of a patient leaves an entry, and nothing floods the log."""

from __future__ import annotations

import time
from typing import Any

import httpx
import numpy as np
import pytest

from osteon.clinic.role import Role
from osteon.clinic.server.api import routes
from osteon.clinic.server.audit import recorder as recording
from osteon.clinic.server.audit.recorder import Recorder
from osteon.clinic.server.audit.viewing import ACTIONS, EXEMPT, action
from osteon.clinic.store.audit.audit import Entry
from osteon.outputs import FORMATS
from osteon.outputs.format import Need


@pytest.fixture(scope="module")
def study(room: Any, picture: Any) -> str:
    client = room.with_key(Role.READER)
    answer = client.post("/studies", files={"files": ("a.png", picture(1, 512, 512))})
    assert answer.status_code == 200, answer.text
    return answer.json()["studies"][0]["id"]


@pytest.fixture(scope="module")
def dicom_study(room: Any, dicom: Any) -> str:
    film = np.random.default_rng(1).integers(0, 4096, (512, 512))
    answer = room.with_key(Role.READER).post("/studies", files={"files": ("a.dcm", dicom(film, PatientID="1"))})
    assert answer.status_code == 200, answer.text
    return answer.json()["studies"][0]["id"]


def entries(room: Any, person: str) -> list[tuple[str, str, str]]:
    """What a person did, the first first."""
    found = room.with_key(Role.ADMINISTRATOR).get("/audit", params={"person": person, "limit": 1000}).json()["items"]
    return [(one["action"], one["subject"], one["detail"]) for one in reversed(found)]


SHOWS = {
    "": ("see study", ""),
    "/images/0/pixels": ("see images", ""),
    "/images/0/thumbnail": ("see thumbnails", ""),
    "/images/0/heat": ("see images", ""),
    "/images/0/heat.png": ("see images", ""),
    "/overlay.png": ("fetch overlay (png)", ""),
    "/report.html": ("fetch report (html)", ""),
    "/report.pdf": ("fetch report (pdf)", ""),
    "/files/0": ("fetch original", "/0"),
    "/opinions": ("see opinions", ""),
    "/marks": ("see marks", ""),
    "/annotations": ("fetch annotations", ""),
    "/images/0/overlay.png": ("fetch overlay (png)", "/0"),
    "/images/0/outputs/overlay": ("fetch output (overlay)", "/0"),
    **{f"/outputs/{one.name}": (f"fetch output ({one.name})", "") for one in FORMATS},
}


@pytest.mark.parametrize("path", SHOWS)
def test_each_view_leaves_an_entry(room: Any, study: str, dicom_study: str, path: str) -> None:
    needs_dicom = any(path == f"/outputs/{one.name}" and Need.DICOM in one.needs for one in FORMATS)
    study = dicom_study if needs_dicom else study
    name = f"Viewer of {path.replace('/', ' ').strip() or 'all'}"
    client = room.login(name, Role.READER)
    answer = client.get(f"/studies/{study}{path}")
    assert answer.status_code in {200, 404}, answer.text
    told, place = SHOWS[path]
    expected = [(told, study + place, "")] if answer.status_code == 200 else []
    assert expected or "heat" in path or path == "/outputs/kos"  # neither without maps, nor without a finding
    assert entries(room, name) == expected


def test_what_a_browser_has_already_is_looked_at_again(room: Any, study: str) -> None:
    client = room.login("Tagger", Role.READER)
    with_tag = client.get(f"/studies/{study}/images/0/pixels").headers["etag"]
    other = room.login("Tagged", Role.READER)
    answer = other.get(f"/studies/{study}/images/0/pixels", headers={"If-None-Match": with_tag})
    assert answer.status_code == 304
    assert entries(room, "Tagged") == [("see images", study, "")]


def test_a_list_names_its_studies_once(room: Any, study: str, picture: Any) -> None:
    client = room.login("Lister", Role.READER)
    before = [one["id"] for one in client.get("/studies").json()["items"]]
    for _ in range(20):
        client.get("/studies")
    new = client.post("/studies", files={"files": ("b.png", picture(700))}).json()["studies"][0]["id"]
    client.get("/studies", params={"q": new})
    client.get("/studies")
    found = [one for one in entries(room, "Lister") if one[0] == "list studies"]
    assert set(found[0][2].split() or [found[0][1]]) == set(before)
    assert study in before
    assert found[1:] == [("list studies", new, "")]


def test_nothing_that_was_not_shown_is_in_the_log(room: Any) -> None:
    client = room.login("Prober", Role.READER)
    for path in ("/studies/none", "/studies/none/images/0/pixels", "/studies/none/report.pdf", "/jobs/none"):
        assert client.get(path).status_code == 404
    assert entries(room, "Prober") == []


def test_looking_again_and_again_does_not_flood(room: Any, study: str) -> None:
    client = room.login("Starer", Role.READER)
    for _ in range(30):
        client.get(f"/studies/{study}")
        client.get(f"/studies/{study}/images/0/pixels")
    assert entries(room, "Starer") == [("see study", study, ""), ("see images", study, "")]
    for _ in range(3):
        client.get(f"/studies/{study}/report.pdf")
    assert entries(room, "Starer")[2:] == [("fetch report (pdf)", study, "")] * 3, "each copy counts"


def test_the_images_of_a_study_are_one_entry(room: Any, picture: Any) -> None:
    """Pixels and heat maps of all images together; another study, another person and thumbnails have entries of their own."""
    sender = room.with_key(Role.READER)
    files = [("files", (f"{seed}.png", picture(800 + seed, 512, 512))) for seed in range(3)]
    first = sender.post("/studies", files=files, data={"together": "true"}).json()["studies"][0]
    second = sender.post("/studies", files={"files": ("d.png", picture(810, 512, 512))}).json()["studies"][0]
    assert len(first["images"]) == 3
    for name in ("Anna", "Berta"):
        client = room.login(name, Role.READER)
        for image in (2, 0, 1, 2):
            for view in ("pixels", "heat", "thumbnail"):
                client.get(f"/studies/{first['id']}/images/{image}/{view}")
        client.get(f"/studies/{second['id']}/images/0/pixels")
        assert entries(room, name) == [
            ("see images", first["id"], ""),
            ("see thumbnails", first["id"], ""),
            ("see images", second["id"], ""),
        ]


def test_a_list_stands_for_the_thumbnails_that_it_shows(room: Any, study: str) -> None:
    """The page asks for the first image of each study; one that was not listed, and further images, leave an entry."""
    client = room.login("Browser", Role.READER)
    client.get("/studies")
    listed = [one["id"] for one in client.get("/studies").json()["items"]]
    assert study in listed
    for one in listed:
        assert client.get(f"/studies/{one}/images/0/thumbnail").status_code == 200
    assert [told for told, _, _ in entries(room, "Browser")] == ["list studies"]
    several = next(one for one in client.get("/studies").json()["items"] if one["view_count"] == 3)["id"]
    assert client.get(f"/studies/{several}/images/1/thumbnail").status_code == 200
    assert client.get(f"/studies/{study}/images/0/pixels").status_code == 200
    assert entries(room, "Browser")[1:] == [("see thumbnails", several, ""), ("see images", study, "")]
    other = room.login("Not a browser", Role.READER)
    other.get("/studies", params={"q": several})
    other.get(f"/studies/{study}/images/0/thumbnail")
    assert entries(room, "Not a browser") == [("list studies", several, ""), ("see thumbnails", study, "")]


def test_after_a_while_it_is_written_again(database: Any, tmp_path: Any) -> None:
    moment = [0.0]
    recorder = Recorder(database, tmp_path / "audit", lambda: moment[0])
    one = Entry("A", "reader", "see image", "s/0", "::1")
    for moment[0], _ in ((0.0, 1), (recording.WINDOW - 1, 0), (recording.WINDOW + 1, 1)):
        recorder.combine(one)
    recorder.combine(Entry("B", "reader", "see image", "s/0", "::1"))
    recorder.combine(Entry("A", "reader", "see image", "s/0", "::2"))
    recorder.combine(Entry("A", "reader", "see image", "s/1", "::1"))
    recorder.flush()
    with database.session() as session:
        from osteon.clinic.store.audit import audit

        found = [(each.person, each.subject, each.address) for each in reversed(audit.page(session, 10, None))]
    assert found == [("A", "s/0", "::1")] * 2 + [("B", "s/0", "::1"), ("A", "s/0", "::2"), ("A", "s/1", "::1")]


def test_entries_reach_the_database_by_themselves_and_what_was_left_does_too(rooms: Any) -> None:
    room = rooms()
    room.login("Quiet").get("/studies")
    limit = time.monotonic() + 10
    from osteon.clinic.store.audit import audit

    while time.monotonic() < limit:
        with room.context.database.session() as session:
            found = [one.action for one in audit.page(session, 10, None)]
        if found:
            break
        time.sleep(0.05)
    assert found == ["list studies"]


@pytest.mark.parametrize("route", sorted({one.path for one in routes() if "GET" in (one.methods or ())}))
def test_every_route_that_is_read_is_written_down_or_shows_nothing(route: str) -> None:
    told = action(route)
    assert (told is None) == any(route == one or route.startswith((f"{one}/", f"{one}.")) for one in EXEMPT)
    if "{study}" in route:
        assert told is not None
        assert route in ACTIONS, "say what the entry says"


def test_wrong_keys_are_written_down_once_for_each_address(room: Any) -> None:
    key = room.with_key(Role.READER).headers["authorization"]
    identity = key.split("_")[1]
    for _ in range(5):
        room.client(headers={"Authorization": key[:-1] + ("0" if key[-1] != "0" else "1")}).get("/studies")
    found = room.with_key(Role.ADMINISTRATOR).get("/audit", params={"action": "use API key"}).json()["items"]
    assert [(one["subject"], one["result"]) for one in found] == [(identity, "failed")]


def test_viewing_goes_on_while_the_database_takes_no_entries(rooms: Any, picture: Any) -> None:
    import sqlite3

    room = rooms()
    client = room.with_key(Role.READER)
    study = client.post("/studies", files={"files": ("a.png", picture(3))}).json()["studies"][0]["id"]
    room.context.recorder.flush()
    other = sqlite3.connect(room.context.settings.store / "osteon.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        begun = time.monotonic()
        for path in ("", "/images/0/pixels", "/report.html"):
            assert client.get(f"/studies/{study}{path}").status_code == 200
        assert time.monotonic() - begun < 5
    finally:
        other.execute("ROLLBACK")
        other.close()
    found = httpx.get(
        f"{room.url}/api/v1/audit", headers=room.with_key(Role.ADMINISTRATOR).headers, params={"subject": study}
    ).json()["items"]
    actions = [one["action"] for one in reversed(found)]
    assert actions == ["send study", "see study", "see images", "fetch report (html)"]
