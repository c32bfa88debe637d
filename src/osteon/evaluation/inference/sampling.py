"""Which images an analysis looks at once more, and how they are walked through."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from osteon.core.records import Radiograph
from osteon.data.files.names import as_path
from osteon.evaluation.predictions.predictions import Predictions
from osteon.imaging.load import load
from osteon.stats.checks import Booleans

AHEAD: Final = 2
"""Images that each job may have waiting."""

Item = TypeVar("Item")
Done = TypeVar("Done")


def radiograph(root: Path, image: str) -> Radiograph:
    """The image of one row, decoded as in the clinic; of several frames the first.

    Raises:
        InputError: the file cannot be read.
    """
    return load(as_path(root, image))[0]


def drawn(candidates: Booleans, most: int, seed: int) -> NDArray[np.int64]:
    """At most ``most`` of the rows that ``candidates`` marks, by chance, in their order."""
    rows = np.flatnonzero(candidates)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return rows


def balanced(table: Predictions, most: int, seed: int) -> NDArray[np.int64]:
    """At most ``most`` rows that were read and whose label is known: up to half of them positive, the rest negative.

    Where one class has too few, the other fills up.
    """
    usable = table.read & table.labelled
    positive, negative = usable & (table.label == 1), usable & (table.label == 0)
    half = most // 2
    share = max(half, most - int(negative.sum()))
    chosen = drawn(positive, share, seed)
    return np.sort(np.concatenate([chosen, drawn(negative, most - len(chosen), seed + 1)]))


def in_order(work: Callable[[Item], Done], items: Iterable[Item], jobs: int) -> Iterator[Done]:
    """``work`` of each item, ``jobs`` at a time on threads, in the order of the items.

    Decoding, resampling and inference release the interpreter's lock. At most ``AHEAD * jobs`` results wait.
    """
    if jobs <= 1:
        yield from map(work, items)
        return
    waiting: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(jobs, thread_name_prefix="osteon") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= AHEAD * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
