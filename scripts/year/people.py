"""Simulated patients of two sites: adults before one detector, children before another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box
from osteon.core.labels import View
from osteon.phantom.anatomy.limbs import AGES
from osteon.phantom.anatomy.patient import draw_patient
from osteon.phantom.layouts.job import case_seed, to_bytes
from osteon.phantom.simulate import KINDS, build, shoot

KIND: Final = "elbow"
SIZE: Final = 128
"""Longer edge of an image, pixels."""
LARGER: Final = 1.25
"""Pixels of the other detector for one of the first."""
ADULTS: Final = (18.0, 75.0)
CHILDREN: Final = (3.0, 12.0)


@dataclass(frozen=True, slots=True)
class Person:
    """A simulated study of one image.

    Attributes:
        path: of the image.
        digest: SHA-256 of its bytes.
        fracture: the truth of the simulation.
        age: years.
        sex: ``F`` or ``M``.
        maker: of the detector.
        boxes: of what the view shows of the fracture, ``(x0, y0, x1, y1)`` in pixels of the image.
    """

    path: str
    digest: str
    fracture: bool
    age: float
    sex: str
    maker: str
    boxes: tuple[tuple[float, float, float, float], ...]


def deepen(image: NDArray[np.uint8], boxes: Sequence[Box], random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw fractures darker than the phantom has them, by 8 to 35 %: at this size a network would hardly learn them."""
    made = image.astype(np.float32)
    down, across = np.mgrid[: image.shape[0], : image.shape[1]]
    for x0, y0, x1, y1 in boxes:
        width, height = max(x1 - x0, 6.0), max(y1 - y0, 6.0)
        away = ((across + 0.5 - (x0 + x1) / 2) / width) ** 2 + ((down + 0.5 - (y0 + y1) / 2) / height) ** 2
        made *= 1 - random.uniform(0.08, 0.35) * np.exp(-8 * away)
    return np.rint(made).astype(np.uint8)


def other_detector(image: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Another detector: a steeper curve, a little blur, more noise, pixels a quarter smaller."""
    rows, columns = image.shape
    larger = cv2.resize(image, (round(columns * LARGER), round(rows * LARGER)), interpolation=cv2.INTER_CUBIC)
    curve = (larger.astype(np.float32) / 255.0) ** 1.6
    noise = random.normal(0.0, 0.03, curve.shape)
    return np.clip(cv2.GaussianBlur(curve, (0, 0), 0.8) * 255.0 + noise * 255.0, 0, 255).astype(np.uint8)


def people(folder: Path, count: int, seed: int, *, children: bool, share: float, workers: int) -> list[Person]:
    """Simulate people and write their images; those that are there already are not made again.

    Args:
        folder: to write into.
        count: of people.
        seed: of all of them.
        children: of the other site.
        share: of fractures; those that the view does not show are not counted.
        workers: processes.
    """
    kept = folder / "people.json"
    if kept.is_file():
        return [Person(**one) for one in json.loads(kept.read_text())]
    folder.mkdir(parents=True, exist_ok=True)
    make = partial(_person, folder, seed, children, round(count * share))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        made = list(pool.map(make, range(count), chunksize=8))
    kept.write_text(json.dumps([asdict(one) for one in made]))
    return made


def _person(folder: Path, seed: int, children: bool, fractures: int, index: int) -> Person:
    cv2.setNumThreads(1)
    broken = index < fractures
    for candidate in _seeds(case_seed(seed, index), CHILDREN if children else ADULTS):
        phantom = shoot(build(KIND, candidate, "displaced" if broken else "normal"), candidate, View.FRONTAL, SIZE)
        if not broken or phantom.visible():
            break
    else:
        raise AssertionError("seeds do not end")
    boxes = [finding.box for finding in phantom.visible()] if broken else []
    image = deepen(to_bytes(phantom.pixels), boxes, np.random.default_rng([candidate, 4]))
    scale = 1.0
    if children:
        scale = LARGER
        image = other_detector(image, np.random.default_rng([candidate, 5]))
    path = folder / f"{index:04d}.png"
    cv2.imwrite(str(path), image)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    scaled = tuple((one[0] * scale, one[1] * scale, one[2] * scale, one[3] * scale) for one in boxes)
    maker = "Simulated B" if children else "Simulated A"
    return Person(str(path.resolve()), digest, broken, round(phantom.age, 1), phantom.sex.value, maker, scaled)


def _seeds(first: int, ages: tuple[float, float]) -> Iterator[int]:
    """Seeds whose patient is of an age: what `build` draws first."""
    seed = first
    while True:
        random = np.random.default_rng([seed, KINDS.index(KIND)])
        random.random()
        if ages[0] <= draw_patient(random, *AGES[KIND]).age <= ages[1]:
            yield seed
        seed += 1
