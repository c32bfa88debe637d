"""The connection that a peer has opened, as what is received over it is handled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from osteon.clinic.store.draft import Draft


@dataclass(slots=True)
class Connection:
    """A connection that a peer has opened.

    Attributes:
        address: that it comes from.
        certificate: names in its TLS certificate.
        draft: makes a file for what it sends.
        drafts: that were begun and not kept.
    """

    address: str
    certificate: frozenset[str]
    draft: Callable[[], Draft]
    drafts: list[Draft] = field(default_factory=list[Draft])

    def begin(self) -> Draft:
        """Begin to receive an instance."""
        draft = self.draft()
        self.drafts.append(draft)
        return draft

    def taken(self, path: str) -> Draft | None:
        """The instance whose file has this path, which is somebody else's from now on; None where it was removed."""
        for draft in list(self.drafts):
            if draft.name == path and draft in self.drafts:
                self.drafts.remove(draft)
                return draft
        return None

    def close(self) -> None:
        """Remove what did not come whole."""
        while self.drafts:
            self.drafts.pop().discard()


_connections: WeakKeyDictionary[Any, Connection] = WeakKeyDictionary()
_lock = Lock()


def register(association: Any, connection: Connection) -> None:
    """Say over which connection an association runs."""
    with _lock:
        _connections[association] = connection


def connection_of(association: Any) -> Connection | None:
    """The connection of an association that a peer has opened; None of any other."""
    with _lock:
        return _connections.get(association)
