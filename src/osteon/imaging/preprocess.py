"""From a radiograph to the input of a network, and from its canvas back to coordinates of the image.

The recipe of a bundle and the bundle itself carry the same frozen ``Preprocessing``; training and reading both call ``fit``
and ``to_input``, so that a network never sees pixels in the clinic that it did not see in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Placement
from osteon.core.records import Pixels
from osteon.imaging.crop.limb import find_limb
from osteon.imaging.crop.region import Region

Grey = NDArray[np.uint8 | np.float32]
"""A grey image (H, W): 0 to 255, or in [0, 1]."""

_HALVING: Final = 4.0  # from this ratio on, so that what is left to the area average is still a real one


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a radiograph becomes a network's input.

    Attributes:
        height: rows of the network's input.
        width: columns of the network's input.
        fit: ``letterbox`` keeps the proportions and pads with black, in the middle; ``stretch`` does not.
        channels: 1, or 3 where the grey image is repeated.
        mean: what is subtracted from pixels in [0, 1].
        std: what they are divided by afterwards.
        crop: ``limb`` shows the network the limb alone, without the black around it (``imaging.crop``); None the whole image.
    """

    height: int
    width: int
    fit: Literal["letterbox", "stretch"]
    channels: Literal[1, 3]
    mean: float
    std: float
    crop: Literal["limb"] | None = None

    def __post_init__(self) -> None:
        """Check sizes and scale.

        Raises:
            ValueError: a side is below 16 pixels, or ``std`` is not positive.
        """
        if min(self.height, self.width) < 16:
            raise ValueError(f"expected an input of at least 16 x 16 pixels, got {self.height} x {self.width}")
        if self.std <= 0:
            raise ValueError(f"expected a positive std, got {self.std}")


class Fitted(NamedTuple):
    """An image on the network's canvas.

    Attributes:
        canvas: (``preprocessing.height``, ``preprocessing.width``); the type of the samples is the image's.
        region: of the image that is shown.
        placement: of the image: from its coordinates to those of the canvas and back.
    """

    canvas: Grey
    region: Region
    placement: Placement

    @property
    def covered(self) -> tuple[slice, slice]:
        """Rows and columns of the canvas that the region covers; the rest is padding."""
        rows, columns = self.region.shape
        top = round(self.region.top * self.placement.scale_y + self.placement.top)
        left = round(self.region.left * self.placement.scale_x + self.placement.left)
        height, width = round(rows * self.placement.scale_y), round(columns * self.placement.scale_x)
        return slice(top, top + height), slice(left, left + width)


def region_of(pixels: Grey, preprocessing: Preprocessing) -> Region:
    """The part of an image (H, W) that a network is shown; all of it without a crop."""
    if preprocessing.crop is None:
        return Region(0, pixels.shape[0], 0, pixels.shape[1])
    return find_limb(pixels).region


def place_region(region: Region, preprocessing: Preprocessing) -> Placement:
    """Where an image comes to lie on the network's canvas, of which a region is shown."""
    inner = place_on_canvas(region.shape, preprocessing)
    return Placement(
        inner.scale_x,
        inner.scale_y,
        inner.left - region.left * inner.scale_x,
        inner.top - region.top * inner.scale_y,
    )


def place_on_canvas(shape: tuple[int, int], preprocessing: Preprocessing) -> Placement:
    """Where the whole of an image of ``shape`` (H, W) comes to lie on the network's canvas."""
    rows, columns = shape
    if preprocessing.fit == "stretch":
        return Placement(preprocessing.width / columns, preprocessing.height / rows, 0.0, 0.0)
    scale = min(preprocessing.height / rows, preprocessing.width / columns)
    width = max(1, round(columns * scale))
    height = max(1, round(rows * scale))
    return Placement(
        width / columns, height / rows, (preprocessing.width - width) // 2, (preprocessing.height - height) // 2
    )


def fit(pixels: Grey, preprocessing: Preprocessing) -> Fitted:
    """Crop an image (H, W) as the preprocessing says and resize what is left onto the canvas."""
    region = region_of(pixels, preprocessing)
    shown = pixels[region.top : region.bottom, region.left : region.right]
    return Fitted(_resized(shown, preprocessing), region, place_region(region, preprocessing))


def to_canvas(pixels: Grey, preprocessing: Preprocessing) -> Grey:
    """An image (H, W) on the canvas; see ``fit``."""
    return fit(pixels, preprocessing).canvas


def _resized(pixels: Grey, preprocessing: Preprocessing) -> Grey:
    """Resize an image (H, W) onto the canvas (``preprocessing.height``, ``preprocessing.width``); the type of the samples stays.

    Shrinking averages areas (no aliasing), growing interpolates linearly. Where an image is shrunk to a quarter or less, it is
    first halved, which is several times as fast where its sides are even and differs by no more than rounding.
    """
    import cv2

    rows, columns = pixels.shape
    placement = place_on_canvas((rows, columns), preprocessing)
    width, height = round(columns * placement.scale_x), round(rows * placement.scale_y)
    while min(columns / width, rows / height) >= _HALVING:
        rows, columns = (rows + 1) // 2, (columns + 1) // 2
        pixels = _resize(pixels, columns, rows, cv2.INTER_AREA)
    shrinks = width < columns or height < rows
    small = _resize(pixels, width, height, cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    if small.shape == (preprocessing.height, preprocessing.width):
        return small
    canvas = np.zeros((preprocessing.height, preprocessing.width), pixels.dtype)
    top, left = int(placement.top), int(placement.left)
    canvas[top : top + height, left : left + width] = small
    return canvas


def _resize(pixels: Grey, width: int, height: int, interpolation: int) -> Grey:
    import cv2

    return cast("Grey", cv2.resize(pixels, (width, height), interpolation=interpolation))


def to_input(canvas: Pixels, preprocessing: Preprocessing) -> Pixels:
    """Scale a canvas in [0, 1] and give it channels: (C, H, W) float32."""
    scaled = (canvas - np.float32(preprocessing.mean)) * np.float32(1.0 / preprocessing.std)
    return np.broadcast_to(scaled, (preprocessing.channels, *scaled.shape))


def prepare(pixels: Pixels, preprocessing: Preprocessing) -> Pixels:
    """The whole way: pixels (H, W) in [0, 1] to a network's input (C, H, W) float32."""
    return to_input(np.asarray(to_canvas(pixels, preprocessing), np.float32), preprocessing)
