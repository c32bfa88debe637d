"""Write n phantoms in a published layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2

from osteon.core.errors import DataError
from osteon.phantom.layouts import elbow, fracatlas, pediurf, spinexr
from osteon.phantom.layouts.job import Job, Layout, Record
from osteon.phantom.simulate import GENERATION

LAYOUTS: Final[tuple[Layout, ...]] = (pediurf.LAYOUT, fracatlas.LAYOUT, spinexr.LAYOUT, elbow.LAYOUT)


def write(
    kind: str,
    layout: str,
    n: int,
    seed: int,
    destination: Path,
    *,
    size: int = 512,
    workers: int = 1,
    coupled: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Simulate cases and write them as their publisher would.

    Args:
        kind: ``forearm``, ``elbow``, ``spine`` or ``hand``.
        layout: name of one of `LAYOUTS`.
        n: cases; PediURF and VinDr-SpineXR have two images of each.
        seed: the same seed writes the same bytes, whatever the number of workers.
        destination: a folder that does not exist yet, or is empty.
        size: longer edge of the images, pixels.
        workers: processes.
        coupled: casts and metal are more frequent with a fracture; by default they are independent of the label.
        progress: called with the number of cases done and their total.

    Returns:
        the folder.

    Raises:
        DataError: no such layout, a kind that it does not support, or a folder that is not empty.
    """
    chosen = find(layout)
    jobs = jobs_of(kind, layout, n, seed, coupled=coupled)
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise DataError("the destination is not empty", expected="a new or empty folder", got=str(destination))
    destination.mkdir(parents=True, exist_ok=True)
    records: list[Record] = []
    for done, rows in enumerate(_records_of(jobs, partial(_draw, layout, destination, size), workers), start=1):
        records += rows
        if progress is not None:
            progress(done, len(jobs))
    chosen.finish(records, destination)
    truth = {
        "kind": kind,
        "layout": layout,
        "cases": n,
        "seed": seed,
        "size": size,
        "coupled": coupled,
        "generation": GENERATION,
        "images": records,
    }
    (destination / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return destination


def find(layout: str) -> Layout:
    """The layout of a name.

    Raises:
        DataError: there is none.
    """
    chosen = next((candidate for candidate in LAYOUTS if candidate.name == layout), None)
    if chosen is None:
        raise DataError("no such layout", expected=", ".join(candidate.name for candidate in LAYOUTS), got=layout)
    return chosen


def jobs_of(kind: str, layout: str, n: int, seed: int, *, coupled: bool = False) -> list[Job]:
    """The cases that `write` would simulate (arguments and errors as there)."""
    chosen = find(layout)
    if kind not in chosen.kinds:
        raise DataError(
            f"a {kind} cannot be written as {layout}", expected=f"one of {', '.join(chosen.kinds)}", got=kind
        )
    if n < 1:
        raise DataError("nothing to simulate", expected="at least one case", got=str(n))
    return [replace(job, coupled=coupled) for job in chosen.plan(kind, n, seed)]


def _draw(layout: str, root: Path, size: int, job: Job) -> list[Record]:
    """Draw one job: a function of the module, so that it can be pickled for another process."""
    return find(layout).draw(job, root, size)


def _records_of(jobs: list[Job], draw: Callable[[Job], list[Record]], workers: int) -> Iterator[list[Record]]:
    """The records of each job, in order."""
    if workers <= 1:
        yield from map(draw, jobs)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.map(draw, jobs, chunksize=4)
