"""A reading room that runs: a real server on 127.0.0.1 with a small bundle, and who may ask it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

pytest.importorskip("fastapi")

from tests.clinic.trust import trust

from osteon.clinic.role import Role
from osteon.clinic.server.context import Context
from osteon.clinic.server.open import listen, open_context
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings
from osteon.clinic.store.access import keys


class Room(SimpleNamespace):
    """A server and its clients.

    Attributes:
        url: of the API.
        context: of the server.
        viewer: a client that may look.
        reader: a client that may send and judge.
        administrator: a client that may do all.
    """

    url: str
    context: Context
    viewer: httpx.Client
    reader: httpx.Client
    administrator: httpx.Client


Rooms = Callable[..., Room]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, boxes_file: Any, migrated_sqlite: Path) -> Iterator[Rooms]:
    """Makes servers; they end with the module."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Room:
            folder = tmp_path_factory.mktemp("room") / "store"
            folder.mkdir(mode=0o700)
            shutil.copyfile(migrated_sqlite, folder / "osteon.db")
            made = Settings.model_validate(
                {"port": 0, "store": folder, "bundle": str(boxes_file), "rate": 0, **settings}
            )
            taken = stack.enter_context(listen(made))
            context = open_context(made)
            server = Server(context)
            thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
            thread.start()

            def end() -> None:
                server.should_exit = True
                thread.join(30)
                assert not thread.is_alive()

            stack.callback(end)
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1"
            clients: dict[str, httpx.Client] = {}
            for role in Role:
                with context.database.session() as session:
                    _, secret = keys.create(session, str(role), role, None, "test")
                headers = {"Authorization": f"Bearer {secret}"}
                clients[str(role)] = stack.enter_context(
                    httpx.Client(base_url=url, timeout=60, verify=trust(), headers=headers)
                )
            while not server.started:
                time.sleep(0.01)
            return Room(url=url, context=context, **clients)

        yield make


@pytest.fixture(scope="module")
def room(rooms: Rooms) -> Room:
    """A server."""
    return rooms()
