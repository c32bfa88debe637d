"""How small the boxes are."""

from __future__ import annotations

from typing import Final

import numpy as np

from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.table.remark import Kind

SMALL: Final = 0.02
"""Median share of the image below which a network's small input loses the boxes."""


def small_boxes(evidence: Evidence) -> list[Problem]:
    """Boxes that are small in most images. What is wrong with single boxes, the readers tell."""
    shares = [
        (box["x1"] - box["x0"]) * (box["y1"] - box["y0"]) / (width * height)
        for boxes, width, height in evidence.table.frame.select("boxes", "width", "height").iter_rows()
        for box in boxes
    ]
    if not shares or np.median(shares) > SMALL:
        return []
    share = f"{100 * np.median(shares):.2g} % of the image"
    text = f"the median of {len(shares):,} boxes is {share}; a small input loses them"
    return [problem(Kind.SMALL_BOXES, (), text)]
