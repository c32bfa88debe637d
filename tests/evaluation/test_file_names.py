"""A dataset with file names that are not UTF-8 is evaluated like any other."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from osteon.bundle.archive import Bundle, write_bundle
from osteon.data.datasets.folder import read
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.inference.overlap import training_parts
from osteon.evaluation.report.context import bundle_context
from osteon.evaluation.report.run import evaluate_table

READABLE, BROKEN = b"gr\xfcn.png", b"gel\xf6scht.png"


@pytest.fixture(scope="module")
def bundle(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small bundle that lists one training file."""
    folder = tmp_path_factory.mktemp("bundle")
    seen = blobs.save(blobs.film(0.4), folder / "seen.png")
    manifest = blobs.manifest()
    return write_bundle(folder / "blobs.osteon", manifest, blobs.parts(manifest) | training_parts([seen]))


@pytest.fixture
def dataset(blobs: ModuleType, tmp_path: Path) -> Path:
    """A folder of two classes; one readable and one broken file have names that are not UTF-8."""
    root = tmp_path / "dataset"
    for index in range(12):
        fracture = index % 2
        folder = root / ("fracture" if fracture else "normal")
        folder.mkdir(parents=True, exist_ok=True)
        blobs.save(blobs.film(0.5 + 0.3 * fracture + 0.01 * index), folder / f"{index:02d}.png")
    try:
        (root / "fracture" / "11.png").rename(root / "fracture" / os.fsdecode(READABLE))
    except OSError:
        pytest.skip("this file system refuses names that are not UTF-8")
    (root / "fracture" / "09.png").rename(root / "fracture" / os.fsdecode(BROKEN))
    return root


def test_such_files_are_read(bundle: Bundle, dataset: Path) -> None:
    table = read(dataset)
    (dataset / "fracture" / os.fsdecode(BROKEN)).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    found = evaluate_table(bundle, table, dataset, "fracture", settings=Settings(resamples=50))
    rows = {name: row for row, name in enumerate(found.predictions.image.tolist())}
    readable, broken = rows["fracture/gr\\xfcn.png"], rows["fracture/gel\\xf6scht.png"]
    assert np.isfinite(found.predictions.probability[readable])
    assert not found.predictions.attributes["failed"][readable]
    assert found.predictions.attributes["failed"][broken]
    assert int(found.predictions.read.sum()) == len(table) - 1
    context = bundle_context(bundle, table, dataset, found, part="all", command="osteon evaluate")
    assert len(context.errors) <= len(table)
