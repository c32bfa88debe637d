"""Boxes overlap where they share an area, which is where their intersection over union is above 0."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from osteon.core.geometry import Box, iou

SIDES = st.integers(0, 6)
BOXES = st.builds(lambda x, y, width, height: Box(x, y, x + width, y + height), SIDES, SIDES, SIDES, SIDES)


@given(BOXES, BOXES)
def test_boxes_overlap_where_they_share_an_area(first: Box, second: Box) -> None:
    assert first.overlaps(second) == second.overlaps(first) == (iou(first, second) > 0)
