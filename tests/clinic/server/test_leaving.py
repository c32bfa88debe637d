"""What a browser keeps: nothing of a patient, and its cookies room by room."""

from __future__ import annotations

from typing import Any

import pytest

from osteon.clinic.role import Role
from osteon.outputs import FORMATS


@pytest.fixture(scope="module")
def study(room: Any, picture: Any) -> str:
    answer = room.with_key(Role.READER).post("/studies", files={"files": ("a.png", picture(1, 512, 512))})
    return answer.json()["studies"][0]["id"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/images/0/pixels",
        "/images/0/thumbnail",
        "/images/0/heat",
        "/images/0/heat.png",
        "/overlay.png",
        "/report.html",
        "/report.pdf",
        "/files/0",
        "/images/0/outputs/overlay",
        "/opinions",
        *(f"/outputs/{one.name}" for one in FORMATS),
    ],
)
def test_nothing_of_a_patient_is_kept(room: Any, study: str, path: str) -> None:
    client = room.with_key(Role.READER)
    answer = client.get(f"/studies/{study}{path}")
    assert answer.headers["cache-control"] == "no-store"
    if "etag" in answer.headers:
        again = client.get(f"/studies/{study}{path}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/studies", "/session", "/account", "/audit", "/audit.csv", "/users", "/jobs/none", "/bundles"]
)
def test_nor_is_anything_else_of_the_api(room: Any, path: str) -> None:
    assert room.with_key(Role.ADMINISTRATOR).get(path).headers["cache-control"] == "no-store"


def test_the_browser_forgets_at_logout(room: Any) -> None:
    client = room.login("Anna")
    answer = client.delete("/session")
    assert answer.status_code == 204
    assert answer.headers["clear-site-data"] == '"cache"'
    assert client.get("/studies").status_code == 401


def test_two_rooms_on_one_host_keep_their_cookies_apart(rooms: Any, room: Any) -> None:
    other = rooms(rate=0)
    assert other.cookie != room.cookie
    browser = room.client()  # sends the cookies of a host to all its ports
    for one in (room, other):
        one.account("Berta")
        given = {"name": "Berta", "password": one.password}
        assert browser.post(f"{one.url}/api/v1/session", json=given).status_code == 200
    for one in (room, other):
        assert browser.get(f"{one.url}/api/v1/session").json()["user"]["name"] == "Berta"
    token = browser.get(f"{other.url}/api/v1/session").json()["csrf"]
    assert browser.delete(f"{other.url}/api/v1/session", headers={"X-CSRF-Token": token}).status_code == 204
    assert browser.get(f"{other.url}/api/v1/session").json()["user"] is None
    assert browser.get(f"{room.url}/api/v1/session").json()["user"]["name"] == "Berta"


def test_cookies_have_the_same_names_after_a_restart(room: Any) -> None:
    from osteon.clinic.store.files import Files

    assert Files(room.context.settings.store).derived("room").hex()[:8] == room.context.room
