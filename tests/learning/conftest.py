"""A small dataset that a network can learn in seconds, and recipes cut down to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIZE = 64
PATCHES = 24  # images of each class and part


def draw(random: np.random.Generator, *, fractured: bool) -> np.ndarray:
    """A grey strip on black; a fracture is a dark gap across it."""
    image = random.normal(12, 4, (SIZE, SIZE))
    left = int(random.integers(18, 26))
    image[:, left : left + 18] += 150
    if fractured:
        row = int(random.integers(16, 44))
        image[row : row + 8, left : left + 18] -= 130
    return np.clip(image + random.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def classes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of classes under splits, as the elbow dataset lies on disk."""
    root = tmp_path_factory.mktemp("elbow")
    random = np.random.default_rng(0)
    for part in ("train", "val", "test"):
        for name in ("normal", "displaced"):
            folder = root / part / name
            folder.mkdir(parents=True)
            for number in range(PATCHES):
                Image.fromarray(draw(random, fractured=name == "displaced")).save(folder / f"{part}-{number:03d}.png")
    return root


SMALL = (
    "dataset=elbow",
    "preprocessing.height=64",
    "preprocessing.width=64",
    "cache_side=64",
    "sampling.batch_size=12",
    "precision=32-true",
)


@pytest.fixture(scope="session")
def small_settings() -> tuple[str, ...]:
    """``--set`` arguments that cut the recipe ``fracatlas`` down to the small dataset."""
    return (
        *SMALL,
        "sampling.images_per_epoch=48",
        "phases.0.epochs=2",
        "phases.0.side=32",
        "phases.1.epochs=2",
        "phases.2.epochs=1",
        "phases.2.augmentation=null",  # made for films of full size
        "architecture.width=0.35",
        "architecture.fusion=32",
        "architecture.features=32",
        "indicated.minimum_side=32",
        "indicated.novelty_share=0.01",
        "averaging=0.9",
    )


@pytest.fixture(scope="session")
def learning_settings() -> tuple[str, ...]:
    """``--set`` arguments with which the recipe ``fracatlas`` learns the small dataset well in seconds."""
    return (
        *SMALL,
        "sampling.images_per_epoch=144",
        "optimizer.lr=6e-3",
        "optimizer.head_lr=6e-3",
        "averaging=0.8",
        "phases.0.epochs=1",
        "phases.0.side=32",
        "phases.1.epochs=10",
        "phases.2.epochs=2",
        "phases.2.start=full",  # close to it, so that the average of both is as good
        "phases.2.rate=0.1",
        "phases.2.augmentation=null",
        "augmentation.rotation=5",
        "augmentation.zoom=0.05",
        "augmentation.shear=0",
        "augmentation.noise_share=0",
        "augmentation.blur_share=0",
        "augmentation.tone_share=0.2",
        "architecture.width=0.35",
        "architecture.fusion=32",
        "architecture.features=32",
        "indicated.minimum_side=32",
        "indicated.novelty_share=0.01",
    )
