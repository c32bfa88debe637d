"""Artefacts of the detector and the collimator: read-out bands, heel effect, unexposed strips, shutters."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.acquisition.beam import blur
from osteon.phantom.acquisition.style import Border, ReadoutArtefacts

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Waves = NDArray[np.floating]

KNOTS: int = 240
"""Points across the image at which bands and ragged borders are sampled, whatever its size."""


def unevenness(artefacts: ReadoutArtefacts, shape: tuple[int, int], random: np.random.Generator) -> tuple[Image, Image]:
    """Factors for the signal: a column of (H, 1) and a row of (1, W), close to 1.

    Args:
        artefacts: of the detector.
        shape: height and width in pixels.
        random: source of the bands.
    """
    height, width = shape
    down = 1.0 + artefacts.heel[1] * np.linspace(-0.5, 0.5, height, dtype=np.float32)
    across = 1.0 + artefacts.heel[0] * np.linspace(-0.5, 0.5, width, dtype=np.float32)
    bands = np.float32(0.85) * _waves(random, 9.0) + np.float32(0.5) * _waves(random, 1.2)
    if artefacts.streaks:
        bands *= np.float32(artefacts.streaks)
        if artefacts.upright:
            across *= 1.0 + _stretched(bands, width)
        else:
            down *= 1.0 + _stretched(bands, height)
    return down[:, None], across[None, :]


def field(border: Border, shape: tuple[int, int], random: np.random.Generator) -> Mask:
    """Mask (H, W) of the pixels within the collimated field; the centre of the image is always within it."""
    height, width = shape
    waves = [_waves(random, 14.0) + np.float32(0.5) * _waves(random, 2.0) for _ in border.margins]
    inside = np.ones(shape, np.bool_)
    if border.kind == "none":
        return inside
    for i, (margin, slope) in enumerate(zip(border.margins, border.slopes, strict=True)):
        if not margin:
            continue
        along, across = (height, width) if i % 2 == 0 else (width, height)
        lean = slope * np.linspace(-0.5, 0.5, along, dtype=np.float32)
        edge = np.maximum(margin + lean + border.ragged * _stretched(waves[i], along), 0.0) * across
        position = np.arange(across, dtype=np.float32) if i < 2 else np.arange(across, dtype=np.float32)[::-1]
        inside &= (position[None, :] >= edge[:, None]) if i % 2 == 0 else (position[:, None] >= edge[None, :])
    return inside


def frame_field(pixels: Image, inside: Mask, border: Border) -> Image:
    """Cover the image outside the open field, and draw its rim."""
    if border.kind != "none" and not inside.all():
        weight = blur(inside.astype(np.float32), 0.8 if border.kind == "shutter" else 1.6)
        outside = np.float32(0.0 if border.kind == "shutter" else 0.97)
        pixels = outside + (pixels - outside) * weight
    if border.rim:
        thick = max(round(max(pixels.shape) / 454), 1)
        for line in (pixels[:thick], pixels[-thick:], pixels[:, :thick], pixels[:, -thick:]):
            np.maximum(line, np.float32(border.rim * 0.85), out=line)
    return pixels


def _waves(random: np.random.Generator, sigma: float) -> Waves:
    """Smoothed noise of standard deviation 1 at `KNOTS` points."""
    noise = random.standard_normal(KNOTS).astype(np.float32)[None, :]
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=sigma, sigmaY=0.1), dtype=np.float32)[0]
    return soft / np.float32(soft.std() + 1e-6)


def _stretched(waves: Waves, count: int) -> Waves:
    return np.asarray(cv2.resize(waves[None, :], (count, 1), interpolation=cv2.INTER_LINEAR), dtype=np.float32)[0]
