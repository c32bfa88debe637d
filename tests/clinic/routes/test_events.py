"""Everybody who listens hears what happens, and nobody who left is remembered."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from osteon.clinic.hub import RESET, Hub


def test_events_over_http(room: Any, picture: Any) -> None:
    heard: list[dict[str, Any]] = []
    ready = threading.Event()
    before = room.context.hub.listeners

    def listen() -> None:
        with room.viewer.stream("GET", "/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            ready.set()
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    heard.append(json.loads(line[6:]))
                    if heard[-1]["kind"] == "removed":
                        return

    thread = threading.Thread(target=listen)
    thread.start()
    assert ready.wait(20)
    while room.context.hub.listeners == before:
        time.sleep(0.01)
    study = room.reader.post("/studies", files=[("files", ("a.png", picture(90)))]).json()["studies"][0]["id"]
    room.reader.post(f"/studies/{study}/opinions", json={"agrees": True})
    room.administrator.delete(f"/studies/{study}")
    thread.join(20)
    assert [one.get("state") for one in heard if one["id"] == study] == ["queued", "reading", "done", "done", None]
    end = time.monotonic() + 20
    while room.context.hub.listeners > before and time.monotonic() < end:
        time.sleep(0.05)
    assert room.context.hub.listeners == before


def test_slow_listeners_are_told_to_ask_anew() -> None:
    async def run() -> list[dict[str, Any]]:
        hub = Hub(room=3)
        stream = hub.subscribe()
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        for number in range(10):
            hub.publish({"kind": "study", "id": str(number)})
        await asyncio.sleep(0.01)
        found = [await first]
        hub.publish({"kind": "study", "id": "last"})
        await asyncio.sleep(0.01)
        while len(found) < 4 and found[-1].get("id") != "last":
            found.append(await asyncio.wait_for(anext(stream), 5))
        await stream.aclose()
        assert hub.listeners == 0
        return found

    found = asyncio.run(run())
    assert RESET in found
    assert found[-1]["id"] == "last"


def test_closing_ends_all() -> None:
    async def run() -> None:
        hub = Hub()
        stream = hub.subscribe()
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        threading.Thread(target=hub.close).start()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(waiting, 5)
        assert [event async for event in hub.subscribe()] == []

    asyncio.run(run())
