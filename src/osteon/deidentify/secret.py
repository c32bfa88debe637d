"""The secret from which new UIDs, pseudonyms and date shifts are derived.

All of them are HMAC-SHA256 (RFC 2104) of the old value: the same in every file and every run with the same secret, and
without the secret nobody can test a guess, however few patient numbers there are. With the secret, anyone can.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, StoreError

VARIABLE: Final = "OSTEON_DEIDENTIFY_SECRET"
"""Environment variable that may hold the secret."""

MIN_BYTES: Final = 16
"""Minimum length of a secret, bytes."""

LARGEST_SHIFT: Final = 3652
"""Days; dates move back by at least one day and at most this many, ten years."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A key; its representation does not show it.

    Attributes:
        key: at least 16 bytes.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Check the length.

        Raises:
            InputError: it is too short.
        """
        if len(self.key) < MIN_BYTES:
            raise InputError(FaultCode.KEY_TOO_SHORT, {"bytes": len(self.key), "minimum": MIN_BYTES})

    @classmethod
    def throwaway(cls) -> Secret:
        """A new secret that is not stored: its pseudonyms cannot be linked to anything else."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def from_environment(cls) -> Secret | None:
        """The secret in the environment, None where there is none.

        Raises:
            InputError: it is too short.
        """
        text = os.environ.get(VARIABLE, "").strip()
        return cls(text.encode()) if text else None

    @classmethod
    def from_file(cls, path: Path) -> Secret:
        """Read the secret in a file; where it does not exist, create one that only its owner may read (mode 0600).

        Raises:
            InputError: it is too short.
            StoreError: others may read the file, or it cannot be read or written.
        """
        try:
            if not path.exists():
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(secrets.token_hex(32) + "\n")
            mode = path.stat().st_mode & 0o777
            text = path.read_bytes().strip()
        except OSError as error:
            raise StoreError("the file of the secret cannot be read or written", got=error.strerror or "") from error
        if os.name == "posix" and mode & 0o077:
            raise StoreError(
                "others may read the file of the secret", expected="mode 0600", got=f"{mode:04o}", hint="Use chmod 600."
            )
        return cls(text)

    def digest(self, purpose: str, value: str) -> bytes:
        """Digest of a value, 32 bytes; different for each purpose."""
        return hmac.new(self.key, f"{purpose}\0{value}".encode(errors="backslashreplace"), sha256).digest()

    def uid(self, old: str) -> str:
        """The new UID of an old one: ``2.25.`` and a UUID of version 8 (PS3.5 section B.2, RFC 9562)."""
        number = int.from_bytes(self.digest("uid", old.strip(" \0"))[:16], "big")
        number = number & ~(0xF << 76) | 8 << 76  # version
        number = number & ~(0x3 << 62) | 2 << 62  # variant
        return f"2.25.{number}"

    def pseudonym(self, purpose: str, old: str) -> str:
        """16 letters and digits in capitals (80 bits) for an identifier."""
        return base64.b32encode(self.digest(purpose, old)[:10]).decode("ascii")

    def days(self, patient: str) -> int:
        """Shift of a patient's dates in days: -3652 to -1."""
        return -1 - int.from_bytes(self.digest("days", patient)[:8], "big") % LARGEST_SHIFT
