"""Spines as VinDr-SpineXR publishes them: DICOM files, a CSV of boxes for each part, and a CSV of sizes."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from osteon.core.labels import View
from osteon.phantom.layouts.dicomfile import save
from osteon.phantom.layouts.job import Job, Layout, Record, case_seed, describe
from osteon.phantom.layouts.order import blocks, dealt, shuffled
from osteon.phantom.simulate import FINDINGS, simulate_pair

COLUMNS: tuple[str, ...] = (
    "image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax",
)  # fmt: skip

NO_FINDING: str = "No finding"


SPLITS: tuple[tuple[str, float], ...] = (("train", 4.0), ("test", 1.0))


def plan(kind: str, n: int, seed: int) -> list[Job]:
    """Studies of two views, half of them normal, the others of each lesion as often; the order is random.

    One in five of the normal and of the abnormal studies is in the test split.
    """
    random = np.random.default_rng([seed, 3])
    abnormal = blocks(FINDINGS[kind], n // 2, random)
    cases: list[tuple[str, str]] = []
    for findings in (abnormal, ["normal"] * (n - len(abnormal))):
        cases += zip(findings, dealt(SPLITS, len(findings), random), strict=True)
    jobs: list[Job] = []
    for index, (finding, split) in enumerate(shuffled(cases, random)):
        name = _hexadecimal(f"{seed} {index} study {random.random()}")
        jobs.append(Job(kind, case_seed(seed, index), finding, split, name, (View.FRONTAL, View.LATERAL)))
    return jobs


def draw(job: Job, root: Path, size: int) -> list[Record]:
    """Write the two DICOM files of a study."""
    rows: list[Record] = []
    inverted = job.seed % 5 == 0
    for number, phantom in enumerate(simulate_pair(job.kind, job.seed, size=size, finding=job.finding), start=1):
        series = _hexadecimal(f"{job.name} series {number}")
        image = _hexadecimal(f"{job.name} image {number}")
        path = Path(f"{job.split}_images", f"{image}.dicom")
        save(phantom, root / path, image=image, study=job.name, series=series, number=number, inverted=inverted)
        reader = f"rad{1 + job.seed % 3}"
        rows.append({**describe(phantom, path.as_posix(), job), "series": series, "reader": reader})
    return rows


def finish(records: Sequence[Record], root: Path) -> None:
    """Write annotations and sizes."""
    (root / "annotations").mkdir(exist_ok=True)
    for split in ("train", "test"):
        (root / f"{split}_images").mkdir(exist_ok=True)
        selected = [record for record in records if record["split"] == split]
        with (root / "annotations" / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for record in selected:
                writer.writerows(_rows(record))
        with (root / f"{split}_meta.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["image_id", "image_height", "image_width"])
            writer.writerows([_image(record), record["height"], record["width"]] for record in selected)


def _rows(record: Record) -> list[list[Any]]:
    start: list[Any] = [_image(record), record["case"], record["series"], record["reader"]]
    findings: Any = record["findings"]
    rows = [[*start, finding["numbers"]["type"], *finding["box"]] for finding in findings if finding["visible"]]
    return rows or [[*start, NO_FINDING, "", "", "", ""]]


def _image(record: Record) -> str:
    return Path(str(record["image"])).stem


def _hexadecimal(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


LAYOUT = Layout("spinexr", ("spine",), plan, draw, finish)
