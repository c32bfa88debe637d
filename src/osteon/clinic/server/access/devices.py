"""Known devices: a browser in which somebody logged in before still gets in while others guess at their password.

A signed cookie that outlives the session says for which accounts a browser is known. It opens nothing: it only lets wrong
passwords from elsewhere count for themselves (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

LIFETIME: Final = 180 * 24 * 3600
"""Seconds for which a device is known after a login."""

MOST: Final = 8
"""Accounts that one browser is known for: a workstation is shared."""

_TOKEN: Final = re.compile(r"([0-9a-f]{16})-([0-9]{1,12})-([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Devices:
    """Signs and checks these cookies.

    Attributes:
        secret: of this room, for nothing else.
        clock: seconds since 1970.
    """

    secret: bytes
    clock: Callable[[], float] = time.time

    def known(self, cookie: str, account: str) -> str | None:
        """The device, where a cookie says that it is known for an account.

        Args:
            cookie: as the browser sent it; empty where it sent none.
            account: its name as it is compared.
        """
        return next((device for device, _ in self._valid(cookie, account)), None)

    def remember(self, cookie: str, account: str) -> str:
        """The cookie with which a browser is known for an account, and for those that it was known for before."""
        own = {token for _, token in self._valid(cookie, account)}
        others = [token for token in cookie.split(".")[: MOST + 1] if _TOKEN.fullmatch(token) and token not in own]
        device, begun = secrets.token_hex(8), str(int(self.clock()))
        return ".".join([f"{device}-{begun}-{self._sign(account, device, begun)}", *others[: MOST - 1]])

    def _valid(self, cookie: str, account: str) -> Iterator[tuple[str, str]]:
        """The device and the token of each that is good for an account."""
        for token in cookie.split(".")[:MOST]:
            form = _TOKEN.fullmatch(token)
            if form is None:
                continue
            fresh = 0 <= self.clock() - int(form[2]) < LIFETIME
            if hmac.compare_digest(form[3], self._sign(account, form[1], form[2])) and fresh:
                yield form[1], token

    def _sign(self, account: str, device: str, begun: str) -> str:
        message = f"{device} {begun} {account}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()[:32]
