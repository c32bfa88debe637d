"""UIDs that follow from what an object is about: who makes it again gives it the same one."""

from __future__ import annotations

import hashlib
import uuid


def make_uid(*parts: str) -> str:
    """A UID that is the same for the same parts: ``2.25.`` and a UUID (PS3.5 section B.2).

    The UUID is of version 8 (RFC 9562 section 5.8): 122 bits of the SHA-256 of the parts.
    """
    digest = bytearray(hashlib.sha256("\x1f".join(("osteon", *parts)).encode()).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return f"2.25.{uuid.UUID(bytes=bytes(digest)).int}"
