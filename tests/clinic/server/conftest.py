"""Reading rooms for tests: real servers on free ports of 127.0.0.1, with a small bundle."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import pytest

pytest.importorskip("fastapi")

from tests.clinic.trust import trust

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope
from osteon.clinic.server.access.csrf import csrf_token
from osteon.clinic.server.context import Context
from osteon.clinic.server.open import listen, open_context, open_store
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings
from osteon.clinic.store.access import accounts, keys, sessions, setup
from osteon.clinic.store.access.passwords import hashed

PASSWORD = "five green cats on a roof"  # noqa: S105 - of accounts in tests


@cache
def hash_once() -> str:
    """The hash of the password."""
    return hashed(PASSWORD, "nobody")


@dataclass
class Room:
    """A server that runs, and ways to ask it."""

    url: str
    context: Context
    server: Server
    stack: ExitStack = field(default_factory=ExitStack)
    password: str = PASSWORD

    def client(self, **options: object) -> httpx.Client:
        """A client without cookies."""
        return self.stack.enter_context(
            httpx.Client(base_url=f"{self.url}/api/v1", timeout=20, verify=trust(), **options)
        )  # pyright: ignore[reportArgumentType]

    def token(self) -> str:
        """A one-time token."""
        with self.context.database.session() as session:
            return setup.issue(session)

    def account(self, name: str, role: Role = Role.ADMINISTRATOR) -> None:
        """Make an account with the password that all have here; to hash it each time would take long."""
        with self.context.database.session() as session:
            accounts.create(session, name, role, None).password = hash_once()

    def login(self, name: str, role: Role = Role.ADMINISTRATOR) -> httpx.Client:
        """Make an account and log in; the CSRF token goes along."""
        self.account(name, role)
        with self.context.database.session() as session:
            user = accounts.find(session, name)
            assert user is not None
            secret = sessions.begin(session, user, 12, "127.0.0.1")
        return self.client(cookies={self.cookie: secret}, headers={"X-CSRF-Token": csrf_token(secret)})

    @property
    def cookie(self) -> str:
        """The name of the session's cookie in this room."""
        return f"osteon-{self.context.room}"

    def with_key(self, role: Role, *scopes: Scope) -> httpx.Client:
        """A client with an API key."""
        with self.context.database.session() as session:
            _, secret = keys.create(session, f"of {role}", role, None, "test", scopes or (Scope.ALL,))
        return self.client(headers={"Authorization": f"Bearer {secret}"})


Rooms = Callable[..., Room]


@pytest.fixture(scope="session")
def fresh_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an empty database: migrating one for each test would take most of their time."""
    folder = tmp_path_factory.mktemp("fresh")
    open_store(Settings(store=folder)).close()
    return folder


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, fresh_store: Path, bundle_file: Path) -> Iterator[Rooms]:
    """Makes servers; they end with the module."""
    with ExitStack() as stack:

        def make(**settings: object) -> Room:
            folder = tmp_path_factory.mktemp("room") / "store"
            shutil.copytree(fresh_store, folder)
            made = Settings.model_validate({"port": 0, "store": folder, "bundle": str(bundle_file), **settings})
            taken = stack.enter_context(listen(made))
            context = open_context(made)
            server = Server(context)
            thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
            thread.start()

            def end() -> None:
                server.should_exit = True
                thread.join(20)
                assert not thread.is_alive()

            stack.callback(end)
            room = Room(f"http://127.0.0.1:{taken.getsockname()[1]}", context, server)
            stack.enter_context(room.stack)
            while not server.started:
                time.sleep(0.01)
            return room

        yield make


@pytest.fixture(scope="module")
def room(rooms: Rooms) -> Room:
    """A server with settings as they are."""
    return rooms(rate=0)
