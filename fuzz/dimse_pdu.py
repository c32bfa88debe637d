"""What a sender writes on the network, byte for byte (PS3.8 section 9.3, PS3.7 section 9.3)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

CONTEXT: Final = 1
"""Identifier of the presentation context that is spoken of."""
IMPLICIT: Final = b"1.2.840.10008.1.2"
EXPLICIT: Final = b"1.2.840.10008.1.2.1"


def pdu(kind: int, content: bytes) -> bytes:
    """A protocol data unit (PS3.8 section 9.3)."""
    return struct.pack(">BBI", kind, 0, len(content)) + content


def item(kind: int, content: bytes) -> bytes:
    """An item of an association request."""
    return struct.pack(">BBH", kind, 0, len(content)) + content


def request(sop_class: bytes, syntax: bytes, kept: Sequence[bytes] = ()) -> bytes:
    """A-ASSOCIATE-RQ for one presentation context, and one for each SOP class that the caller keeps itself (C-GET)."""
    contexts = item(0x20, bytes([CONTEXT, 0, 0, 0]) + item(0x30, sop_class) + item(0x40, syntax))
    user = item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4") + item(0x55, b"FUZZ")
    for number, stored in enumerate(kept):
        offered = bytes([CONTEXT + 2 * (number + 1), 0, 0, 0]) + item(0x30, stored) + item(0x40, EXPLICIT)
        contexts += item(0x20, offered)
        user += item(0x54, struct.pack(">H", len(stored)) + stored + b"\0\1")
    titles = b"OSTEON".ljust(16) + b"CR1".ljust(16) + bytes(32)
    items = item(0x10, b"1.2.840.10008.3.1.1.1") + contexts + item(0x50, user)
    return pdu(0x01, b"\0\1\0\0" + titles + items)


def element(tag: int, value: bytes) -> bytes:
    """An element of a command, in Implicit VR Little Endian."""
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHI", 0, tag, len(value)) + value


def command(sop_class: bytes, instance: bytes) -> bytes:
    """The command of C-STORE-RQ (PS3.7 section 9.3.1), or of C-ECHO-RQ without an instance."""
    store = bool(instance)
    fields = element(0x0002, sop_class) + element(0x0100, struct.pack("<H", 1 if store else 0x30))
    fields += element(0x0110, struct.pack("<H", 7))
    fields += element(0x0700, b"\0\0") if store else b""
    fields += element(0x0800, struct.pack("<H", 0 if store else 0x0101))
    fields += element(0x1000, instance) if store else b""
    return element(0x0000, struct.pack("<I", len(fields))) + fields


def question(sop_class: bytes, field: int, destination: bytes = b"") -> bytes:
    """The command of C-FIND-RQ (field 0x20), C-GET-RQ (0x10) or C-MOVE-RQ (0x21) (PS3.7 section 9.3)."""
    fields = element(0x0002, sop_class) + element(0x0100, struct.pack("<H", field))
    fields += element(0x0110, struct.pack("<H", 7))
    fields += element(0x0600, destination) if destination else b""
    fields += element(0x0700, b"\0\0") + element(0x0800, b"\0\0")
    return element(0x0000, struct.pack("<I", len(fields))) + fields


def data(content: bytes, *, of_command: bool, size: int = 4000) -> bytes:
    """P-DATA-TF: a command or data set in fragments."""
    pieces = [content[begin : begin + size] for begin in range(0, len(content), size)] or [b""]
    sent = b""
    for number, piece in enumerate(pieces):
        header = int(of_command) | (2 if number == len(pieces) - 1 else 0)
        sent += pdu(0x04, struct.pack(">IBB", len(piece) + 2, CONTEXT, header) + piece)
    return sent


RELEASE: Final = pdu(0x05, bytes(4))
