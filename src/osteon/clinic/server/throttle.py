"""Limits in memory: requests per address, and the growing wait after wrong passwords. The tables have a largest size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic
from typing import Final

ENTRIES: Final = 10_000
"""Addresses or names that are remembered; of more the one that was quiet for longest is forgotten."""

FREE: Final = 4
"""Wrong passwords for an account before one has to wait."""

FREE_ADDRESS: Final = 40
"""Wrong passwords from an address before one has to wait: a whole house may stand behind it."""

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
    """After some wrong passwords each further one doubles the wait, for the account and for the address.

    Safe to use from several threads at once.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, *who: str) -> float:
        """Seconds that the next try has to wait; 0 for none."""
        with self._lock:
            moment = self._clock()
            return max(0.0, 0.0, *(self._tries[one].until - moment for one in who if one in self._tries))

    def failed(self, who: str, free: int = FREE) -> None:
        """Count a wrong password.

        Args:
            who: the account or address.
            free: how many cost nothing.
        """
        with self._lock:
            moment = self._clock()
            tries = self._tries.pop(who, None)
            if tries is None or moment > tries.until + LONGEST:
                tries = _Tries(0, moment)
            tries.wrong += 1
            over = tries.wrong - free
            tries.until = moment + (min(LONGEST, 2.0 ** min(over, 32)) if over > 0 else 0.0)
            self._tries[who] = tries
            if len(self._tries) > ENTRIES:
                self._tries.popitem(last=False)

    def succeeded(self, account: str) -> None:
        """Forget the wrong passwords of an account; those of the address stay, it may guess at others."""
        with self._lock:
            self._tries.pop(account, None)
