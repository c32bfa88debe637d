"""Realism of phantoms: grey values and detail of simulated hands compared with real ones, and a network's calls.

    python benchmarks/phantom_likeness.py FRACATLAS [--images 60] [--size 454]

Real are frontal hands of FracAtlas without hardware (FOLDER is its root); a second sample of them says how much two samples
differ by chance. Simulated are whole hands. Printed are percentiles of the grey values (0 to 1), the earth mover's distance
between the mean histograms, the slope of the power spectrum on logarithmic axes, and how many whole phantoms the shipped
network takes for broken: it was trained on real images only, so a high share means that phantoms are foreign to it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import polars as pl

from osteon.bundle.archive import open_bundle
from osteon.core.labels import View
from osteon.inference.engine import InferenceEngine
from osteon.phantom.simulate import simulate

PERCENTILES = (5, 25, 50, 75, 90, 95, 99)
BANDS = np.linspace(0.02, 0.5, 49)
"""Limits of the rings of the power spectrum, cycles per pixel."""


def real(root: Path, count: int, seed: int, size: int) -> list[np.ndarray]:
    """Frontal hands without hardware, longer edge `size`, in [0, 1]."""
    table = pl.read_csv(root / "dataset.csv").filter(
        (pl.col("hand") == 1) & (pl.col("frontal") == 1)
        & (pl.sum_horizontal("leg", "mixed", "multiscan", "hardware") == 0)
    ).sample(count, seed=seed)  # fmt: skip
    found: list[np.ndarray] = []
    for name in table["image_id"]:
        picture = cv2.imread(str(next((root / "images").glob(f"*/{name}"))), cv2.IMREAD_GRAYSCALE)
        if picture is not None:
            scale = size / max(picture.shape)
            picture = (
                picture if scale == 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            )
            found.append(picture.astype(np.float32) / 255)
    return found


def spectrum(picture: np.ndarray) -> np.ndarray:
    """Logarithm of the mean power in each ring, of the middle square, as a share of all."""
    side = min(picture.shape)
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    square = picture[top : top + side, left : left + side]
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.fftshift(np.fft.fft2((square - square.mean()) * window))) ** 2
    rows, columns = np.indices(power.shape) - side // 2
    radius = np.hypot(rows, columns) / side
    ring = np.digitize(radius, BANDS)
    mean = np.bincount(ring.ravel(), power.ravel()) / np.bincount(ring.ravel())
    return np.log10(mean[1 : len(BANDS)] / power[radius < 0.5].sum())


def describe(pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean histogram, mean percentiles and slope of the mean spectrum between 0.04 and 0.3 cycles per pixel."""
    histogram = np.mean([np.histogram(picture, 64, (0, 1))[0] / picture.size for picture in pictures], axis=0)
    percentiles = np.mean([np.percentile(picture, PERCENTILES) for picture in pictures], axis=0)
    middle = 0.5 * (BANDS[1:] + BANDS[:-1])
    some = (middle > 0.04) & (middle < 0.3)
    mean = np.mean([spectrum(picture) for picture in pictures], axis=0)
    return histogram, percentiles, float(np.polyfit(np.log10(middle[some]), mean[some], 1)[0])


def calls(view: View, count: int) -> Counter[str]:
    """Calls of the shipped network on hands without a fracture."""
    engine = InferenceEngine(open_bundle("fracatlas"), 1)
    calls: Counter[str] = Counter()
    for seed in range(count):
        radiograph = simulate("hand", 5000 + seed, view=view, size=720, finding="normal").radiograph()
        calls[str(engine.read_study([radiograph], radiograph.source).call)] += 1
    return calls


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, metavar="FRACATLAS")
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--size", type=int, default=454)
    options = parser.parse_args()
    n = options.images
    phantoms = [simulate("hand", 5000 + i, size=options.size, finding="normal").pixels for i in range(n)]
    groups = {
        "real": real(options.root, n, 1, options.size),
        "real, again": real(options.root, n, 2, options.size),
        "simulated": phantoms,
    }
    print(f"{'':<14}{'  '.join(f'p{p:<4}' for p in PERCENTILES)}  slope   distance of histograms from real")
    first = describe(groups["real"])[0]
    for name, pictures in groups.items():
        histogram, percentiles, slope = describe(pictures)
        distance = float(np.abs(np.cumsum(histogram) - np.cumsum(first)).mean())
        print(f"{name:<14}{'  '.join(f'{p:.3f}' for p in percentiles)}  {slope:.2f}   {distance:.4f}")
    for view in (View.FRONTAL, View.LATERAL):
        print(f"shipped network, {n} whole {view.value} hands: {dict(calls(view, n))}")


if __name__ == "__main__":
    main()
