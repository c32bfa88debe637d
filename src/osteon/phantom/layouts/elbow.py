"""Elbows in the layout of the MobileNetV2 paper: a folder for each class under each split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osteon.core.labels import View
from osteon.phantom.layouts.job import Job, Layout, Record, case_seed, describe, save_jpeg, shares
from osteon.phantom.layouts.single import single

CLASSES: tuple[str, ...] = ("normal", "hairline", "displaced")
SPLITS: tuple[tuple[str, float], ...] = (("train", 0.70), ("val", 0.15), ("test", 0.15))


def plan(kind: str, n: int, seed: int) -> list[Job]:
    """Classes in equal numbers, each divided 70 : 15 : 15; frontal and lateral views alternate."""
    jobs: list[Job] = []
    for finding, count in zip(CLASSES, shares(n, [1.0] * len(CLASSES)), strict=True):
        parts = shares(count, [weight for _, weight in SPLITS])
        order = [split for (split, _), part in zip(SPLITS, parts, strict=True) for _ in range(part)]
        for index, split in enumerate(order):
            view = (View.LATERAL, View.FRONTAL)[index % 2]
            jobs.append(Job(kind, case_seed(seed, len(jobs)), finding, split, f"{finding}_{index:05d}", (view,)))
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
