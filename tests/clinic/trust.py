"""Whom clients of tests trust."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def trust() -> ssl.SSLContext:
    """The certificates of this machine, read once: httpx reads all of them for each client, in 20 ms of a processor."""
    return ssl.create_default_context()
