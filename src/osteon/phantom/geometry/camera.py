"""The detector: parallel projection along one direction onto a raster of square pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.core.geometry import Box
from osteon.phantom.geometry.space import Matrix, Vector


@dataclass(frozen=True)
class Camera:
    """A parallel projection along the view's z axis.

    Attributes:
        rotation: rows are the view's axes in world coordinates: across the detector, down it, along the rays.
        left: view coordinate of the detector's left edge, mm.
        top: view coordinate of its upper edge, mm.
        spacing: size of a pixel, mm.
        height: rows.
        width: columns.
    """

    rotation: Matrix
    left: float
    top: float
    spacing: float
    height: int
    width: int

    def pixels(self, point: Vector) -> Vector:
        """Where world points ``(..., 3)`` fall on the detector: ``(..., 2)`` columns and rows in pixels."""
        view = point @ self.rotation.T
        return (view[..., :2] - np.array([self.left, self.top])) / self.spacing

    @property
    def frame(self) -> Box:
        """The whole detector."""
        return Box(0.0, 0.0, float(self.width), float(self.height))

    def coarser(self, factor: int) -> Camera:
        """The same field on pixels `factor` times as large."""
        return Camera(
            self.rotation,
            self.left,
            self.top,
            self.spacing * factor,
            -(-self.height // factor),
            -(-self.width // factor),
        )

    def window(self, box: Box) -> Camera:
        """The part of the detector that a box of pixels covers, grown to whole pixels and clipped to the detector."""
        x0, y0 = max(int(np.floor(box.x0)), 0), max(int(np.floor(box.y0)), 0)
        x1, y1 = min(int(np.ceil(box.x1)), self.width), min(int(np.ceil(box.y1)), self.height)
        return Camera(
            self.rotation,
            self.left + x0 * self.spacing,
            self.top + y0 * self.spacing,
            self.spacing,
            max(y1 - y0, 1),
            max(x1 - x0, 1),
        )
