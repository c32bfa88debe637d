"""A function called for many items, several at once: here in threads, on a cluster by ``osteon.cluster.Everywhere``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD: Final = 4
"""Items of each thread that are under way or wait to be taken: more results would only fill the memory."""


class Each(Protocol):
    """How a function is called for many items."""

    def __call__(self, do: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Results in the order of the items.

        Args:
            do: a function of a module, or a ``partial`` of one, so that another process can call it.
            items: its arguments.
        """
        ...


@dataclass(frozen=True, slots=True)
class InThreads:
    """Calls in threads of this process; an exception of a call is raised where its result would come.

    Attributes:
        threads: how many calls at once.
    """

    threads: int

    def __call__(self, do: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Results in the order of the items."""
        step = AHEAD * self.threads
        with ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(items), step):
                yield from pool.map(do, items[start : start + step])


HERE: Final[Each] = InThreads(2)
"""What is taken where nothing else is said."""

ALONE: Final[Each] = InThreads(1)
"""One item after the other."""
