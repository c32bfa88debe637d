"""Features of the shipped network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from osteon.bundle.archive import open_bundle
from osteon.core.errors import BundleError

pytest.importorskip("onnx")

from osteon.inference.networks.features import FeatureExtractor, with_backbone_output


def test_a_copy_is_nearer_than_another_image(shared_data: Path, tmp_path: Path) -> None:
    from PIL import Image

    files = sorted((shared_data / "fracatlas" / "images" / "Fractured").glob("*.jpg"))[:6]
    copy = tmp_path / "copy.jpg"
    Image.open(files[0]).convert("L").save(copy, quality=70)
    features = FeatureExtractor(open_bundle("fracatlas"))([*files, copy])
    assert features.shape == (7, 352)
    apart = np.linalg.norm(features[:-1] - features[-1], axis=1)
    assert apart.argmin() == 0
    assert apart[0] < 0.4 * apart[1:].min()


def test_a_graph_without_a_backbone_is_refused(bundle_file: Path) -> None:
    with pytest.raises(BundleError, match="backbone"):
        with_backbone_output(open_bundle(bundle_file).graph)
