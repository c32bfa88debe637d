"""What happens to images on their way to inference, in steps of severity.

Every corruption takes the pixels of a radiograph as ``imaging`` gives them, float32 (H, W) in [0, 1], bone bright, and
gives such pixels back; preprocessing, abstention and inference follow as in the clinic. Lengths are shares of the image's
longer side, so that a level means the same on a small and on a large image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.evaluation.robustness.markers import painted, without_markers
from osteon.imaging.load import load

Random = np.random.Generator
Change = Callable[[Pixels, float, Random], Pixels]

ATTENUATION: Final = 4.0
"""Natural logarithm of the dose ratio between black and white of an image: 1.7 decades, as wide as a limb needs."""

REFERENCE_SIDE: Final = 500
"""Noise is stated in photons for a square of 1 / 500 of the longer side, about a pixel of a FracAtlas image."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """A change of an image in several strengths.

    Attributes:
        name: part of the figures' names.
        title: in the report.
        unit: of the levels; empty where they are on or off.
        levels: from the weakest on; 0 stands for no change and is not among them.
        change: pixels, level and random numbers to new pixels, which may have another shape.
        words: what is done, for the report.
        probe: whether it tests a shortcut: the bone stays as it is, and a call that changes hung on something else.
    """

    name: str
    title: str
    unit: str
    levels: tuple[float, ...]
    change: Change
    words: str
    probe: bool = False


def rotate(pixels: Pixels, level: float, random: Random) -> Pixels:
    """Turn by ``level`` degrees to either side; the canvas grows so that nothing is cut off, corners are black."""
    angle = level if random.random() < 0.5 else -level
    if angle % 90 == 0:
        return np.ascontiguousarray(np.rot90(pixels, round(angle / 90) % 4))
    rows, columns = pixels.shape
    turn = np.deg2rad(angle)
    cosine, sine = abs(np.cos(turn)), abs(np.sin(turn))
    width, height = round(columns * cosine + rows * sine), round(columns * sine + rows * cosine)
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle, 1.0)
    matrix[:, 2] += (width - columns) / 2, (height - rows) / 2
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def blur(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """Gaussian blur, standard deviation in per cent of the longer side: focal spot, movement, a bad copy."""
    width = level / 100 * max(pixels.shape)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), width, borderType=cv2.BORDER_REPLICATE), np.float32)


def quantum_noise(pixels: Pixels, level: float, random: Random) -> Pixels:
    """Poisson noise of a lower dose: ``level`` photons reach a reference square behind air, fewer behind bone.

    An image shows the logarithm of the dose: a grey value p stands for exp(-ATTENUATION p) of the photons. They are
    drawn, and the logarithm is taken again; half a photon stands for none.
    """
    per_pixel = level * (REFERENCE_SIDE / max(pixels.shape)) ** 2
    expected = per_pixel * np.exp(-ATTENUATION * pixels.astype(np.float64))
    counted = np.maximum(random.poisson(expected), 0.5)
    return np.clip(-np.log(counted / per_pixel) / ATTENUATION, 0.0, 1.0).astype(np.float32)


def jpeg(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """Written as an 8 bit JPEG of quality ``level``, and decoded again as files are."""
    from imagecodecs import jpeg8_encode

    samples = np.rint(np.clip(pixels, 0.0, 1.0) * 255).astype(np.uint8)
    return load(bytes(jpeg8_encode(samples, level=round(level))))[0].pixels


def expose(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """Another dose without the maker's correction: ``level`` doublings shift the logarithm, and the ends are cut."""
    return np.clip(pixels - np.float32(level * np.log(2) / ATTENUATION), 0.0, 1.0).astype(np.float32)


def tone(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """Another tone curve, as displays and exports apply them: the grey value to the power of ``level``."""
    return np.power(np.clip(pixels, 0.0, 1.0), np.float32(level)).astype(np.float32)


def invert(pixels: Pixels, _level: float, _random: Random) -> Pixels:
    """Bone black on white: a MONOCHROME1 image whose header was lost."""
    return np.float32(1.0) - pixels


def shrink(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """A smaller copy, ``level`` pixels on its longer side; smaller images stay as they are."""
    rows, columns = pixels.shape
    scale = level / max(rows, columns)
    if scale >= 1:
        return pixels
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def squeeze(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """The width times ``level`` with the height as it is: a picture that was fitted into a frame of another shape."""
    rows, columns = pixels.shape
    width = max(1, round(columns * level))
    way = cv2.INTER_AREA if width < columns else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, rows), interpolation=way), np.float32)


def mirror(pixels: Pixels, _level: float, _random: Random) -> Pixels:
    """Left and right exchanged: the other side of a body."""
    return np.ascontiguousarray(pixels[:, ::-1])


def mask_border(pixels: Pixels, level: float, _random: Random) -> Pixels:
    """The outer ``level`` per cent of either side length painted black on all four sides."""
    rows, columns = pixels.shape
    down, across = round(level / 100 * rows), round(level / 100 * columns)
    masked = np.zeros_like(pixels)
    masked[down : rows - down, across : columns - across] = pixels[down : rows - down, across : columns - across]
    return masked


def remove_markers(pixels: Pixels, _level: float, _random: Random) -> Pixels:
    """Small bright things on dark ground, as lead letters are, painted over with what is around them."""
    return without_markers(pixels)


def paint_marker(letter: Literal["L", "R"], pixels: Pixels, level: float, _random: Random) -> Pixels:
    """A white letter, ``level`` per cent of the longer side high, in the darkest corner."""
    return painted(pixels, letter, level / 100)


CORRUPTIONS: Final = (
    Corruption("rotation", "Rotation", "°", (5, 10, 20, 45, 90, 180), rotate, "turned to either side, nothing cut off"),
    Corruption("blur", "Blur", "%", (0.1, 0.2, 0.4, 0.8, 1.6), blur, "Gaussian, standard deviation / longer side"),
    Corruption(
        "noise",
        "Quantum noise",
        "photons",
        (10_000, 3_000, 1_000, 300, 100),
        quantum_noise,
        "Poisson, per 1/500 of side",
    ),
    Corruption("jpeg", "JPEG", "quality", (75, 50, 30, 15, 5), jpeg, "written and read again"),
    Corruption(
        "exposure", "Exposure", "stops", (-2, -1, -0.5, 0.5, 1, 2), expose, "dose times 2 to that power, uncorrected"
    ),
    Corruption("tone", "Tone curve", "power", (0.5, 0.7, 1.4, 2), tone, "grey value to that power"),
    Corruption("scale", "Down-scaling", "px", (384, 320, 256, 224, 192), shrink, "longer side of a smaller copy"),
    Corruption("inversion", "Inversion", "", (1,), invert, "bone black on white"),
    Corruption("border", "Borders masked", "%", (5, 10, 15), mask_border, "outer part of each side black", probe=True),
    Corruption("no_marker", "Markers removed", "", (1,), remove_markers, "where one was found", probe=True),
    Corruption("marker_l", "L painted", "%", (5, 10), partial(paint_marker, "L"), "height / longer side", probe=True),
    Corruption("marker_r", "R painted", "%", (5, 10), partial(paint_marker, "R"), "height / longer side", probe=True),
    # At the end, so that the others meet the chance that they met before.
    Corruption("squeeze", "Squeezing", "times", (0.8, 0.9, 1.1, 1.25), squeeze, "width times that, height as it is"),
    Corruption("mirror", "Mirroring", "", (1,), mirror, "left and right exchanged"),
)
