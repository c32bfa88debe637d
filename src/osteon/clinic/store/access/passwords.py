"""Passwords: which are good enough, and how they are kept.

Only length counts, and that it is not the name (NIST SP 800-63B, section 3.1.1.2: no rules of composition). They are
kept as Argon2id with 46 MiB and two passes, above the OWASP password storage cheat sheet's least of 46 MiB and one.
"""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from osteon.core.errors import OsteonError

SHORTEST: Final = 12
LONGEST: Final = 256
FEWEST: Final = 4
"""Different signs; fewer are a key that is held down."""

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)

_AT_ONCE: Final = BoundedSemaphore(2)
"""Hashing takes 46 MiB each time: a flood of logins must not take all memory."""

_NOBODY: Final = "$argon2id$v=19$m=47104,t=2,p=1$sPUZEj2lz/A+DTvFQeC1dg$LOWhpT9v14HPW8cOEI/QxBgegbulzpKfK8yTzXGNgNI"
"""A hash that no password is known for: names that do not exist take as long as those that do."""


def hashed(password: str, name: str) -> str:
    """The hash of a new password.

    Raises:
        OsteonError: it is too short, too long, or the name.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise OsteonError(
            "the password does not have the right length",
            expected=f"{SHORTEST} to {LONGEST} characters",
            got=f"{len(password)}",
            hint="Several words are easier to remember than signs.",
        )
    plain = password.casefold().strip()
    if not plain.replace(name.casefold(), "").strip():  # also where it is repeated
        raise OsteonError("the password must differ from the name")
    if len(set(plain)) < FEWEST:
        raise OsteonError("the password is easy to guess", hint="Use several words.")
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one that is stored; takes the same time where nothing is."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _NOBODY, password[: LONGEST + 1]) and stored is not None
        except (VerifyMismatchError, InvalidHashError):
            return False
