"""Search of near duplicates by partition: it finds what comparing all with all finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.duplicates.hashes import Hashes
from osteon.data.duplicates.neighbours import pairs_within
from osteon.data.duplicates.partitions import Search, pairs_by_partition, search


def generated(count: int, copies: int, seed: int = 1) -> tuple[Hashes, dict[tuple[int, int], int]]:
    """Random hashes with a border that nearly all share, and copies of some with 0 to 16 bits flipped: (i, j) to flips."""
    generator = np.random.default_rng(seed)
    hashes = generator.integers(0, 1 << 63, (count, 4), np.uint64)
    hashes[:, 0] &= np.uint64(0xFFFF)  # black borders
    planted: dict[tuple[int, int], int] = {}
    for number in range(copies):
        flips = number % 17
        bits = np.zeros(256, np.uint8)
        bits[generator.choice(256, flips, replace=False)] = 1
        hashes[count - copies + number] = hashes[number] ^ np.packbits(bits).view(np.uint64)
        planted[number, count - copies + number] = flips
    return hashes, planted


def test_all_pairs_within_the_radius_are_found(tmp_path: Path) -> None:
    hashes, planted = generated(6_000, 1_000)
    found = pairs_by_partition(hashes, 10, tmp_path / "parts", rows=500)
    assert found.tolist() == pairs_within(hashes, hashes, 10).tolist()
    wanted = {(i, j, flips) for (i, j), flips in planted.items() if flips <= 10}
    assert wanted <= set(map(tuple, found.tolist()))
    assert not (tmp_path / "parts").exists()


def test_hashes_may_lie_on_the_disk_and_files_be_searched_elsewhere(tmp_path: Path) -> None:
    hashes, _ = generated(2_000, 300, 2)
    np.save(tmp_path / "hashes.npy", hashes)
    mapped = np.load(tmp_path / "hashes.npy", mmap_mode="r")
    sizes: list[int] = []

    def backwards(tasks: Sequence[Search]) -> list[NDArray[np.int64]]:
        sizes.append(len(tasks))
        return [search(task) for task in reversed(tasks)]

    found = pairs_by_partition(mapped, 10, tmp_path / "parts", rows=250, spread=backwards)
    assert found.tolist() == pairs_within(hashes, hashes, 10).tolist()
    assert set(sizes) == {8}


def test_nothing_and_too_large_a_radius(tmp_path: Path) -> None:
    none = np.zeros((0, 4), np.uint64)
    assert pairs_by_partition(none, 10, tmp_path / "parts").shape == (0, 3)
    with pytest.raises(DataError, match="radius of 0 to 14"):
        pairs_by_partition(none, 15, tmp_path / "parts")
