"""Features of a reference: two moments that tell another detector, and nothing of an image."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from osteon.bundle.archive import open_bundle
from osteon.bundle.reference import Reference, parse_reference, reference_content, shipped_reference
from osteon.core.errors import DataError
from osteon.inference.networks.features import available
from osteon.monitoring.feature_reference import compare_vectors, compare_with_reference, freeze_features, freeze_files
from osteon.phantom.layouts.job import to_bytes
from osteon.phantom.simulate import simulate


def test_the_moments_are_those_of_the_vectors() -> None:
    random = np.random.default_rng(0)
    mixing = random.normal(0, 1, (40, 40))

    def draw(count: int, move: float = 0.0) -> NDArray[np.float32]:
        return (random.normal(move, 1, (count, 40)) @ mixing).astype(np.float32)

    vectors = draw(300)
    found = freeze_features(vectors)
    assert len(found.directions) == 8
    np.testing.assert_allclose(found.mean, vectors.mean(axis=0), atol=5e-3)
    np.testing.assert_allclose(np.array(found.covariance), np.diag(np.diag(found.covariance)), atol=2e-2)
    assert np.all(np.diff(np.diag(found.covariance)) < 1e-2)  # the largest first
    same = [compare_vectors(found, draw(100)).hotelling.p for _ in range(20)]
    assert np.mean(np.array(same) < 0.05) <= 0.3
    assert compare_vectors(found, draw(100, 1.0)).hotelling.p < 1e-6


def test_a_reference_without_features_is_written_as_before_and_damage_is_refused() -> None:
    bare = Reference(bundle="a@1", data="b", made="2026-01-01", studies=60, quantities={}, categories={})
    assert b"features" not in reference_content(bare)
    vectors = np.random.default_rng(1).normal(0, 1, (60, 8)).astype(np.float32)
    features = freeze_features(vectors)
    full = bare.model_copy(update={"features": features})
    assert parse_reference(reference_content(full), "x") == full
    with pytest.raises(DataError, match="another network"):
        compare_vectors(features, np.zeros((40, 9), np.float32))
    with pytest.raises(DataError, match="too few"):
        compare_vectors(features, vectors[:19])
    with pytest.raises(DataError, match="too few"):
        freeze_features(vectors[:19])


@pytest.mark.skipif(not available(), reason="needs the package onnx")
def test_the_shipped_network_sees_another_detector(tmp_path: Path) -> None:
    bundle = open_bundle("fracatlas")
    files: list[Path] = []
    for index in range(64):
        image = to_bytes(simulate("hand", index, size=96).pixels)
        if index >= 44:  # the last twenty: more noise
            noise = np.random.default_rng(index).normal(0, 20, image.shape)
            image = np.clip(image + noise, 0, 255).astype(np.uint8)
        files.append(tmp_path / f"{index}.png")
        cv2.imwrite(str(files[-1]), image)
    reference = freeze_files(bundle, files[:22])
    same, other = (compare_with_reference(bundle, reference, part).hotelling.p for part in (files[22:44], files[44:]))
    assert other < 1e-4 < same


def test_the_shipped_bundle_has_a_reference_beside_it() -> None:
    identity = open_bundle("fracatlas").manifest.identity
    found = shipped_reference(identity)
    assert found is not None
    assert (found.bundle, found.studies) == (identity, 409)
    assert found.features is not None
    assert shipped_reference("fracatlas@1.0.0") is None
    assert shipped_reference("mine@1.0.0") is None
