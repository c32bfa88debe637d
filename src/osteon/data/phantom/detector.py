"""From the detected signal to the picture that is read: logarithm, processing, window, markers, edges of the field."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.phantom.beam import blur, wide_blur

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Processing:
    """How a manufacturer shows the logarithm of the signal.

    Attributes:
        flatten: share of the large-scale contrast that is taken away.
        edges: weight of the detail that is added at a fine scale.
        halo: weight of the detail added at a middle scale (the dark rim outside the skin).
        gamma: exponent of the curve.
        floor: grey of the open beam.
        top: grey of the densest bone.
    """

    flatten: float = 0.35
    edges: float = 0.7
    halo: float = 0.25
    gamma: float = 1.2
    floor: float = 0.08
    top: float = 0.92


def develop(signal: Image, processing: Processing, spacing: float, inside: NDArray[np.bool_]) -> Image:
    """Grey values in [0, 1], bone bright.

    Args:
        signal: detected signal relative to the open beam, (H, W).
        processing: the manufacturer's way.
        spacing: pixel size, mm.
        inside: the collimated field.
    """
    density = -np.log(np.clip(signal, 1e-5, 1.2))
    base = wide_blur(density, 14.0 / spacing)
    middle = blur(density, 2.2 / spacing)
    fine = blur(density, 0.55 / spacing)
    shown = density - processing.flatten * base
    shown = shown + processing.halo * (density - middle) + processing.edges * (density - fine)
    values = shown[inside]
    low = float(np.percentile(values[::7], 1.0))
    high = float(np.percentile(values[::7], 99.7))
    scaled = np.clip((shown - low) / max(high - low, 1e-3), 0.0, None)
    grey = processing.floor + (processing.top - processing.floor) * scaled**processing.gamma
    knee = processing.top
    grey = np.where(grey > knee, knee + (1 - knee) * (1 - np.exp(-(grey - knee) / (1 - knee))), grey)
    return np.asarray(np.clip(grey, 0.0, 1.0), dtype=np.float32)


def stamp(image: Image, letter: str, at: tuple[int, int], size: float, value: float = 0.97) -> None:
    """Set a lead letter on the picture, in place (`at` is the lower left corner, `size` its height, in pixels)."""
    layer = np.zeros(image.shape, np.uint8)
    scale = size / 22.0
    cv2.putText(layer, letter, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, max(round(size / 7), 1), cv2.LINE_AA)
    weight = layer.astype(np.float32) / 255.0
    image += weight * (value - image)
