"""Time and memory of bundles: of their own processes, whatever the process that measures them holds."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from osteon.evaluation.promotion.cost import measure_cost


def test_the_same_bundle_costs_the_same(bundle_file: Path, blobs: ModuleType, tmp_path: Path) -> None:
    held = np.ones(1 << 26)  # 512 MiB, which a child must not be charged with
    files = [blobs.save(blobs.film(0.2 * number), tmp_path / f"{number}.png") for number in range(3)]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    found = measure_cost(bundle_file, bundle_file, [*files, broken])
    assert found is not None
    assert found.images == 2  # without the first, which warms up, and the one that cannot be read
    assert 0.2 < found.ratio.value < 5
    mine, theirs = found.mebibytes
    assert abs(mine - theirs) < 0.2 * theirs
    if sys.platform == "linux":
        assert mine < resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert held.sum() == 1 << 26


def test_where_nothing_can_be_read_nothing_is_said(bundle_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    assert measure_cost(bundle_file, bundle_file, [broken]) is None
