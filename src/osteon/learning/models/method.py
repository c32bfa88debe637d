"""How a network finds what it shows, with the source of the method."""

from __future__ import annotations

from typing import NamedTuple


class Method(NamedTuple):
    """A method from the literature.

    Attributes:
        name: what it is, in a few words.
        source: authors and year.
    """

    name: str
    source: str

    def __str__(self) -> str:
        """Both, for model cards."""
        return f"{self.name} ({self.source})"
