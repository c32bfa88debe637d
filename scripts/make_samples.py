"""Simulate the sample radiographs in ``samples/``: python scripts/make_samples.py samples.

Phantoms, not patients: two hands, an elbow, a forearm, and a spine as DICOM, which the shipped bundle must refuse.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from osteon.core.labels import View
from osteon.phantom.layouts.dicomfile import save
from osteon.phantom.simulate import simulate

FILMS = (
    ("hand-normal.png", "hand", 3, View.FRONTAL, "normal"),
    ("hand-fracture.jpg", "hand", 18, View.FRONTAL, "fracture"),
    ("elbow-displaced.jpg", "elbow", 4, View.FRONTAL, "displaced"),
    ("forearm-midshaft.jpg", "forearm", 4, View.FRONTAL, "midshaft"),
)


def main(folder: Path) -> None:
    """Write the images."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind, seed, view, finding in FILMS:
        pixels = simulate(kind, seed, view=view, size=720, finding=finding).pixels
        if name.endswith(".png"):  # 16 bits, as some archives export images
            cv2.imwrite(str(folder / name), np.round(pixels * 65535).astype(np.uint16))
        else:
            Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(folder / name, quality=88)
    spine = simulate("spine", 6, view=View.LATERAL, size=512, finding="normal")
    save(spine, folder / "spine-refused.dcm", image="a1", study="a2", series="a3", number=1, inverted=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
