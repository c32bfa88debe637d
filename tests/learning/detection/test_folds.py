"""A detector is cross-validated on cropped radiographs: its boxes are measured in the images' own pixels, and by FROC."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.boxes import boxed_systems, compare_boxes
from osteon.evaluation.compare.sources import read_systems
from osteon.evaluation.predictions.boxfiles import read_boxes
from osteon.evaluation.predictions.predictions import read_predictions
from osteon.learning.folds.run import CrossValidation, cross_validate
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply
from osteon.learning.train import TrainerOptions

pytestmark = [
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning calls what PyTorch has renamed
]

HEIGHT, WIDTH = 128, 192
FEW = Settings(resamples=300)
SETTINGS = (
    "dataset=coco", "preprocessing.height=128", "preprocessing.width=128", "cache_side=128", "phases.0.side=64",
    "phases.0.epochs=1", "phases.1.epochs=10", "phases.2.epochs=1", "sampling.batch_size=8", "sampling.images_per_epoch=80",
    "architecture.width=0.35", "architecture.pyramid=32", "architecture.blocks=1", "optimizer.lr=4e-3",
    "optimizer.head_lr=6e-3", "averaging=0.8", "precision=32-true", "indicated.minimum_side=32",
    'split.group=["study"]', 'split.stratify=["label_fracture"]', "selection.metric=val_froc",
    "augmentation.rotation=5", "augmentation.blur_share=0", "augmentation.noise_share=0", "augmentation.tone_share=0",
    "augmentation.shear=0", "augmentation.zoom=0.1", "preprocessing.crop=limb",
)  # fmt: skip


@pytest.fixture(scope="module")
def limbs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A limb in a wide dark picture; on every second a bright square, which is what is to be found."""
    root = tmp_path_factory.mktemp("limbs")
    random = np.random.default_rng(0)
    images, annotations = [], []
    for number in range(120):
        pixels = random.normal(12, 2, (HEIGHT, WIDTH))
        left = int(random.integers(20, 100))
        pixels[:, left : left + 64] += 60
        images.append({"id": number, "file_name": f"{number:03d}.png", "width": WIDTH, "height": HEIGHT})
        if number % 2:
            x, y = left + int(random.integers(6, 30)), int(random.integers(8, HEIGHT - 40))
            width, height = random.integers(18, 30, 2).tolist()
            pixels[y : y + height, x : x + width] += 110
            annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": [x, y, width, height]})
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(root / f"{number:03d}.png")
    categories = [{"id": 1, "name": "fracture"}]
    (root / "limbs.json").write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return root


def test_boxes_out_of_fold_lie_on_the_findings(limbs: Path, tmp_path: Path) -> None:
    options = TrainerOptions(cache=tmp_path / "cache", track=no_progress, progress=False, traces=False)
    work = CrossValidation(apply(find("fracatlas/detector"), SETTINGS), SETTINGS, 0, limbs, tmp_path / "folds", 3)
    measured = cross_validate(work, options, resume=False, command="this", intervals=FEW)
    assert measured.figures["detection.froc"].value > 0.6
    assert measured.figures["classification.auroc"].value > 0.8
    said = read_predictions(tmp_path / "folds" / "predictions.parquet")
    boxes = read_boxes(tmp_path / "folds", said.image.tolist())
    assert boxes is not None
    assert boxes.found.corners[:, 0].max() > 128  # beyond the canvas: these are pixels of the picture
    assert boxes.found.corners.max(0).tolist() <= [WIDTH, HEIGHT, WIDTH, HEIGHT]
    systems = boxed_systems(read_systems([f"a={tmp_path / 'folds'}", f"b={tmp_path / 'folds'}"]))
    same = {one.figure: one for one in compare_boxes(systems, FEW)}
    assert same["detection.froc"].difference.value == 0
    assert same["detection.froc"].values[0] == pytest.approx(measured.figures["detection.froc"].value)
    assert same["detection.map50"].values[0] == pytest.approx(measured.figures["detection.map50"].value)
