"""Fingerprints of all images of some sources, and the near duplicates among them, with neither of them all in memory.

folder/
  prints-ID.parquet    name, SHA-256, hashes and reduced image of each file of a unit; what is there is not made again
  hashes.npy           all hashes, in the order of the files
  duplicates.parquet   the pairs
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.bulk.sources.item import Item, Place
from osteon.bulk.unit import Unit
from osteon.core.errors import InputError, OsteonError
from osteon.data.duplicates.duplicates import CONFIRMED, HASHED, RADIUS, Variant
from osteon.data.duplicates.hashes import PICTURE_SIDE, Hashes, pack, reduced, variants
from osteon.data.duplicates.partitions import Search, pairs_by_partition
from osteon.data.duplicates.similar import correlation
from osteon.data.files.atomic import replacing
from osteon.data.files.preview import preview

PRINTS: Final = pl.Schema(
    {
        "source": pl.String(),
        "fault": pl.String(),
        "sha256": pl.String(),
        "rises": pl.Binary(),
        "falls": pl.Binary(),
        "picture": pl.Binary(),
    }
)
"""Of a unit's fingerprints. ``fault`` is a ``FaultCode`` where the file could not be decoded, and the rest is empty then."""

PAIRS: Final = pl.Schema(
    {
        "first": pl.String(),
        "second": pl.String(),
        "variant": pl.String(),
        "exact": pl.Boolean(),
        "distance": pl.Int32(),
        "correlation": pl.Float32(),
    }
)
"""Of the pairs: names of both files, ``Variant``, whether they are equal byte for byte, differing bits of 256, correlation."""

AT_ONCE: Final = 256
"""Units that are given to a cluster at a time."""


@dataclass(frozen=True, slots=True)
class Task:
    """A unit whose fingerprints are made, somewhere.

    Attributes:
        folder: that gets them.
        unit: its files.
    """

    folder: str
    unit: Unit

    @property
    def path(self) -> Path:
        """Where its fingerprints lie."""
        return Path(self.folder) / f"prints-{self.unit.id}.parquet"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        images: that were compared.
        failed: files that could not be decoded.
        pairs: of near duplicates.
        exact: of them, those that are equal byte for byte.
    """

    images: int
    failed: int
    pairs: int
    exact: int


def fingerprint_unit(task: Task, threads: int = 1) -> int:
    """Write the fingerprints of a unit, unless they are there; the number of its files."""
    if not task.path.exists():
        with ThreadPoolExecutor(threads) as pool:
            records = list(pool.map(_record, task.unit.items))
        with replacing(task.path) as new:
            pl.DataFrame(records, schema=PRINTS).write_parquet(new, compression="zstd")
    return len(task.unit.items)


def _record(item: Item) -> dict[str, Any]:
    empty = dict.fromkeys(PRINTS)
    try:
        data = _bytes(item)
        found = reduced(preview(data))
    except (OsteonError, OSError) as error:
        fault = error.code.value if isinstance(error, InputError) else type(error).__name__
        return empty | {"source": item.name, "fault": fault}
    return empty | {
        "source": item.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "rises": pack(found.rises[None]).tobytes(),
        "falls": pack(found.falls[None]).tobytes(),
        "picture": found.picture.tobytes(),
    }


def _bytes(item: Item) -> bytes:
    if item.place is Place.FILE:
        return Path(item.location).read_bytes()
    with tempfile.TemporaryDirectory(prefix="osteon-") as folder:
        path = Path(folder) / "file"
        item.copy_to(path)
        return path.read_bytes()


def find_duplicates(
    folder: Path,
    units: Iterable[Unit],
    make: Callable[[Sequence[Task]], Iterable[int]],
    spread: Callable[[Sequence[Search]], Iterable[NDArray[np.int64]]] | None = None,
    *,
    mirrored: bool = False,
    radius: int = RADIUS,
    tell: Callable[[int], object] = lambda _: None,
) -> Found:
    """Make fingerprints, search, and write the pairs to ``duplicates.parquet``.

    It finds copies, also rescaled and re-encoded ones, by hash, and keeps the pairs whose reduced images correlate; it finds no
    crops, for which all images would have to be compared with all.

    Args:
        folder: of the result; every machine sees it.
        units: of the sources.
        make: makes fingerprints with ``fingerprint_unit``, here or elsewhere.
        spread: see ``pairs_by_partition``.
        mirrored: whether inverted and mirrored copies are searched too, for four times the disk and time.
        radius: largest number of differing bits.
        tell: called with the number of files so far.

    Raises:
        OsteonError: a source cannot be listed, or a unit not be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    files = 0
    waiting = (Task(str(folder), unit) for unit in units)
    while tasks := [*islice(waiting, AT_ONCE)]:
        paths += [task.path for task in tasks]
        for done in make(tasks):
            files += done
            tell(files)
    counts = [pl.scan_parquet(path).select(pl.col("rises").count()).collect().item() for path in paths]
    images = sum(counts)
    hashes = _gather(folder / "hashes.npy", paths, images, mirrored=mirrored)
    lookup = _Lookup(paths, np.cumsum([0, *counts]))
    pairs = pairs_by_partition(hashes, radius, folder / "partitions", spread=spread)
    rows = list(_confirmed(pairs, images, lookup))
    with replacing(folder / "duplicates.parquet") as new:
        pl.DataFrame(rows, schema=PAIRS, orient="row").write_parquet(new)
    return Found(images, files - images, len(rows), sum(row[3] for row in rows))


def _gather(path: Path, parts: Sequence[Path], images: int, *, mirrored: bool) -> Hashes:
    """All hashes in a file: those of the images, then, if asked for, of each variant."""
    ways = len(HASHED) if mirrored else 1
    if not images:
        return np.zeros((0, 4), np.uint64)
    hashes = np.lib.format.open_memmap(path, "w+", np.uint64, (ways * images, 4))
    start = 0
    for part in parts:
        frame = pl.read_parquet(part, columns=["rises", "falls"]).drop_nulls()
        rises, falls = (np.frombuffer(b"".join(frame[name]), np.uint64).reshape(-1, 4) for name in ("rises", "falls"))
        for way, own in enumerate(variants(rises, falls)[:ways]):
            hashes[way * images + start : way * images + start + len(own)] = own
        start += frame.height
    hashes.flush()
    return hashes


class _Lookup:
    """Name, SHA-256 and reduced image of an image by its number; few parts are held at a time."""

    def __init__(self, parts: Sequence[Path], ends: NDArray[np.int64]) -> None:
        self._parts, self._ends = parts, ends
        self._part = lru_cache(16)(self._load)

    def __call__(self, number: int) -> tuple[str, str, NDArray[np.uint8]]:
        part = int(np.searchsorted(self._ends, number, "right")) - 1
        name, digest, picture = self._part(part).row(number - int(self._ends[part]))
        return name, digest, np.frombuffer(picture, np.uint8).reshape(PICTURE_SIDE, PICTURE_SIDE)

    def _load(self, part: int) -> pl.DataFrame:
        return pl.read_parquet(self._parts[part], columns=["source", "sha256", "picture"]).drop_nulls()


def _confirmed(pairs: NDArray[np.int64], images: int, lookup: _Lookup) -> Iterator[tuple[Any, ...]]:
    """Pairs of different images that correlate, each once, in its best variant."""
    best: dict[tuple[int, int], tuple[int, Variant]] = {}
    for i, j, distance in pairs.tolist():
        way, other = divmod(j, images)
        pair = (min(i, other), max(i, other))
        if i < images and i != other and (pair not in best or distance < best[pair][0]):
            best[pair] = (distance, HASHED[way])
    for (i, j), (distance, variant) in sorted(best.items()):
        (first, one, picture), (second, two, partner) = lookup(i), lookup(j)
        own = picture[:, ::-1] if HASHED.index(variant) >= 2 else picture
        score = 1.0 if one == two else min(abs(correlation(own, partner)), 1.0)
        if score >= CONFIRMED:
            yield first, second, variant.value, one == two, distance, score


def here(tasks: Sequence[Task], threads: int = 1) -> Iterator[int]:
    """Make the fingerprints in this process, several files at a time."""
    return map(fingerprint_unit, tasks, repeat(threads))
