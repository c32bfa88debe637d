"""What the layouts share: a job for each case, images on disk, and their truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.labels import View
from osteon.phantom.phantom import Phantom, TrueFinding

JPEG_QUALITY: int = 93


@dataclass(frozen=True, slots=True)
class Job:
    """One case to simulate.

    Attributes:
        kind: of phantom.
        seed: of the phantom.
        finding: class of the case.
        split: part of the dataset that it goes to.
        name: identifier of the case in the layout.
        views: views to take.
        coupled: casts and metal depend on fractures (see `osteon.phantom.treatment.treatment`).
    """

    kind: str
    seed: int
    finding: str
    split: str
    name: str
    views: tuple[View, ...]
    coupled: bool = False


Record = dict[str, object]
"""Row of a case for the tables of its layout; JSON values only."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A published layout.

    Attributes:
        name: as on the command line.
        kinds: phantoms that the layout supports.
        plan: the jobs for ``(kind, n, seed)``.
        draw: simulate a job with a given size and write its images below a root; one record for each image.
        finish: write the tables of all records below a root.
    """

    name: str
    kinds: tuple[str, ...]
    plan: Callable[[str, int, int], list[Job]]
    draw: Callable[[Job, Path, int], list[Record]]
    finish: Callable[[Sequence[Record], Path], None]


def case_seed(seed: int, index: int) -> int:
    """Seed of one case; cases of neighbouring seeds are different."""
    return int(np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)[0] >> np.uint64(12))


def to_bytes(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey values 0 to 255."""
    return np.asarray(np.round(np.clip(pixels, 0.0, 1.0) * 255.0), dtype=np.uint8)


def save_jpeg(pixels: NDArray[np.float32], path: Path) -> None:
    """Write a grey JPEG.

    Raises:
        DataError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded, data = cv2.imencode(".jpg", to_bytes(pixels), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise DataError("a phantom could not be encoded as JPEG", got=str(path.name))
    path.write_bytes(data.tobytes())


def outline(mask: NDArray[np.bool_]) -> list[list[float]]:
    """Outlines of a mask as flat lists x, y, x, y ..., in pixels from the outer corner of the first one."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
    polygons = [contour[:, 0, :].astype(np.float64) + 0.5 for contour in contours if len(contour) >= 3]
    return [[round(float(x), 2) for x in polygon.ravel()] for polygon in polygons]


def describe(phantom: Phantom, image: str, job: Job) -> Record:
    """The truth of an image, as `truth.json` stores it."""
    return {
        "image": image,
        "case": job.name,
        "split": job.split,
        "kind": phantom.kind,
        "seed": phantom.seed,
        "finding": phantom.finding,
        "view": phantom.view.value,
        "laterality": phantom.laterality.value if phantom.laterality else None,
        "age": round(phantom.age, 2),
        "sex": phantom.sex.value,
        "spacing_mm": round(phantom.spacing, 5),
        "height": int(phantom.pixels.shape[0]),
        "width": int(phantom.pixels.shape[1]),
        "cast": phantom.cast,
        "hardware": phantom.hardware,
        "findings": [_finding(finding) for finding in phantom.findings],
    }


def _finding(finding: TrueFinding) -> Record:
    return {
        "label": finding.label,
        "box": [round(float(x), 2) for x in finding.box],
        "visible": finding.visible,
        "contrast": round(finding.contrast, 4),
        "outline": outline(finding.mask),
        "numbers": dict(finding.numbers),
    }
