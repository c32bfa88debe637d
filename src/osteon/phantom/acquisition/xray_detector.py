"""From the detected signal to the displayed image: logarithm, processing, window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.phantom.acquisition.beam import blur, wide_blur

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Processing:
    """A manufacturer's image processing of the logarithm of the signal.

    Attributes:
        flatten: share of the large-scale contrast that is removed.
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
        processing: the manufacturer's image processing.
        spacing: pixel size, mm.
        inside: mask (H, W) of the pixels that the window is chosen for: the open field without metal.
    """
    density = -np.log(np.clip(signal, 1e-5, 1.2))
    shown = density * np.float32(1 + processing.halo + processing.edges)
    shown -= np.float32(processing.flatten) * wide_blur(density, 14.0 / spacing)
    shown -= np.float32(processing.halo) * blur(density, 2.2 / spacing)
    shown -= np.float32(processing.edges) * blur(density, 0.55 / spacing)
    few = shown.ravel()[::7][inside.ravel()[::7]]
    low, high = (float(value) for value in np.percentile(few, (1.0, 99.7)))
    shown -= np.float32(low)
    shown *= np.float32(1 / max(high - low, 1e-3))
    np.maximum(shown, np.float32(0.0), out=shown)
    grey = np.float32(processing.floor) + np.float32(processing.top - processing.floor) * shown**processing.gamma
    room = np.float32(1 - processing.top)
    over = grey > processing.top
    grey[over] = 1 - room * np.exp((processing.top - grey[over]) / room)
    return np.clip(grey, 0.0, 1.0)
