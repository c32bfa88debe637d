"""What cropping to the limb does to real radiographs: how much is left, what happens to marked fractures, and how long it takes.

    python benchmarks/crop.py FracAtlas --json crop.json --sheet crop.png

The sheet shows 100 images, chosen at random by --seed, with the region that is left (green; yellow where two views are told)
and the marked boxes (red): look at it after every change of `osteon.imaging.crop`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from osteon.data.datasets import read
from osteon.imaging import load
from osteon.imaging.crop.limb import Limb, find_limb
from osteon.stats.intervals import wilson

TILE = 184


def visible(box: dict[str, Any], limb: Limb) -> float:
    """Share of a marked box that the region holds."""
    region = limb.region
    across = max(0.0, min(box["x1"], region.right) - max(box["x0"], region.left)) / (box["x1"] - box["x0"])
    down = max(0.0, min(box["y1"], region.bottom) - max(box["y0"], region.top)) / (box["y1"] - box["y0"])
    return across * down


def tile(pixels: np.ndarray, limb: Limb, boxes: list[dict[str, Any]]) -> np.ndarray:
    """A small picture of an image with its regions and boxes."""
    rows, columns = pixels.shape
    scale = (TILE - 4) / max(rows, columns)
    image = cv2.cvtColor((pixels * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    for view in limb.views:
        colour = (0, 255, 255) if len(limb.views) > 1 else (0, 255, 0)
        corners = (view.left, view.top), (view.right - 1, view.bottom - 1)
        cv2.rectangle(image, *corners, colour, max(2, round(2 / scale)))
    for box in boxes:
        corners = (int(box["x0"]), int(box["y0"])), (int(box["x1"]), int(box["y1"]))
        cv2.rectangle(image, *corners, (0, 0, 255), max(1, round(1 / scale)))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    shown = np.full((TILE, TILE, 3), 90, np.uint8)
    shown[: small.shape[0], : small.shape[1]] = small
    return shown


def main() -> None:
    """Measure, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    table = read("fracatlas", given.data)
    chosen = set(np.random.default_rng(given.seed).choice(len(table), min(100, len(table)), replace=False).tolist())
    shares: list[float] = []
    areas, gains, seconds, two = [], [], [], 0
    tiles: list[np.ndarray] = []
    for row, (image, boxes) in enumerate(zip(table.images, table.frame["boxes"].to_list(), strict=True)):
        pixels = load(given.data / image)[0].pixels
        start = time.perf_counter()
        limb = find_limb(pixels)
        seconds.append(time.perf_counter() - start)
        areas.append(float(np.prod(limb.region.shape)) / pixels.size)
        gains.append(max(pixels.shape) / max(limb.region.shape))
        two += len(limb.views) > 1
        shares += [visible(box, limb) for box in boxes or ()]
        if row in chosen:
            tiles.append(tile(pixels, limb, list(boxes or ())))
    held = sum(share > 0.98 for share in shares)
    interval = wilson(held, len(shares))
    found = {
        "images": len(areas),
        "boxes": len(shares),
        "boxes_held": {"value": held / len(shares), "low": interval.low, "high": interval.high, "n": len(shares)},
        "least_share_of_a_box": min(shares),
        "kept_whole": float(np.mean(np.array(areas) == 1)),
        "area": dict(
            zip(("low_quartile", "median", "high_quartile"), np.percentile(areas, (25, 50, 75)).tolist(), strict=True)
        ),
        "enlarged": dict(
            zip(
                ("median", "high_quartile", "95th_percentile"), np.percentile(gains, (50, 75, 95)).tolist(), strict=True
            )
        ),
        "two_views": two,
        "milliseconds": float(np.median(seconds) * 1e3),
    }
    content = json.dumps(found, indent=1)
    print(content)
    if given.json is not None:
        given.json.write_text(content + "\n", "utf-8")
    if given.sheet is not None:
        tiles += [np.zeros((TILE, TILE, 3), np.uint8)] * (-len(tiles) % 10)
        cv2.imwrite(str(given.sheet), np.vstack([np.hstack(tiles[at : at + 10]) for at in range(0, len(tiles), 10)]))


if __name__ == "__main__":
    main()
