"""A snapshot of what readers decided, and old data beside it; small and simulated."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.learning.conftest import draw

from osteon.core.snapshot import Snapshot, SnapshotImage, SnapshotStudy
from osteon.data.snapshots.write import write_snapshot

STUDIES = 48


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a snapshot: two studies of each patient, a third of the images inverted, as another device may send them."""
    root = tmp_path_factory.mktemp("decided")
    random = np.random.default_rng(7)
    files: dict[str, Path] = {}
    studies: list[SnapshotStudy] = []
    for number in range(STUDIES):
        pixels = draw(random, fractured=number % 2 == 1)
        path = root / f"{number}.png"
        Image.fromarray(255 - pixels if number % 3 == 0 else pixels).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files[digest] = path
        image = SnapshotImage(
            name=digest[:20], digest=digest, rows=64, columns=64, format="PNG", labels={"broken": number % 2}
        )
        studies.append(
            SnapshotStudy(
                study=f"s{number}",
                patient=f"p{number // 2}",
                age=float(number),
                sex="FM"[number // 2 % 2],
                decided="person",
                readers=2,
                images=(image,),
            )
        )
    taken = Snapshot(
        project="wrists",
        schema_name="wrists",
        schema_version=1,
        labels=("broken",),
        created=datetime(2026, 3, 1, tzinfo=UTC),
        studies=tuple(studies),
        left_out={},
    )
    write_snapshot(taken, files.__getitem__, root / "snapshot", fractions=None)
    return root / "snapshot"
