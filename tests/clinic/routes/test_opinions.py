"""Opinions: saved at once, completed afterwards, seen by whoever sees the study."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def study(room: Any, picture: Any, request: pytest.FixtureRequest) -> str:
    """A study of its own for each test."""
    seed = 300 + sum(map(ord, request.node.name))
    found: str = room.reader.post("/studies", files=[("files", ("a.png", picture(seed)))]).json()["studies"][0]["id"]
    return found


def test_a_note_and_the_own_call_come_afterwards(room: Any, study: str) -> None:
    place = f"/studies/{study}/opinions"
    given = room.reader.post(place, json={"agrees": False}).json()
    assert (given["note"], given["call"], given["changed"]) == ("", None, None)
    noted = room.reader.patch(f"{place}/{given['id']}", json={"note": "Healed."}).json()
    assert (noted["note"], noted["call"], noted["agrees"]) == ("Healed.", None, False)
    called = room.reader.patch(f"{place}/{given['id']}", json={"call": "no fracture"}).json()
    assert (called["note"], called["call"]) == ("Healed.", "no fracture")
    assert called["changed"] is not None
    assert room.reader.patch(f"{place}/{given['id']}", json={"call": None}).json()["call"] is None
    assert len(room.reader.get(place).json()) == 1


def test_only_its_author_changes_or_withdraws_an_opinion(room: Any, study: str) -> None:
    place = f"/studies/{study}/opinions"
    given = room.reader.post(place, json={"agrees": True}).json()
    for client in (room.viewer, room.administrator):
        assert client.patch(f"{place}/{given['id']}", json={"note": "x"}).status_code == 403
        assert client.delete(f"{place}/{given['id']}").status_code == 403
    assert room.reader.patch("/studies/none/opinions/1", json={"note": "x"}).status_code == 404
    assert room.reader.delete(f"{place}/{given['id']}").status_code == 204
    assert room.reader.get(place).json() == []
    assert room.viewer.get(f"/studies/{study}").json()["opinion"] is None
    assert room.reader.delete(f"{place}/{given['id']}").status_code == 404
    for beyond in (2**31, 10**20):
        assert room.reader.delete(f"{place}/{beyond}").status_code in {404, 422}


def test_who_sees_a_study_sees_what_readers_said_of_it(room: Any, study: str) -> None:
    """One rule for the list, the study, the opinions and the report."""
    room.reader.post(f"/studies/{study}/opinions", json={"agrees": False, "note": "An old fracture"})
    (listed,) = room.viewer.get(f"/studies/{study}/opinions").json()
    assert listed["note"] == "An old fracture"
    assert room.viewer.get(f"/studies/{study}").json()["opinion"] == listed
    row = next(one for one in room.viewer.get("/studies", params={"q": study}).json()["items"])
    assert row["opinion"] == listed
    assert "An old fracture" in room.viewer.get(f"/studies/{study}/report.html").text


@pytest.mark.parametrize("note", ["a\x00b", "half \ud800 a letter", "\x1b[31m", "x" * 2001])
def test_notes_that_no_database_takes_are_refused(room: Any, study: str, note: str) -> None:
    import json

    body = json.dumps({"agrees": True, "note": note})
    headers = {"Content-Type": "application/json"}
    assert room.reader.post(f"/studies/{study}/opinions", content=body, headers=headers).status_code == 422


def test_the_report_follows_the_opinions(room: Any, study: str) -> None:
    place = f"/studies/{study}/report.html"
    before = room.viewer.get(place)
    assert "no human has checked it" in before.text
    given = room.reader.post(f"/studies/{study}/opinions", json={"agrees": False, "call": "no fracture"}).json()
    room.reader.patch(f"/studies/{study}/opinions/{given['id']}", json={"note": "Growth plate <b>"})
    after = room.viewer.get(place, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200, "what was kept of the earlier report is no longer right"
    assert "no human has checked it" not in after.text
    assert "disagreed. Own call: No fracture. Note: Growth plate &lt;b&gt;" in after.text
    again = room.viewer.get(place, headers={"If-None-Match": after.headers["ETag"]})
    assert again.status_code == 304
