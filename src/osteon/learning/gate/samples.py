"""What a gate is fitted to and measured on: radiographs of a dataset and copies of them, phantoms, and counterexamples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.core.labels import BodyPart, View
from osteon.core.records import Pixels
from osteon.data.splits.runs import with_runs
from osteon.data.table.table import Table
from osteon.imaging.load import load
from osteon.learning.gate.copies import COPIES
from osteon.learning.gate.counterexamples import DESTROYED, SYNTHETIC
from osteon.learning.gate.counterexamples.packages import shipped_images
from osteon.learning.gate.features import GateFeatures
from osteon.learning.inputs.image_cache import Track
from osteon.phantom.simulate import simulate

RADIOGRAPH: Final = "radiograph"
PHANTOM: Final = "phantom of a limb"
JOINED: Final = "two hips or shoulders joined"
ORIGINAL: Final = "as it is"
TWICE: Final = "two changes"
SEVERAL: Final = ""
"""The part of radiographs that show several."""
OTHER_PARTS: Final = (BodyPart.HIP, BodyPart.SHOULDER)
"""Parts that the dataset shows and the bundle does not indicate."""

DRAWN: Final = 200
"""Images of each synthetic kind."""

_PURE: Final = 3
"""Copies of each radiograph with one change; a further one has two."""
_DESTROYED: Final = 10
"""Every tenth radiograph is destroyed besides, in one of three ways."""
_PHANTOMS: Final = 120
"""Phantoms of each limb, half of them turned by 90, 180 or 270 degrees."""


class Job(NamedTuple):
    """An image that is still to be made.

    Attributes:
        kind: of image.
        copy: what was done to a radiograph; empty for other kinds.
        part: the stated body part, empty where there is none.
        group: run of numbers of the radiograph, -1 for other kinds.
        make: gives the pixels.
    """

    kind: str
    copy: str
    part: str
    group: int
    make: Callable[[], Pixels]


@dataclass(frozen=True)
class Samples:
    """Images as the gate sees them.

    Attributes:
        features: float32 (N, D).
        kind: of each image (N,).
        copy: what was done to a radiograph (N,).
        part: stated body part (N,).
        group: run of numbers (N,).
    """

    features: NDArray[np.float32]
    kind: NDArray[np.str_]
    copy: NDArray[np.str_]
    part: NDArray[np.str_]
    group: NDArray[np.int64]

    @property
    def radiographs(self) -> NDArray[np.bool_]:
        """The radiographs of the dataset and their copies (N,)."""
        return self.kind == RADIOGRAPH

    def indicated(self, parts: Sequence[BodyPart]) -> NDArray[np.bool_]:
        """The radiographs, and copies, that must be read (N,): of a part among these, or of several parts at once.

        The dataset states no one part of those that show several, such as a femur with its hip: a limb is always among them.
        """
        return self.radiographs & (np.isin(self.part, [part.value for part in parts]) | (self.part == SEVERAL))


def collect(
    embed: GateFeatures, table: Table, root: Path, seed: int, threads: int, track: Track, drawn: int = DRAWN
) -> Samples:
    """Make and embed all images.

    Every image has random numbers of its own, so that the result does not depend on the number of threads.

    Args:
        embed: of the bundle.
        table: the radiographs that may be learnt from; no test image.
        root: folder of the dataset.
        seed: of copies and synthetic images.
        threads: images made at once.
        track: shows progress.
        drawn: images of each synthetic kind.

    Raises:
        InputError: a radiograph cannot be decoded.
    """
    jobs = [*_of_radiographs(table, root, seed), *_of_others(seed, drawn)]
    with ThreadPoolExecutor(threads) as pool:
        found = list(track(pool.map(partial(_embedded, embed), jobs), "Images for the gate", len(jobs)))
    return Samples(
        np.stack(found),
        np.array([job.kind for job in jobs]),
        np.array([job.copy for job in jobs]),
        np.array([job.part for job in jobs]),
        np.array([job.group for job in jobs], np.int64),
    )


def _embedded(embed: GateFeatures, job: Job) -> NDArray[np.float32]:
    return embed(job.make())


def _of_radiographs(table: Table, root: Path, seed: int) -> Iterator[Job]:
    rows = with_runs(table).frame.select("image", "body_part", "run").iter_rows()
    names, destroyed = list(COPIES), list(DESTROYED)
    for number, (image, part, run) in enumerate(rows):
        read = partial(_read, root / image)
        shown = "" if part is None else str(part)
        yield Job(RADIOGRAPH, ORIGINAL, shown, run, read)
        for turn in range(_PURE):
            name = names[(number * _PURE + turn) % len(names)]
            yield Job(RADIOGRAPH, name, shown, run, partial(_changed, read, (name,), [seed, 1, number, turn]))
        first = number % len(names)
        second = (first + 1 + number // len(names) % (len(names) - 1)) % len(names)
        pair = (names[first], names[second])
        yield Job(RADIOGRAPH, TWICE, shown, run, partial(_changed, read, pair, [seed, 2, number]))
        if number % _DESTROYED == 0:
            name = destroyed[number // _DESTROYED % len(destroyed)]
            yield Job(name, "", "", run, partial(_destroyed, read, name, [seed, 3, number]))
        if shown in OTHER_PARTS:
            for turn in range(2):
                yield Job(JOINED, "", shown, run, partial(_joined, read, turn))


def _of_others(seed: int, drawn: int) -> Iterator[Job]:
    for place, (kind, draw) in enumerate(SYNTHETIC.items()):
        for number in range(drawn):
            yield Job(kind, "", "", -1, partial(_drawn, draw, [seed, 4, place, number]))
    for shipped in shipped_images(np.random.default_rng([seed, 5])):
        yield Job(shipped.kind, "", "", -1, partial(_given, shipped.pixels))
    for kind in ("hand", "forearm", "elbow"):
        for number in range(_PHANTOMS):
            yield Job(PHANTOM, "", kind, -1, partial(_phantom, kind, number))


def _read(path: Path) -> Pixels:
    return load(path)[0].pixels


def _changed(read: Callable[[], Pixels], names: Sequence[str], seed: Sequence[int]) -> Pixels:
    rng, image = np.random.default_rng(seed), read()
    for name in names:
        image = COPIES[name](rng, image)
    return image


def _destroyed(read: Callable[[], Pixels], name: str, seed: Sequence[int]) -> Pixels:
    return DESTROYED[name](np.random.default_rng(seed), read())


def _joined(read: Callable[[], Pixels], turn: int) -> Pixels:
    """A radiograph beside its mirror image: both sides of the body, as a pelvis or a chest shows them."""
    image = read()
    mirror = image[:, ::-1]
    return np.ascontiguousarray(np.concatenate((image, mirror) if turn else (mirror, image), axis=1))


def _drawn(draw: Callable[[np.random.Generator], Pixels], seed: Sequence[int]) -> Pixels:
    return draw(np.random.default_rng(seed))


def _given(pixels: Pixels) -> Pixels:
    return pixels


def _phantom(kind: str, number: int) -> Pixels:
    view = View.FRONTAL if number % 2 else View.LATERAL
    pixels = simulate(kind, number, view=view, size=256 + 64 * (number % 5)).pixels
    turns = number // 2 % 6
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns < 4 else pixels
