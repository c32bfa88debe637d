"""A clean dataset has no problem, in each published layout: nothing cries wolf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osteon.data.audit import audit
from osteon.data.datasets import find
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.remark import Kind
from osteon.data.table.table import from_cases
from osteon.phantom.layouts import write


def test_a_clean_dataset_has_no_problem(tmp_path: Path, make_image: Callable[..., Image.Image]) -> None:
    labels = np.random.default_rng(3).permutation(np.arange(60) % 2).tolist()
    facts = FileFacts(64, 64, "L", "PNG", 5000)
    table = from_cases(
        [
            Case(f"{n:04d}.png", facts, study=f"s{n}", patient=f"p{n}", labels={"fracture": labels[n]})
            for n in range(60)
        ],
        dataset="folder",
        licence="CC0-1.0",
    )
    for number, name in enumerate(table.images):
        make_image(number, 64, 64).save(tmp_path / name)
    assert audit(table, tmp_path, find("folder").card).problems == ()


@pytest.mark.parametrize(
    ("kind", "layout", "known"),
    [
        ("forearm", "pediurf", {Kind.NO_PATIENT, Kind.OTHER_COUNT}),
        ("spine", "spinexr", {Kind.NO_PATIENT, Kind.OTHER_COUNT, Kind.SMALL_BOXES}),
        ("hand", "fracatlas", {Kind.NO_PATIENT, Kind.OTHER_COUNT, Kind.SMALL_BOXES, Kind.PARTIAL_SPLIT}),
        ("elbow", "elbow", {Kind.NO_PATIENT}),
    ],
)
def test_phantoms_have_no_problem_but_what_their_layout_has(
    kind: str, layout: str, known: set[Kind], tmp_path: Path
) -> None:
    write(kind, layout, 20 if layout == "elbow" else 8, 2, tmp_path / layout, size=128, workers=1)
    dataset = find(layout)
    found = audit(dataset.read(tmp_path / layout), tmp_path / layout, replace(dataset.card))
    assert {problem.kind for problem in found.problems} <= known, [
        problem for problem in found.problems if problem.kind not in known
    ]
    assert not any(problem.severity == "error" for problem in found.problems)
