r"""Names of files as text: what may be in them need not be UTF-8, and need not stay on one line."""

from __future__ import annotations

import os


def readable(name: str) -> str:
    r"""A name as the system gives it, with ``\x..`` for each byte that is no UTF-8; any table or file can hold it."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def printable(name: str) -> str:
    """A readable name that stays on its line: line ends and control characters are escaped."""
    plain = readable(name)
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in plain)
