"""Lengths and angles, by the same cases that the page is held to (``measures.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from osteon.clinic.marks.measure import Calibration, MarkKind, measured

CASES: Final[list[dict[str, Any]]] = json.loads(Path(__file__).with_name("measures.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']} {case['value']}" for case in CASES])
def test_values(case: dict[str, Any]) -> None:
    points = [(x, y) for x, y in case["points"]]
    spacing = None if case["spacing"] is None else tuple(case["spacing"])
    line = case["calibration"]
    scale = None if line is None else Calibration(_ends(line["points"]), line["millimetres"])
    value = measured(MarkKind(case["kind"]), points, spacing, scale)
    if case["value"] is None:
        assert value is None
        return
    assert value is not None
    assert value.number == pytest.approx(case["value"], abs=1e-3)
    assert (value.unit, value.calibrated) == (case["unit"], case["calibrated"])


def _ends(points: list[list[float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    (x0, y0), (x1, y1) = points
    return (x0, y0), (x1, y1)
