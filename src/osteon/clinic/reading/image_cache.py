"""A cache of decoded pixels, so that an image is not decoded again for each viewer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

CAPACITY: Final = 128 << 20
"""Bytes that are kept."""


class ImageCache:
    """The least recently used goes first; safe to use from several threads at once.

    Args:
        capacity: bytes.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._bytes = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """What is kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: str, data: bytes) -> None:
        """Keep something, unless it is larger than all that may be kept."""
        if len(data) > self._capacity:
            return
        with self._lock:
            self._bytes += len(data) - len(self._kept.pop(key, b""))
            self._kept[key] = data
            while self._bytes > self._capacity:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone)

    def clear(self) -> None:
        """Keep nothing: something was removed."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0
