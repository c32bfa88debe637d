"""A bundle with a crop reads the limb alone, and its boxes and maps lie on the whole image; older versions refuse it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from pydantic import ValidationError

from osteon.bundle.archive import open_bundle
from osteon.bundle.manifest import CROPPED, Manifest
from osteon.core.labels import BodyPart
from osteon.core.records import Pixels, Radiograph
from osteon.imaging.crop.limb import find_limb
from osteon.inference.engine import InferenceEngine

ROWS, COLUMNS = 300, 420
CORNER = (20, 200)
"""Where the limb begins, rows and columns."""


def manifest(blobs: ModuleType, *, schema: int = CROPPED) -> Manifest:
    """Of both networks, cropped."""
    whole = blobs.both()
    assert whole.detector is not None
    detector = whole.detector.model_copy(update={"preprocessing": replace(whole.detector.preprocessing, crop="limb")})
    changed = {
        "schema_version": schema,
        "detector": detector,
        "preprocessing": replace(whole.preprocessing, crop="limb"),
    }
    return Manifest.model_validate(whole.model_dump() | changed)


def picture(blobs: ModuleType) -> Pixels:
    """A limb with a bright square, in a dark picture twice as wide."""
    pixels = np.full((ROWS, COLUMNS), 0.02, np.float32)
    limb = blobs.film(1.0, shape=(256, 192), at=(0.4, 0.5))
    pixels[CORNER[0] : CORNER[0] + 256, CORNER[1] : CORNER[1] + 192] = np.maximum(limb, 0.02)
    return pixels


def test_boxes_and_maps_lie_on_the_whole_image(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(open_bundle(blobs.make(tmp_path / "b.osteon", manifest(blobs))), threads=1)
    pixels = picture(blobs)
    region = find_limb(pixels).region
    assert region.left > CORNER[1] - 30
    reading = engine.read_study([Radiograph(pixels, body_part=BodyPart.HAND)], "x")
    best = reading.findings[0].box
    middle = ((best.x0 + best.x1) / 2, (best.y0 + best.y1) / 2)
    wanted = (CORNER[1] + 96, CORNER[0] + 0.4 * 256)
    assert np.abs(np.subtract(middle, wanted)).max() < 45
    extent = reading.heat_maps[0].extent
    assert (extent.y0, extent.y1) == pytest.approx((region.top, region.bottom))
    assert extent.x0 < region.left
    assert (extent.x0 + extent.x1) / 2 == pytest.approx((region.left + region.right) / 2, abs=2)
    heat = reading.heat_maps[0].values
    y, x = np.unravel_index(int(heat.argmax()), heat.shape)
    at = (
        extent.x0 + (x + 0.5) / heat.shape[1] * extent.width,
        extent.y0 + (y + 0.5) / heat.shape[0] * extent.height,
    )
    assert np.abs(np.subtract(at, wanted)).max() < 45


def test_the_schema_tells_older_versions_of_the_crop(blobs: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="crop"):
        manifest(blobs, schema=3)
    stored = {}
    for name, of in (("cropped", manifest(blobs)), ("whole", blobs.both())):
        with zipfile.ZipFile(blobs.make(tmp_path / f"{name}.osteon", of)) as archive:
            stored[name] = json.loads(archive.read("bundle.json"))
    assert stored["cropped"]["schema_version"] == CROPPED
    assert (
        stored["cropped"]["preprocessing"]["crop"] == stored["cropped"]["detector"]["preprocessing"]["crop"] == "limb"
    )
    assert stored["whole"]["schema_version"] == 2
    assert "crop" not in stored["whole"]["preprocessing"]
    assert "crop" not in stored["whole"]["detector"]["preprocessing"]
