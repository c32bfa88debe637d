"""Random secrets, and what is kept of them: with 256 random bits a plain SHA-256 cannot be searched through."""

from __future__ import annotations

import hashlib
import secrets


def fresh() -> str:
    """A new secret of 256 random bits, hexadecimal."""
    return secrets.token_hex(32)


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
