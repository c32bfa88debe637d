"""What is known of an overlap, by what a bundle carries."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.core.errors import BundleError, DataError
from osteon.evaluation.inference.overlap import (
    PART,
    SIGNATURES,
    check_overlap,
    known_signatures,
    overlap_sentence,
    training_parts,
)


@pytest.fixture
def seen(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "fracatlas" / "images" / "Fractured").glob("*.jpg"))[:20]


def bundle(blobs: ModuleType, path: Path, parts: dict[str, bytes]) -> Bundle:
    manifest = blobs.manifest()
    return write_bundle(path, manifest, blobs.parts(manifest) | parts)


def test_re_encoded_training_images_are_named(blobs: ModuleType, seen: list[Path], tmp_path: Path) -> None:
    copies = []
    for path in seen[:16]:
        copies.append(tmp_path / f"copy-{path.name}")
        Image.open(path).convert("L").save(copies[-1], quality=60)
    full = bundle(blobs, tmp_path / "full.osteon", training_parts(seen))
    found = check_overlap(full, copies)
    assert found.copies == tuple(path.name for path in copies)
    assert not found.excluded
    with pytest.raises(DataError, match="overlap"):
        check_overlap(full, [*copies, seen[0]])
    old = bundle(blobs, tmp_path / "old.osteon", {PART: training_parts(seen)[PART]})
    found = check_overlap(old, copies)
    assert (found.training_files, found.signatures, found.copies) == (20, None, ())
    assert "no signatures" in overlap_sentence(found)


def test_lists_of_two_bundles_are_joined(seen: list[Path]) -> None:
    first, both = training_parts(seen[:5]), training_parts(seen[:9])
    assert training_parts(seen[5:9], first) == both
    assert len(both[SIGNATURES].split()) == len(both[PART].split()) == 9


def test_damaged_signatures_are_refused(blobs: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="damaged"):
        known_signatures(bundle(blobs, tmp_path / "b.osteon", {SIGNATURES: b"abc\n"}))


def test_the_shipped_bundle_carries_signatures_of_what_it_learnt_from() -> None:
    known = known_signatures(open_bundle("fracatlas"))
    assert known is not None
    assert 2_900 < len(known) <= 2_594 + 409  # equal ones once
