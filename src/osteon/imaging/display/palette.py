"""Palettes: RGB of stored values (PS3.3 sections C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging.display.lut import Entries, Table, read_descriptor, read_table, read_words
from osteon.imaging.display.voi import Stored
from osteon.imaging.grey import Samples

Palette = Samples
"""RGB of each word, uint16, shape (n, 3), full scale 65535."""

_CHANNELS: Final = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_DEEPEST: Final = 4
"""Indirect segments within indirect segments."""
_MOST_SEGMENTS: Final = 1 << 17
"""More segments than any table has entries."""


def read_palette(header: Dataset, stored: Stored, word_bytes: int) -> tuple[Palette, tuple[Note, ...]]:
    """RGB of each word that a sample can lie in, and notes.

    Each channel is looked up by its own descriptor. Entries that take more bits than stated, or in all channels no more
    than 8 of the 16 stated, are of the depth that they take.

    Raises:
        InputError: a table is missing or cannot be used.
    """
    tables = [_table(header, channel) for channel in _CHANNELS]
    depths = [_depth(table) for table in tables]
    notes: tuple[Note, ...] = ()
    if all(table.depth <= 8 for table in tables) and max(depths) > 8 and any(table.entries.max() for table in tables):
        depths, notes = [8, 8, 8], (Note(NoteCode.PALETTE_DEPTH),)
    values = stored(np.arange(2 ** (8 * word_bytes)))
    low, high = (-(2 ** (stored.bits - 1)), 2 ** (stored.bits - 1) - 1) if stored.signed else (0, 2**stored.bits - 1)
    channels = [
        _scaled(table.entries, depth)[np.clip(values - table.first(low, high), 0, len(table.entries) - 1)]
        for table, depth in zip(tables, depths, strict=True)
    ]
    return np.ascontiguousarray(np.stack(channels, axis=-1)), notes


def _depth(table: Table) -> int:
    """8 or 16: no other depth is defined."""
    return 8 if max(table.bits or 16, table.depth) <= 8 else 16


def _scaled(entries: Entries, depth: int) -> Entries:
    return np.asarray(entries * np.uint16(257), np.uint16) if depth == 8 else entries


def _table(header: Dataset, channel: str) -> Table:
    descriptor = f"{channel}PaletteColorLookupTableDescriptor"
    table = read_table(header, descriptor, f"{channel}PaletteColorLookupTableData")
    if table is None:
        described = read_descriptor(header, descriptor)
        words = read_words(header, f"Segmented{channel}PaletteColorLookupTableData")
        if described is not None and len(words):
            count, firsts, bits = described
            entries = _expand(words.astype("<u2").view(np.uint8) if bits == 8 else words, count)
            table = Table(firsts, entries, bits, count) if len(entries) else None
    if table is None:
        raise InputError(FaultCode.PALETTE, {"channel": channel.lower()})
    return table


def _expand(data: NDArray[np.uint8 | np.uint16], count: int) -> Entries:
    """Entries of a segmented table, at most ``count``: runs of values, lines, and repetitions (PS3.3 section C.7.9.2)."""
    expansion = _Expansion(data, count)
    expansion.run(0, len(data))
    return np.concatenate([np.empty(0, np.uint16), *expansion.pieces])[:count].astype(np.uint16)


class _Expansion:
    """The expansion of a segmented table, which ends where the table is full or damaged.

    Args:
        data: opcodes, lengths and values.
        count: entries that are wanted.
    """

    def __init__(self, data: NDArray[np.uint8 | np.uint16], count: int) -> None:
        self.pieces: list[NDArray[np.uint16]] = []
        self._data, self._missing, self._left, self._last = data, count, _MOST_SEGMENTS, 0

    def run(self, position: int, maximum: int, level: int = 0) -> None:
        """Expand up to ``maximum`` segments from a position on."""
        data, width = self._data, self._data.dtype.itemsize
        while maximum > 0 and position + 2 < len(data) and self._missing > 0 and self._left > 0:
            kind, length = int(data[position]), int(data[position + 1])
            self._left, maximum = self._left - 1, maximum - 1
            if kind == _DISCRETE:
                self._add(data[position + 2 : position + 2 + length].astype(np.uint16))
                position += 2 + length
            elif kind == _LINEAR and self.pieces:
                end = int(data[position + 2])
                steps = self._last + (end - self._last) * np.arange(1, length + 1) / max(1, length)
                self._add(np.rint(steps).astype(np.uint16))
                position += 3
            elif kind == _INDIRECT and level < _DEEPEST:
                size = 4 // width
                offset = sum(
                    int(part) << (8 * width * i) for i, part in enumerate(data[position + 2 : position + 2 + size])
                )
                self.run(offset // width, length, level + 1)
                position += 2 + size
            else:
                return

    def _add(self, piece: NDArray[np.uint16]) -> None:
        if len(piece):
            self.pieces.append(piece)
            self._missing -= len(piece)
            self._last = int(piece[-1])
