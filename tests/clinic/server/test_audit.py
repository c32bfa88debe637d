"""The audit log: what is in it, what never is, and that it stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from osteon.clinic.role import Role
from osteon.clinic.store.audit import audit
from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.base import now


def test_who_did_what(rooms: Any) -> None:
    room = rooms()
    client = room.login("Anton")
    made = client.post("/users", json={"name": "Bela", "password": "nine blue birds at sea", "role": "viewer"}).json()
    client.patch(f"/users/{made['name']}", json={"password": "ten pink pigs in space"})
    room.client().post("/session", json={"name": "Anton", "password": "typed my.passw0rd here"})
    room.client().post("/session", json={"name": "my.passw0rd", "password": "Anton"})
    room.with_key(Role.VIEWER).get("/users")
    answer = client.get("/audit").json()
    entries = [(one["person"], one["action"], one["subject"], one["result"]) for one in reversed(answer["items"])]
    assert entries == [
        ("Anton", "make account", "Bela", "done"),
        ("Anton", "change account (password)", "Bela", "done"),
        ("Anton", "log in", "", "failed"),
        ("", "log in", "", "failed"),
        ("key:of viewer", "GET /api/v1/users", "", "refused"),
    ]
    assert answer["next"] is None
    assert {one["address"] for one in answer["items"]} == {"127.0.0.1"}
    assert client.get("/audit").json()["items"][0]["action"] == "see audit log"
    text = client.get("/audit").text
    for secret in ("passw0rd", "pigs", "birds"):
        assert secret not in text


def test_films_leave_no_names_of_files_or_patients(room: Any, blobs: Any, tmp_path: Any) -> None:
    client = room.login("Cecil", Role.ADMINISTRATOR)
    blobs.save_dicom(blobs.film(0.0), tmp_path / "DOE_JANE.dcm", "1.2.3")
    with (tmp_path / "DOE_JANE.dcm").open("rb") as stream:
        answer = client.post("/studies", files={"files": ("DOE_JANE.dcm", stream)})
    assert answer.status_code == 200, answer.text
    study = answer.json()["studies"][0]["id"]
    client.get(f"/studies/{study}")
    text = client.get("/audit").text
    assert study in text
    for secret in ("JANE", "Secret", ".dcm"):
        assert secret not in text


def test_each_study_of_an_upload_has_an_entry(rooms: Any, picture: Any) -> None:
    client = rooms().login("Dana")
    answer = client.post("/studies", files=[("files", ("film.png", picture(seed))) for seed in (300, 301)])
    studies = [one["id"] for one in answer.json()["studies"]]
    entries = client.get("/audit").json()["items"]
    assert [(one["action"], one["subject"]) for one in reversed(entries)] == [("send study", one) for one in studies]


def test_pages(room: Any) -> None:
    client = room.login("Dario")
    assert room.context.recorder.flush()  # the login comes before these
    with room.context.database.session() as session:
        for number in range(7):
            audit.write(session, audit.Entry("x", "reader", f"act {number}", "", ""))
    first = client.get("/audit", params={"limit": 3}).json()
    assert [one["action"] for one in first["items"]] == ["act 6", "act 5", "act 4"]
    second = client.get("/audit", params={"limit": 3, "before": first["next"]}).json()
    assert [one["action"] for one in second["items"]] == ["act 3", "act 2", "act 1"]


def test_entries_are_not_changed_and_not_kept_for_ever(room: Any) -> None:
    with room.context.database.session() as session:
        audit.write(session, audit.Entry("x", "reader", "act", "", ""))
    with room.context.database.session() as session, pytest.raises(DatabaseError, match="not changed"):
        session.execute(update(Audit).values(person="y"))
    with room.context.database.session() as session:
        session.add(
            Audit(time=now() - timedelta(days=100), person="old", role="", action="", subject="", address="", result="")
        )
        audit.write(session, audit.Entry("new", "", "", "", ""))
    with room.context.database.session() as session:
        audit.forget(session, 99)
        people = session.scalars(select(Audit.person)).all()
        assert session.scalar(select(func.count()).select_from(Audit)) == len(people)
    assert "old" not in people
    assert "new" in people
