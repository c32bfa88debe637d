"""Contact sheets of phantoms, one PNG for each kind: python docs/make_phantom_sheets.py FOLDER [--seed 0] [--size 480].

Each row of a sheet shows cases in both views; the boxes of what a view shows are drawn in green.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from osteon.data.phantom.phantom import Phantom
from osteon.data.phantom.simulate import FINDINGS, KINDS, simulate_pair


def tile(phantom: Phantom, size: int) -> np.ndarray:
    """One picture in a square cell, uint8 (size, size, 3)."""
    picture = cv2.cvtColor(np.round(phantom.pixels * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    for finding in phantom.visible():
        x0, y0, x1, y1 = (round(value) for value in finding.box)
        cv2.rectangle(picture, (x0, y0), (x1, y1), (80, 200, 80), 1)
    cell = np.zeros((size, size, 3), np.uint8)
    height, width = picture.shape[:2]
    left = (size - width) // 2
    cell[:height, left : left + width] = picture
    return cell


def sheet(kind: str, seed: int, size: int, rows: int = 4) -> np.ndarray:
    """A normal case and each finding in turn, two cases in a row."""
    findings = ("normal", *FINDINGS[kind])
    cells = [
        tile(phantom, size)
        for index in range(2 * rows)
        for phantom in simulate_pair(kind, seed + index, size=size, finding=findings[index % len(findings)])
    ]
    return np.vstack([np.hstack(cells[i : i + 4]) for i in range(0, len(cells), 4)])


def main() -> None:
    """Write the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=480)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        cv2.imwrite(str(options.folder / f"{kind}.png"), sheet(kind, options.seed, options.size))


if __name__ == "__main__":
    main()
