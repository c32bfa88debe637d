"""Maps of the trained network against those of networks whose weights were shuffled, image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError
from osteon.core.geometry import Box
from osteon.core.records import Pixels
from osteon.evaluation.explanation.perturbation import shown_label
from osteon.evaluation.explanation.randomisation import layers, shuffled, stages
from osteon.evaluation.explanation.similarity import spearman, ssim
from osteon.evaluation.html.section import Track
from osteon.evaluation.inference.failures import laid
from osteon.evaluation.inference.sampling import in_order, radiograph
from osteon.imaging.preprocess import fit, to_input
from osteon.inference.networks.session import Network, Outputs
from osteon.stats.checks import Floats

SIDE: Final = 28
"""Maps are compared at this many cells a side, those of the image only."""


@dataclass(frozen=True)
class Sanity:
    """How like the trained maps are the others.

    Attributes:
        layers: number of layers that the map depends on.
        rank: absolute rank correlation with the trained map, by number of layers shuffled, (n,) each.
        structure: SSIM, the same.
        unrelated: both, of the trained maps of two different images: what maps share without a reason, (n,) each.
        failed: shuffled networks that gave no number and were left out.
    """

    layers: int
    rank: Mapping[int, Floats]
    structure: Mapping[int, Floats]
    unrelated: tuple[Floats, Floats]
    failed: int


class _Prepared(NamedTuple):
    """An image as the network takes it, (C, H, W), and the source rectangle and shape that its map is laid over."""

    image: Pixels
    extent: Box
    shape: tuple[int, int]


def check_weights(
    bundle: Bundle, root: Path, images: Sequence[str], track: Track, *, draws: int, seed: int, jobs: int = 1
) -> Sanity | None:
    """Shuffle the layers from the output on, and compare the maps of the positive label at each step.

    Args:
        bundle: with maps.
        root: folder of the images.
        images: images to compare, at least two.
        track: shows progress.
        draws: shufflings at each step; an image's similarity is their mean.
        seed: of the shuffling.
        jobs: images at the same time.

    Returns:
        None where the map depends on no weights.

    Raises:
        DataError: onnx is not installed.
    """
    found = layers(bundle.graph, bundle.manifest.maps or "")
    if not found:
        return None
    prepared = [_ready(bundle, root, image) for image in images]
    outputs = _run(bundle, prepared, jobs)
    labels = [shown_label(one, bundle.manifest) for one in outputs]
    shown = [_map(*one) for one in zip(outputs, prepared, labels, strict=True)]
    steps = [(count, draw) for count in stages(len(found)) for draw in range(draws)]
    rank: dict[int, list[Floats]] = {}
    structure: dict[int, list[Floats]] = {}
    for count, draw in track(steps, "shuffling weights", len(steps)):
        try:
            outputs = _run(shuffled(bundle, found[:count], seed + draw), prepared, jobs)
        except BundleError:
            # A logit that is no number: such a network has no map to compare.
            continue
        first, second = _alike(shown, [_map(*one) for one in zip(outputs, prepared, labels, strict=True)])
        rank.setdefault(count, []).append(first)
        structure.setdefault(count, []).append(second)
    return Sanity(
        layers=len(found),
        rank={count: np.mean(values, axis=0) for count, values in rank.items()},
        structure={count: np.mean(values, axis=0) for count, values in structure.items()},
        unrelated=_alike(shown, [*shown[1:], shown[0]]),
        failed=len(steps) - sum(map(len, rank.values())),
    )


def _ready(bundle: Bundle, root: Path, image: str) -> _Prepared:
    preprocessing = bundle.manifest.preprocessing
    loaded = radiograph(root, image)
    shape = (loaded.height, loaded.width)
    fitted = fit(loaded.pixels, preprocessing)
    extent = fitted.placement.to_source(Box(0.0, 0.0, float(preprocessing.width), float(preprocessing.height)))
    return _Prepared(to_input(np.asarray(fitted.canvas, np.float32), preprocessing), extent, shape)


def _run(bundle: Bundle, prepared: Sequence[_Prepared], jobs: int) -> list[Outputs]:
    network = Network(bundle, 1)
    return list(in_order(lambda one: network.run(one.image[np.newaxis]), prepared, jobs))


def _map(outputs: Outputs, one: _Prepared, label: int) -> Pixels:
    """The map over the image alone, (SIDE, SIDE); zeros where it holds what is no number."""
    if outputs.maps is None:
        raise ValueError("expected a bundle with maps")
    values = np.nan_to_num(outputs.maps[0, label], nan=0.0, posinf=0.0, neginf=0.0)
    return laid(values, one.extent, one.shape, (SIDE, SIDE))


def _alike(first: Sequence[Pixels], second: Sequence[Pixels]) -> tuple[Floats, Floats]:
    pairs = list(zip(first, second, strict=True))
    return np.array([abs(spearman(*pair)) for pair in pairs]), np.array([ssim(*pair) for pair in pairs])
