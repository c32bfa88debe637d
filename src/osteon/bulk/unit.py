"""The files that are read together and become one part of the table."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from osteon.bulk.sources.item import Item


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that become one part of the table.

    Attributes:
        items: all of them.
        studies: which of them belong together, as indices of ``items``; empty where their headers say so once they are here.
        skipped: other files in the same folders, which are not images.
    """

    items: tuple[Item, ...]
    studies: tuple[tuple[int, ...], ...] = ()
    skipped: int = 0

    @property
    def id(self) -> str:
        """Changes when a file is another one or has changed."""
        facts = [(item.name, item.size, item.state) for item in self.items]
        return hashlib.sha256(json.dumps([facts, self.studies]).encode("utf-8", "surrogatepass")).hexdigest()[:20]
