"""Images of one patient in two parts: by number, and by look-alikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from osteon.core.labels import BodyPart
from osteon.data.audit.checks.neighbours import (
    lookalikes_across_parts,
    neighbours_across_parts,
    numbers_run_within_patients,
)
from osteon.data.audit.evidence import Evidence
from osteon.data.datasets import find
from osteon.data.splits.record import Split
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table, from_cases

PATIENTS = 150
IMAGES = 4 * PATIENTS
PARTS = ("train", "test")


def patients(order: np.ndarray, *, named: bool = False) -> Table:
    """Four images of each of 150 patients, all of one part and label; every second one is in the test part.

    Args:
        order: the number in its name for each image.
        named: whether the patients are named.
    """
    random = np.random.default_rng(3)
    regions = random.choice([BodyPart.HAND, BodyPart.LEG, BodyPart.HIP], PATIENTS)
    labels = random.integers(0, 2, PATIENTS)
    cases = [
        Case(
            f"{'broken' if labels[row // 4] else 'sound'}/IMG{order[row]:05d}.jpg",
            FileFacts(60, 80, "L", "JPEG", 100),
            study=f"s{row}",
            patient=f"p{row // 4}" if named else None,
            body_part=regions[row // 4],
            labels={"fracture": int(labels[row // 4])},
            split=PARTS[row % 2],
        )
        for row in range(IMAGES)
    ]
    return from_cases(cases, dataset="folder", licence="CC0-1.0")


def evidence(table: Table) -> Evidence:
    return Evidence(table, Path("nowhere"), find("folder").card, (), {})


def test_neighbours_in_two_parts_are_found() -> None:
    table = patients(np.arange(IMAGES))
    assert numbers_run_within_patients(table)
    found = neighbours_across_parts(evidence(table))
    assert {problem.kind for problem in found} == {Kind.NEIGHBOUR_ACROSS_SPLITS}
    assert {tuple(image[-9:] for image in problem.images) for problem in found} >= {("00000.jpg", "00001.jpg")}
    # Within a patient three pairs are one apart and in two parts; those two apart are in the same part.
    assert len(found) >= 3 * PATIENTS


def test_whole_runs_in_one_part_are_no_leak() -> None:
    table = patients(np.arange(IMAGES))
    parts = {"train": tuple(table.images[: IMAGES // 2]), "test": tuple(table.images[IMAGES // 2 :])}
    assert len(neighbours_across_parts(evidence(Split("folder", parts).applied(table)))) <= 3


@pytest.mark.parametrize("seed", range(5))
def test_numbers_at_random_say_nothing(seed: int) -> None:
    table = patients(np.random.default_rng(seed).permutation(IMAGES))
    assert not numbers_run_within_patients(table)
    assert neighbours_across_parts(evidence(table)) == []


def test_numbers_that_follow_the_label_say_nothing() -> None:
    table = patients(np.arange(IMAGES))
    by_label = np.lexsort((np.random.default_rng(0).random(IMAGES), table.label("fracture")))
    numbers = np.empty(IMAGES, np.int64)
    numbers[by_label] = np.arange(IMAGES)
    frame = table.frame
    renamed = [f"IMG{number:05d}.jpg" for number in numbers]
    assert not numbers_run_within_patients(
        replace(table, frame=frame.with_columns(image=np.array(renamed, dtype=object)))
    )


def test_named_patients_are_believed() -> None:
    assert neighbours_across_parts(evidence(patients(np.arange(IMAGES), named=True))) == []


def test_look_alikes_in_two_parts_are_found() -> None:
    table = patients(np.random.default_rng(1).permutation(IMAGES))
    # Rows 0 and 1 are of one part and in two parts of the split; rows 2 and 4 are in one.
    vectors = np.random.default_rng(2).normal(size=(IMAGES, 96)).astype(np.float32)
    vectors[1] = vectors[0] + 0.02
    vectors[2] = vectors[0] - 0.02
    row = {Path(image).name: number for number, image in enumerate(table.images)}

    def embed(paths: Sequence[Path]) -> np.ndarray:
        return vectors[[row[path.name] for path in paths]]

    found = lookalikes_across_parts(replace(evidence(table), embed=embed))
    assert {problem.images for problem in found} == {
        (table.images[0], table.images[1]),
        (table.images[1], table.images[2]),
    }
    assert lookalikes_across_parts(evidence(table)) == []
