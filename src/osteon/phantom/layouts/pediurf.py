"""Forearms as PediURF publishes them: a folder for each case with a front and a side view, and a CSV for each split."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from osteon.core.labels import View
from osteon.phantom.layouts.job import Job, Layout, Record, case_seed, describe, save_jpeg
from osteon.phantom.layouts.order import dealt, shares, shuffled
from osteon.phantom.layouts.pair import pair

CLASSES: dict[str, tuple[str, float]] = {
    "proximal": ("Proximal ulna and radius fractures", 572),
    "midshaft": ("Midshaft ulna and radius fractures", 1319),
    "distal": ("Distal ulna and radius fractures", 3374),
}
"""Folder and published number of cases of each class: phantoms come in the same proportion."""

FILES: dict[View, str] = {View.FRONTAL: "front.jpg", View.LATERAL: "side.jpg"}


SPLITS: tuple[tuple[str, float], ...] = (("train", 4.0), ("test", 1.0))


def plan(kind: str, n: int, seed: int) -> list[Job]:
    """All cases are fractured; one in five of each class goes to the test part; the order is random."""
    random = np.random.default_rng([seed, 1])
    cases: list[tuple[str, str]] = []
    for finding, count in zip(CLASSES, shares(n, [weight for _, weight in CLASSES.values()]), strict=True):
        cases += [(finding, split) for split in dealt(SPLITS, count, random)]
    jobs: list[Job] = []
    for index, (finding, split) in enumerate(shuffled(cases, random)):
        name = f"{int(random.integers(10**17, 10**18 - 1)):018d}"
        jobs.append(Job(kind, case_seed(seed, index), finding, split, name, (View.FRONTAL, View.LATERAL)))
    return jobs


def draw(job: Job, root: Path, size: int) -> list[Record]:
    """Write front.jpg and side.jpg of a case, of which at least one shows the fracture."""
    rows: list[Record] = []
    for phantom in pair(job, size):
        path = Path(job.split, CLASSES[job.finding][0], job.name, FILES[phantom.view])
        save_jpeg(phantom.pixels, root / path)
        rows.append(describe(phantom, path.as_posix(), job))
    return rows


def finish(records: Sequence[Record], root: Path) -> None:
    """Write train.csv and test.csv."""
    for split in ("train", "test"):
        (root / split).mkdir(exist_ok=True)
        with (root / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "age", "gender"])
            for record in records:
                if record["split"] == split and record["view"] == View.FRONTAL.value:
                    writer.writerow([record["case"], int(float(str(record["age"]))), record["sex"]])


LAYOUT = Layout("pediurf", ("forearm",), plan, draw, finish)
