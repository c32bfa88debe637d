"""Limits connections, in total and for each address, so that nobody can take all of them.

A connection over which nothing is asked costs its owner nothing. So where there are too many the one that was idle for
longest goes first, of the address that has too many or, where the whole server is full, of the one that has most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, Protocol

from osteon.clinic.server.access.throttle import network

SPARE: Final = 8
"""Connections that are kept free of the most that there may be: who comes next must be heard before they are refused."""


class Connection(Protocol):
    """A connection as it is counted here."""

    @property
    def idle(self) -> bool:
        """Whether no request is under way over it."""
        ...

    def drop(self) -> None:
        """Close it, without waiting."""
        ...


@dataclass(slots=True)
class Crowd:
    """The connections of a server; for one thread.

    Attributes:
        most: in all.
        each: of one address.
        proxies: addresses or networks that many come through: they have no limit of their own.
    """

    most: int
    each: int
    proxies: Iterable[str] = ()
    _here: dict[Connection, str] = field(default_factory=dict[Connection, str])
    _counts: Counter[str] = field(default_factory=Counter[str])
    _networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def __post_init__(self) -> None:
        self._networks = tuple(ip_network(proxy) for proxy in self.proxies)

    def join(self, connection: Connection, address: str) -> bool:
        """Count a connection; whether it may stay. Others that are idle may have to go for it."""
        who = network(address)
        self._here[connection] = who
        self._counts[who] += 1
        if self._counts[who] > self.each and not self._proxied(address) and not self._drop_one(who, connection):
            self.leave(connection)
            return False
        if len(self._here) > self.most - min(SPARE, self.most // 4):
            crowded = self._counts.most_common(1)[0][0]
            _ = self._drop_one(crowded, connection) or self._drop_one(None, connection)
        return True

    def leave(self, connection: Connection) -> None:
        """A connection is closed."""
        who = self._here.pop(connection, None)
        if who is not None:
            self._counts[who] -= 1
            if not self._counts[who]:
                del self._counts[who]

    def busy(self, connection: Connection) -> None:
        """Something was asked over a connection: it is the last to go."""
        who = self._here.pop(connection, None)
        if who is not None:
            self._here[connection] = who

    def _drop_one(self, who: str | None, new: Connection) -> bool:
        """Drop the connection that was idle for longest; whether there was one."""
        for connection, owner in self._here.items():
            if (who is None or owner == who) and connection is not new and connection.idle:
                self.leave(connection)
                connection.drop()
                return True
        return False

    def _proxied(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in item for item in self._networks)
