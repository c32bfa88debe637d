"""Contact sheets: many phantoms on one page, for visual inspection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.layouts.job import Job
from osteon.phantom.layouts.single import single
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import simulate_pair

Picture = NDArray[np.uint8]

GREEN: tuple[int, int, int] = (80, 200, 80)
PAPER: int = 40
FOOT: int = 22
"""Height of the line of text under each image, pixels."""


def contact_sheet(phantoms: Iterable[Phantom], *, columns: int = 4, cell: int = 360) -> Picture:
    """Lay phantoms out in rows.

    Args:
        phantoms: the images; the visible findings are boxed in green.
        columns: images in a row.
        cell: longer edge of each, pixels.

    Returns:
        uint8 (H, W, 3), blue, green, red.

    Raises:
        ValueError: there are no phantoms.
    """
    cells = [_cell(phantom, cell) for phantom in phantoms]
    if not cells:
        raise ValueError("expected at least one phantom, got none")
    blank = np.full_like(cells[0], PAPER)
    columns = min(columns, len(cells))
    cells += [blank] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])


def of_jobs(jobs: Sequence[Job], *, pictures: int = 24, size: int = 360) -> list[Phantom]:
    """The first images of a planned dataset, as `osteon.phantom.layouts.write` would simulate them."""
    phantoms: list[Phantom] = []
    for job in jobs:
        if len(phantoms) >= pictures:
            break
        if len(job.views) > 1:
            phantoms += simulate_pair(job.kind, job.seed, size=size, finding=job.finding, coupled=job.coupled)
        else:
            phantoms.append(single(job, size))
    return phantoms[:pictures]


def _cell(phantom: Phantom, cell: int) -> Picture:
    height, width = phantom.pixels.shape
    scale = cell / max(height, width)
    grey = np.round(np.clip(phantom.pixels, 0.0, 1.0) * 255).astype(np.uint8)
    high, wide = round(height * scale), round(width * scale)
    small = cv2.cvtColor(cv2.resize(grey, (wide, high), interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR)
    paper = np.full((cell + FOOT, cell, 3), PAPER, np.uint8)
    left = (cell - wide) // 2
    paper[:high, left : left + wide] = small
    for finding in phantom.visible():
        x0, y0, x1, y1 = (round(value * scale) for value in finding.box)
        cv2.rectangle(paper, (left + x0, y0), (left + x1, y1), GREEN, 1, cv2.LINE_AA)
    text = f"{phantom.finding}, {phantom.view.value}, {phantom.age:.0f} y {phantom.sex.value}, seed {phantom.seed}"
    cv2.putText(paper, text, (6, cell + 15), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (200, 200, 200), 1, cv2.LINE_AA)
    return paper
