"""Look-up tables as DICOM writes them: descriptors and entries of every kind (PS3.3 sections C.7.6.3.1.5, C.11.1.1, C.11.2.1).

Tables of modality, VOI and palettes share their form, and their irregularities: the number of entries may be 0 for 65536
or wrong, the first value signed or not, entries bytes or words in either order, and their depth another than stated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from osteon.imaging.dicom import header as head

Entries = NDArray[np.uint16]


@dataclass(frozen=True)
class Table:
    """A look-up table, as it was written.

    Attributes:
        firsts: what the input value of the first entry may be: without sign and, if another, with.
        entries: uint16, shape (n,).
        bits: depth of the entries, as stated; 0 where that cannot be.
        stated: number of entries that the descriptor states.
    """

    firsts: tuple[int, ...]
    entries: Entries
    bits: int
    stated: int

    @property
    def depth(self) -> int:
        """Bits that the largest entry needs, at least 1."""
        return max(1, int(self.entries.max()).bit_length())

    def first(self, low: float, high: float) -> int:
        """The input value of the first entry, given the range of input values: that with which the table covers most."""

        def covered(first: int) -> float:
            return min(high, first + len(self.entries) - 1) - max(low, first)

        return max(self.firsts, key=covered)


def read_table(item: Dataset, descriptor: str, data: str) -> Table | None:
    """A table by the keywords of its descriptor and entries; None where it has none that can be used."""
    described = read_descriptor(item, descriptor)
    if described is None:
        return None
    count, firsts, bits = described
    entries = _entries(item, data, count)
    return None if entries is None or not len(entries) else Table(firsts, entries, bits, count)


def read_descriptor(item: Dataset, keyword: str) -> tuple[int, tuple[int, ...], int] | None:
    """Number of entries, possible first input values, and bits of a descriptor; None if it is malformed.

    It may be written as US or SS whatever its values are, so the sign is determined from the values.
    """
    words = _descriptor_words(item, keyword)
    if len(words) != 3:
        return None
    count, first, bits = (word & 0xFFFF for word in words)
    firsts = (first, first - 2**16) if first >= 2**15 else (first,)
    return count or 2**16, firsts, bits if 1 <= bits <= 16 else 0


def _descriptor_words(item: Dataset, keyword: str) -> list[int]:
    try:
        value = item.get(keyword)
    except head.UNREADABLE:
        return []
    if isinstance(value, bytes):
        return np.frombuffer(value[:6], order(item)).tolist() if len(value) >= 6 else []
    return [int(number) for number in head.numbers(item, keyword)]


def order(item: Dataset) -> str:
    """The type of a word of the data set."""
    return ">u2" if item.original_encoding[1] is False else "<u2"


def read_words(item: Dataset, keyword: str) -> Entries:
    """An element of words, whatever it is written as: US, SS, OW, or OB; bytes of OW and OB are two to a word."""
    try:
        value = item.get(keyword)
        vr = item[keyword].VR if value is not None else ""
    except head.UNREADABLE:
        return np.empty(0, np.uint16)
    if isinstance(value, bytes):
        kind = "<u2" if vr == "OB" else order(item)
        return np.frombuffer(value + b"\0" * (len(value) % 2), kind).astype(np.uint16)
    numbers = [int(number) & 0xFFFF for number in head.numbers(item, keyword)]
    return np.asarray(numbers, np.uint16)


def _entries(item: Dataset, keyword: str, count: int) -> Entries | None:
    """Entries of a table that states ``count``; fewer where there are no more.

    Bytes are distinguished from words by their count: as many bytes as entries, plus one for padding.
    """
    words = read_words(item, keyword)
    if len(words) == (count + 1) // 2 and count > 1:
        return words.astype("<u2").view(np.uint8)[:count].astype(np.uint16)
    return words[:count] if len(words) else None
