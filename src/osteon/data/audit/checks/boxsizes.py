"""Sizes of the boxes."""

from __future__ import annotations

from typing import Final

import numpy as np

from osteon.core.values import Value
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.table.remark import Kind

SMALL: Final = 0.02
"""Median share of the image below which the boxes vanish in a network's small input."""


def small_boxes(evidence: Evidence) -> list[Problem]:
    """Boxes that are small in most images. Defects of single boxes are reported when the dataset is read."""
    shares = [
        (box["x1"] - box["x0"]) * (box["y1"] - box["y0"]) / (width * height)
        for boxes, width, height in evidence.table.frame.select("boxes", "width", "height").iter_rows()
        for box in boxes
    ]
    if not shares or np.median(shares) > SMALL:
        return []
    values: dict[str, Value] = {"count": len(shares), "share": float(np.median(shares))}
    return [problem(Kind.SMALL_BOXES, (), ProblemCode.BOXES_SMALL, values)]
