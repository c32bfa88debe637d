"""Runs of image numbers: neighbouring numbers with the same stated body part.

Who exports a hospital's archive often numbers the images as they were taken: the projections of a limb, and the
controls of a patient, then have neighbouring numbers. Where a dataset names no patients, a run is the nearest thing to one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.table.table import Table

GAP: Final = 2
"""Largest step within a run: one number may be missing, since published datasets leave single images out.

In FracAtlas neighbours at a distance of 2 still have more in common than strangers (same parts 43 %, a fractured image
next to a fractured one 67 %); from 3 on they have not.
"""

_NUMBER: Final = re.compile(r"(.*?)(\d+)(\D*)")


def numbering(images: Sequence[str]) -> tuple[list[Hashable], NDArray[np.int64]]:
    """The series that each image's number belongs to, and the number; -1 where its name has none.

    The number is the last group of digits of the file's name. Images whose names are alike besides belong to one series,
    over all folders if no number occurs in two of them (FracAtlas), and otherwise within a folder.
    """
    series: list[tuple[str, ...]] = []
    numbers = np.full(len(images), -1, np.int64)
    for row, image in enumerate(images):
        stem = PurePosixPath(image).stem
        found = _NUMBER.fullmatch(stem)
        if found is None or len(found[2]) > 18:
            series.append((stem,))
            continue
        series.append((found[1], found[3]))
        numbers[row] = int(found[2])
    seen = Counter(zip(series, numbers.tolist(), strict=True))
    repeated = {name for (name, _), count in seen.items() if count > 1}
    return [
        (*name, str(PurePosixPath(image).parent)) if name in repeated else name
        for name, image in zip(series, images, strict=True)
    ], numbers


def run_numbers(images: Sequence[str], parts: Sequence[Hashable], gap: int = GAP) -> NDArray[np.int32]:
    """Number the runs: (N,). An image whose name has no number is a run of its own.

    Args:
        images: paths below the root.
        parts: the stated body part of each; unknown counts as a part.
        gap: largest step between two numbers of a run.
    """
    series, numbers = numbering(images)
    # Images of another part between two of one part do not end a run: a hand may be taken between two views of a foot.
    keys = list(zip(series, parts, strict=True))
    codes = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    code = np.array([codes[key] for key in keys], np.int64)
    order = np.lexsort((numbers, code))
    joined = (np.diff(code[order]) == 0) & (np.diff(numbers[order]) <= gap) & (numbers[order][1:] >= 0)
    runs = np.zeros(len(images), np.int32)
    runs[order[1:]] = np.cumsum(~joined)
    return runs


def body_parts(table: Table) -> list[str | None]:
    """The stated body part of each image; None where none or several are stated."""
    return table.frame["body_part"].to_list()


def with_runs(table: Table, gap: int = GAP) -> Table:
    """Fill the column ``run``: images with neighbouring numbers and the same stated body part get the same number.

    Raises:
        DataError: the names of the images hold no numbers.
    """
    if (numbering(table.images)[1] < 0).all():
        raise DataError(
            "the names of the images hold no numbers, so there are no runs of them",
            expected="names such as IMG0000019.jpg",
            hint="Split by another group.",
        )
    return table.with_group("run", run_numbers(table.images, body_parts(table), gap))
