"""Encapsulated pixel data (PS3.5 section A.4): items to frames, also where a writer lost a delimiter or counted wrongly."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError

_ITEM: Final = b"\xfe\xff\x00\xe0"
_END: Final = b"\xfe\xff\xdd\xe0"
_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")
"""How the codestreams of JPEG, JPEG-LS and JPEG 2000 begin, the last one within boxes."""
_UNDEFINED: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Items:
    """The items of encapsulated pixel data.

    Attributes:
        offsets: of the basic offset table; empty where there is none.
        fragments: where each fragment lies in the data behind the table (its tag, which the table counts from), and it.
        notes: on what was irregular.
    """

    offsets: tuple[int, ...]
    fragments: tuple[tuple[int, bytes], ...]
    notes: tuple[Note, ...]


def starts_with_items(data: bytes) -> bool:
    """Whether pixel data of a defined length are items nevertheless."""
    return data.startswith(_ITEM)


def is_codestream(data: bytes) -> bool:
    """Whether a codestream begins here."""
    return data.startswith(_STARTS)


def read_items(data: bytes, frames: int) -> Items:
    """Cut encapsulated pixel data into their items.

    Args:
        data: from the first item on; what follows the sequence delimiter does not matter.
        frames: NumberOfFrames.
    """
    found: list[tuple[int, bytes]] = []
    notes: list[Note] = []
    position = 0
    while True:
        tag = data[position : position + 4]
        if tag == _END:
            break
        if tag != _ITEM or position + 8 > len(data):
            notes.append(Note(NoteCode.DELIMITER_MISSING))
            break
        (length,) = struct.unpack_from("<I", data, position + 4)
        start, end = position + 8, position + 8 + length
        if length == _UNDEFINED or not _follows(data, end):
            repaired = _resume(data, start)
            if repaired is not None and repaired != end:
                end = repaired
                notes.append(Note(NoteCode.FRAGMENT_LENGTHS))
        found.append((position, data[start:end]))
        position = end
    offsets, base = (), 0
    if found and _is_table(found[0][1], frames):
        _, table = found.pop(0)
        offsets, base = struct.unpack(f"<{len(table) // 4}I", table), 8 + len(table)
    return Items(offsets, tuple((place - base, fragment) for place, fragment in found), tuple(dict.fromkeys(notes)))


def _follows(data: bytes, position: int) -> bool:
    """Whether an item, the delimiter, or the end of the data is at a position."""
    return data[position : position + 4] in (_ITEM, _END) if position < len(data) else position == len(data)


def _resume(data: bytes, start: int) -> int | None:
    """Where an item of a wrong length ends: at a tag whose own length leads to another; None where there is none."""
    place, delimiter = start, data.find(_END, start)
    while True:
        item = data.find(_ITEM, place)
        if 0 <= delimiter < place:
            delimiter = data.find(_END, place)
        if item < 0 and delimiter < 0:
            return None
        if item < 0 or 0 <= delimiter < item:
            place = delimiter
            if place + 8 >= len(data) or data[place + 4 : place + 8] == bytes(4):
                return place
        else:
            place = item
            if place + 8 <= len(data):
                (length,) = struct.unpack_from("<I", data, place + 4)
                if _follows(data, place + 8 + length):
                    return place
        place += 4


def _is_table(first: bytes, frames: int) -> bool:
    """Whether the first item is the basic offset table, which some writers leave out.

    Its first offset is 0, as no codestream begins; some writers count from elsewhere.
    """
    if len(first) % 4:
        return False
    return not first or first[:4] == bytes(4) or (len(first) == 4 * frames < 64 and not is_codestream(first))


def to_frames(items: Items, frames: int, extended: tuple[bytes, bytes] | None) -> tuple[bytes, ...]:
    """Codestreams of the frames.

    Args:
        items: of the pixel data.
        frames: NumberOfFrames.
        extended: ExtendedOffsetTable and its lengths.

    Returns:
        One codestream for each frame, fewer where some are missing.

    Raises:
        InputError: fragments cannot be assigned to frames.
    """
    fragments = items.fragments
    if frames == 1:
        return (b"".join(fragment for _, fragment in fragments),) if fragments else ()
    if len(fragments) <= frames:
        return tuple(fragment for _, fragment in fragments)
    for starts in (_extended(extended), items.offsets, _beginnings(items)):
        if len(set(starts)) == len(starts) == frames and set(starts) <= {place for place, _ in fragments}:
            return _grouped(items, starts)
    raise InputError(FaultCode.FRAGMENTS, {"frames": frames, "fragments": len(fragments)})


def _extended(table: tuple[bytes, bytes] | None) -> tuple[int, ...]:
    return struct.unpack(f"<{len(table[0]) // 8}Q", table[0][: len(table[0]) // 8 * 8]) if table else ()


def _beginnings(items: Items) -> tuple[int, ...]:
    return tuple(place for place, fragment in items.fragments if is_codestream(fragment))


def _grouped(items: Items, starts: tuple[int, ...]) -> tuple[bytes, ...]:
    bounds = [*sorted(starts), max(place for place, _ in items.fragments) + 1]
    return tuple(
        b"".join(fragment for place, fragment in items.fragments if low <= place < high)
        for low, high in pairwise(bounds)
    )
