"""Deletion and insertion: does the probability hang on the places that the map names?

V. Petsiuk, A. Das, K. Saenko: RISE, BMVC 2018. Deletion takes the most important pixels away first and should make the
probability fall at once; insertion gives them to an empty image first and should make it rise at once. Each is one area
under a curve. An area says little alone: an image that is hard to read has a small one under either curve. So the same is
done with two orders that know nothing of the image: the map with its cells shuffled, and the distance from the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np

from osteon.bundle.manifest import Manifest
from osteon.core.records import Pixels
from osteon.imaging.preprocess import Preprocessing, fit, to_input
from osteon.inference.networks.calibrate import positive, probabilities
from osteon.inference.networks.session import Network, Outputs
from osteon.stats.checks import Floats

Order = Literal["map", "shuffled", "centre"]
Fill = Literal["blur", "mean"]

ORDERS: Final[tuple[Order, ...]] = ("map", "shuffled", "centre")
SHARES: Final = (0.0, 0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
"""Shares of the image at which the probability is asked for: dense where a fracture, a small thing, would go."""

_BLUR: Final = 5 / 224
"""Standard deviation of the blur over the canvas' side, as in the paper."""


@dataclass(frozen=True, slots=True)
class Curves:
    """What one image's probability does as its pixels are taken away or given back.

    Attributes:
        deletion: probability at each of ``SHARES`` deleted, by order of the pixels.
        insertion: probability at each of ``SHARES`` inserted, by order of the pixels.
    """

    deletion: dict[Order, Floats]
    insertion: dict[Order, Floats]


def area(curve: Floats) -> float:
    """Area under a curve over ``SHARES``, by trapezia."""
    return float(np.trapezoid(curve, SHARES))


def chance_of(network: Network, manifest: Manifest, canvas: Pixels) -> float:
    """Calibrated probability of a canvas (h, w) in [0, 1], without the checks before inference."""
    logits = network.run(to_input(canvas, manifest.preprocessing)[np.newaxis]).logits
    values = probabilities(logits, manifest.calibration, manifest.activation)
    return float(positive(values, manifest.labels, manifest.activation)[0])


def shown_label(outputs: Outputs, manifest: Manifest) -> int:
    """The positive label of the highest logit: the one whose map inference shows."""
    rows = [row for row, label in enumerate(manifest.labels) if label.positive]
    return max(rows, key=lambda row: float(outputs.logits[0, row]))


def shown_map(outputs: Outputs, manifest: Manifest) -> Pixels:
    """The map of :func:`shown_label` over the whole canvas, coarse, (h, w).

    Raises:
        ValueError: the bundle gives no maps.
    """
    if outputs.maps is None:
        raise ValueError("expected a bundle with maps")
    return outputs.maps[0, shown_label(outputs, manifest)]


def perturb(network: Network, manifest: Manifest, pixels: Pixels, *, fill: Fill = "blur", seed: int = 0) -> Curves:
    """Delete and insert the pixels of one image in each of ``ORDERS``.

    The map is that of the positive label with the highest logit, as inference shows it. Images go through the network
    one by one: on a processor a batch costs more for each image than a single one.

    Args:
        network: of the bundle.
        manifest: of the bundle.
        pixels: the image, shape (H, W) in [0, 1].
        fill: what stands in the place of a deleted pixel: the image out of focus, or its mean.
        seed: of the shuffled order and of ties.

    Raises:
        BundleError: the network failed.
        ValueError: the bundle gives no maps.
    """
    preprocessing = manifest.preprocessing
    random = np.random.default_rng(seed)
    fitted = fit(pixels, preprocessing)
    canvas, covered = np.asarray(fitted.canvas, np.float32), fitted.covered
    seen = canvas[covered]
    empty = _empty(seen, fill, preprocessing)
    deletion: dict[Order, Floats] = {}
    insertion: dict[Order, Floats] = {}
    map_ = shown_map(network.run(to_input(canvas, preprocessing)[np.newaxis]), manifest)
    whole, nothing = (chance_of(network, manifest, _put(canvas, covered, part)) for part in (seen, empty))
    for order in ORDERS:
        rank = _ranked(_importance(order, map_, covered, preprocessing, random), random)
        without, only = [whole], [nothing]
        for share in SHARES[1:-1]:
            first = rank < round(share * rank.size)
            without.append(chance_of(network, manifest, _put(canvas, covered, np.where(first, empty, seen))))
            only.append(chance_of(network, manifest, _put(canvas, covered, np.where(first, seen, empty))))
        deletion[order], insertion[order] = np.array([*without, nothing]), np.array([*only, whole])
    return Curves(deletion, insertion)


def _empty(seen: Pixels, fill: Fill, preprocessing: Preprocessing) -> Pixels:
    if fill == "mean":
        return np.full_like(seen, seen.mean())
    width = _BLUR * max(preprocessing.height, preprocessing.width)
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), width, borderType=cv2.BORDER_REPLICATE), np.float32)


def _put(canvas: Pixels, covered: tuple[slice, slice], part: Pixels) -> Pixels:
    whole = canvas.copy()
    whole[covered] = part
    return whole


def _importance(
    order: Order, map_: Pixels, covered: tuple[slice, slice], preprocessing: Preprocessing, random: np.random.Generator
) -> Pixels:
    """Importance of each pixel of the image on the canvas, shape (rows, columns)."""
    if order == "centre":
        rows, columns = covered[0].stop - covered[0].start, covered[1].stop - covered[1].start
        y = (np.arange(rows) + 0.5) / rows - 0.5
        x = (np.arange(columns) + 0.5) / columns - 0.5
        return np.asarray(-np.hypot(y[:, None], x[None]), np.float32)
    # Shuffled cells, not pixels: single pixels would make noise, which disturbs a network whatever they hide.
    cells = map_ if order == "map" else random.permutation(map_.ravel()).reshape(map_.shape)
    spread = cv2.resize(
        np.ascontiguousarray(cells), (preprocessing.width, preprocessing.height), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(spread, np.float32)[covered]


def _ranked(importance: Pixels, random: np.random.Generator) -> Floats:
    """Rank of each pixel, 0 for the most important; ties by chance."""
    flat = importance.ravel()
    order = np.lexsort((random.random(flat.size), -flat))
    rank = np.empty(flat.size)
    rank[order] = np.arange(flat.size)
    return rank.reshape(importance.shape)
