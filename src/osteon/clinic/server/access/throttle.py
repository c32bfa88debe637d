"""Limits in memory: requests per address, and the growing wait after wrong passwords. The tables have a largest size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic
from typing import Final

ENTRIES: Final = 10_000
"""Addresses or names that are remembered; of more the one that was quiet for longest is forgotten."""

FREE: Final = 4
"""Wrong passwords for an account from one address, or from one known device, before one has to wait."""

FREE_ADDRESS: Final = 40
"""Wrong passwords from an address before one has to wait: a whole house may stand behind it."""

FREE_ACCOUNT: Final = 100
"""Wrong passwords for an account from all unknown devices together (NIST SP 800-63B, section 3.2.2: at most 100)."""

LONGEST: Final = 900.0
"""Seconds of the longest wait; after as long without another wrong password all is forgotten."""


def network(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that a household has in IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else parsed.exploded[:19]
    return address


class Buckets:
    """A token bucket for each client; for one thread.

    Args:
        rate: tokens that come each second; 0 for no limit.
        burst: tokens that a bucket holds.
        clock: seconds.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take a token; the seconds until there is one, 0 where there was."""
        if self._rate == 0:
            return 0.0
        moment = self._clock()
        tokens, since = self._held.pop(client, (float(self._burst), moment))
        tokens = min(float(self._burst), tokens + (moment - since) * self._rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._held[client] = (tokens if wait else tokens - 1, moment)
        if len(self._held) > ENTRIES:
            self._held.popitem(last=False)
        return wait


@dataclass(slots=True)
class _Tries:
    wrong: int
    until: float


class Throttle:
    """After some wrong passwords each further one doubles the wait.

    A try counts as wrong from its beginning until it turns out to be right, so that many at once are not let in together.
    Safe to use from several threads at once.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def begin(self, who: Mapping[str, int]) -> float:
        """Begin a try.

        Args:
            who: what it counts for, an account or an address for example, with how many wrong ones cost nothing.

        Returns:
            Seconds to wait: then the try has not begun. 0 where it has.
        """
        with self._lock:
            moment = self._clock()
            wait = max(0.0, *(self._tries[item].until - moment for item in who if item in self._tries), 0.0)
            if wait > 0:
                return wait
            for item, free in who.items():
                self._count(item, free, moment)
            return 0.0

    def wrong(self, who: Mapping[str, int]) -> None:
        """A try was wrong: the wait begins now, however long it took to find out."""
        with self._lock:
            moment = self._clock()
            for item, free in who.items():
                tries = self._tries.get(item)
                if tries is not None:
                    tries.until = max(tries.until, moment + _wait(tries.wrong, free))

    def right(self, who: Mapping[str, int], *also: str) -> None:
        """A try was right: what it is the first of is forgotten, and for the others it does not count.

        Args:
            who: as it was begun.
            also: what is forgotten besides.
        """
        with self._lock:
            moment = self._clock()
            for index, (item, free) in enumerate(who.items()):
                tries = self._tries.get(item)
                if tries is None:
                    continue
                tries.wrong -= 1
                if index == 0 or tries.wrong <= 0:
                    del self._tries[item]
                elif tries.wrong < free:
                    tries.until = moment
            for item in also:
                self._tries.pop(item, None)

    def _count(self, who: str, free: int, moment: float) -> None:
        tries = self._tries.pop(who, None)
        if tries is None or moment > tries.until + LONGEST:
            tries = _Tries(0, moment)
        tries.wrong += 1
        tries.until = moment + _wait(tries.wrong, free)
        self._tries[who] = tries
        if len(self._tries) > ENTRIES:
            self._tries.popitem(last=False)


def _wait(wrong: int, free: int) -> float:
    """Seconds to wait after so many wrong passwords."""
    over = wrong - free + 1
    return min(LONGEST, 2.0 ** min(over, 32)) if over > 0 else 0.0
