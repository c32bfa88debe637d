"""Boxes and the plane they lie in.

All boxes are ``(x0, y0, x1, y1)`` in pixels of the source image: x to the right, y down, the origin at the outer corner of
the top left pixel, so that a box round the whole of an image of H rows and W columns is ``(0, 0, W, H)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in source pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Extent along x, in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Extent along y, in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Area in square pixels; 0 for an empty or turned box."""
        return max(self.width, 0.0) * max(self.height, 0.0)

    def overlaps(self, other: Box) -> bool:
        """Whether both share an area; boxes that only touch do not."""
        across = min(self.x1, other.x1) > max(self.x0, other.x0)
        return across and min(self.y1, other.y1) > max(self.y0, other.y0)

    def clipped(self, width: float, height: float) -> Box:
        """The part of the box that lies within an image of the given size."""
        return Box(
            min(max(self.x0, 0.0), width),
            min(max(self.y0, 0.0), height),
            min(max(self.x1, 0.0), width),
            min(max(self.y1, 0.0), height),
        )


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 where both are empty."""
    shared = Box(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)).area
    union = a.area + b.area - shared
    return shared / union if union > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a source image came to lie on the network's canvas.

    A source point ``(x, y)`` lies at ``(x * scale_x + left, y * scale_y + top)`` on the canvas.
    """

    scale_x: float
    scale_y: float
    left: float
    top: float

    def to_canvas(self, box: Box) -> Box:
        """Carry a box from source pixels to canvas pixels."""
        return Box(
            box.x0 * self.scale_x + self.left,
            box.y0 * self.scale_y + self.top,
            box.x1 * self.scale_x + self.left,
            box.y1 * self.scale_y + self.top,
        )

    def to_source(self, box: Box) -> Box:
        """Carry a box from canvas pixels back to source pixels."""
        return Box(
            (box.x0 - self.left) / self.scale_x,
            (box.y0 - self.top) / self.scale_y,
            (box.x1 - self.left) / self.scale_x,
            (box.y1 - self.top) / self.scale_y,
        )
