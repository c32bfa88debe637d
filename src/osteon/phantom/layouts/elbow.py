"""Elbows in the layout of the MobileNetV2 paper: a folder for each class under each split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from osteon.core.labels import View
from osteon.phantom.layouts.job import Job, Layout, Record, case_seed, describe, save_jpeg
from osteon.phantom.layouts.order import blocks, dealt, shares, shuffled
from osteon.phantom.layouts.single import single

CLASSES: tuple[str, ...] = ("normal", "hairline", "displaced")
SPLITS: tuple[tuple[str, float], ...] = (("train", 0.70), ("val", 0.15), ("test", 0.15))


VIEWS: tuple[tuple[View, float], ...] = ((View.LATERAL, 1.0), (View.FRONTAL, 1.0))


def plan(kind: str, n: int, seed: int) -> list[Job]:
    """Classes in equal numbers, each divided 70 : 15 : 15, half of each part in either view; the order is random."""
    random = np.random.default_rng([seed, 4])
    cases: list[tuple[str, str]] = []
    findings = blocks(CLASSES, n, random)
    for finding in CLASSES:
        parts = shares(findings.count(finding), [weight for _, weight in SPLITS])
        cases += [(finding, split) for (split, _), part in zip(SPLITS, parts, strict=True) for _ in range(part)]
    views = dealt(VIEWS, n, random)
    jobs: list[Job] = []
    for index, ((finding, split), view) in enumerate(shuffled(list(zip(cases, views, strict=True)), random)):
        jobs.append(Job(kind, case_seed(seed, index), finding, split, f"elbow_{index:05d}", (view,)))
    return jobs


def draw(job: Job, root: Path, size: int) -> list[Record]:
    """Write one image."""
    phantom = single(job, size)
    path = Path(job.split, job.finding, f"{job.name}.jpg")
    save_jpeg(phantom.pixels, root / path)
    return [describe(phantom, path.as_posix(), job)]


def finish(records: Sequence[Record], root: Path) -> None:
    """Create the folders of classes without images."""
    del records
    for split, _ in SPLITS:
        for name in CLASSES:
            (root / split / name).mkdir(parents=True, exist_ok=True)


LAYOUT = Layout("elbow", ("elbow",), plan, draw, finish)
