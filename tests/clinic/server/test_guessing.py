"""Guessing at passwords is slowed down for those who guess, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from osteon.clinic.server.access.devices import LIFETIME, MOST, Devices
from osteon.clinic.server.routes.session import login

WRONG = "wrong wrong wrong"
PROXIED = {"X-Forwarded-Proto": "https"}


def at(address: str) -> dict[str, str]:
    """The headers of a proxy for somebody at an address."""
    return {**PROXIED, "X-Forwarded-For": address}


def known_device(room: Any, name: str, address: str) -> httpx.Client:
    """A browser in which somebody has logged in; the proxy speaks TLS, and a client without it sends no secure cookie."""
    client = room.client(headers=at(address))
    answer = client.post("/session", json={"name": name, "password": room.password})
    assert answer.status_code == 200
    device = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-osteon-device-"))
    assert all(part in device for part in ("HttpOnly", "SameSite=strict", "Secure"))
    client.headers["Cookie"] = device.partition(";")[0]
    return client


@pytest.fixture
def room(rooms: Any) -> Any:
    """A room behind a proxy, which can be asked from many addresses."""
    return rooms(behind_proxy=["127.0.0.1"], rate=0)


def tried(room: Any, name: str, count: int, address: str) -> list[int]:
    """The answers to wrong passwords that come all at once."""
    given = {"name": name, "password": WRONG}

    client = room.client(headers=at(address))

    def once(_: int) -> int:
        return client.post("/session", json=given).status_code

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(once, range(count)))


def test_no_more_guesses_get_through_at_once_than_one_by_one(room: Any) -> None:
    room.account("Anna")
    assert tried(room, "Anna", 40, "203.0.113.1") == [401] * 4 + [429] * 36


def test_guesses_from_elsewhere_lock_nobody_out(room: Any) -> None:
    room.account("Berta")
    good = {"name": "Berta", "password": room.password}
    tried(room, "Berta", 20, "203.0.113.1")
    assert room.client().post("/session", json=good, headers=at("203.0.113.1")).status_code == 429
    assert room.client().post("/session", json=good, headers=at("203.0.113.2")).status_code == 200


def test_a_known_device_gets_in_whatever_others_do(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room.account("Cora")
    good = {"name": "Cora", "password": room.password}
    mine = known_device(room, "Cora", "203.0.113.1")
    monkeypatch.setattr(login, "FREE_ACCOUNT", 10)  # to save time
    for number in range(4):
        tried(room, "Cora", 4, f"203.0.113.{number + 1}")
    stranger = room.client(headers=at("203.0.113.200"))
    assert stranger.post("/session", json=good).status_code == 429, "it may be anybody's"
    assert mine.post("/session", json=good).status_code == 200, "also from an address that was guessed from"


def test_a_known_device_may_not_guess_either(room: Any) -> None:
    room.account("Dora")
    mine = known_device(room, "Dora", "203.0.113.1")
    codes = [mine.post("/session", json={"name": "Dora", "password": WRONG}).status_code for _ in range(6)]
    assert codes == [401] * 4 + [429] * 2
    room.account("Other")
    codes = [mine.post("/session", json={"name": "Other", "password": WRONG}).status_code for _ in range(6)]
    assert codes == [401] * 4 + [429] * 2, "it is known for one account and not for others"


def test_own_passwords_are_not_guessed_at_once(room: Any) -> None:
    client = room.login("Emma")
    client.headers.update({**at("203.0.113.9"), "Cookie": f"__Host-{room.cookie}={client.cookies[room.cookie]}"})

    def once(_: int) -> int:
        return client.post("/session/password", json={"old": WRONG, "new": "a long new password"}).status_code

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(once, range(20))) == [403] * 4 + [429] * 16


def test_cookies_of_devices() -> None:
    moment = [1_700_000_000.0]
    devices = Devices(b"s" * 32, lambda: moment[0])
    cookie = devices.remember("", "anna")
    assert devices.known(cookie, "anna") is not None
    assert devices.known(cookie, "berta") is None
    assert Devices(b"t" * 32, lambda: moment[0]).known(cookie, "anna") is None
    for wrong in ("", "x", cookie[:-1], f"{cookie}0", cookie.replace("-1", "-2"), "." * 5000, cookie * 100, "é" * 40):
        assert devices.known(wrong, "anna") is None
        assert devices.remember(wrong, "anna").count(".") < MOST
    shared = devices.remember(cookie, "berta")
    assert devices.known(shared, "anna") == devices.known(cookie, "anna")
    assert devices.known(shared, "berta") is not None
    again = devices.remember(shared, "anna")
    assert again.count(".") == 1, "one place for each account"
    for number in range(20):
        shared = devices.remember(shared, f"user {number}")
    assert shared.count(".") == MOST - 1
    assert len(shared) < 600
    moment[0] += LIFETIME
    assert devices.known(cookie, "anna") is None
    moment[0] -= 2 * LIFETIME
    assert devices.known(cookie, "anna") is None, "a clock that was set back lets nothing last longer"
