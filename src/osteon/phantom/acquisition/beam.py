"""The X-ray beam: its attenuation in the limb, scatter, blur and quantum noise.

Transmission follows the law of Beer and Lambert at two energies that represent the spectrum of a 60 to 75 kV tube.
Linear attenuation coefficients are the mass coefficients of Hubbell and Seltzer (NISTIR 5632) at 40 and 60 keV times
the density.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

ENERGIES: tuple[float, float] = (40.0, 60.0)
"""keV."""

SHARES: tuple[float, float] = (0.55, 0.45)
"""Share of the detected signal at each energy, without an object."""

MATERIALS: dict[str, tuple[float, float]] = {
    "muscle": (0.0282, 0.0215),
    "fat": (0.0228, 0.0188),
    "bone": (0.1278, 0.0604),
    "marrow": (0.0240, 0.0195),
    "plaster": (0.0470, 0.0222),
    "titanium": (0.998, 0.345),
    "steel": (2.857, 0.949),
    "lead": (16.3, 5.70),
    "gas": (-0.0282, -0.0215),
    "lung": (-0.0105, -0.0080),
    "lean": (0.0054, 0.0027),
}
"""Linear attenuation in 1/mm at the two energies. The last three are differences: of gas and of lung from the
muscle that fills the torso, and of muscle from the fat around it."""


def monoenergetic(thickness: Mapping[str, Image | float], energy: int) -> Image:
    """Share of a beam of one energy that passes unscattered: ``exp(-sum of mu * length)``.

    Args:
        thickness: millimetres of each material, arrays of one shape (H, W).
        energy: index into `ENERGIES`.

    Returns:
        float32 (H, W), 1 where the beam meets nothing.
    """
    depth = sum(np.float32(MATERIALS[material][energy]) * length for material, length in thickness.items())
    return np.exp(-np.asarray(depth, dtype=np.float32))


def transmission(thickness: Mapping[str, Image | float]) -> Image:
    """Share of the detected signal behind the object, over the whole spectrum (arguments as for `monoenergetic`)."""
    first, second = (share * monoenergetic(thickness, i) for i, share in enumerate(SHARES))
    return np.asarray(first + second, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure parameters.

    Attributes:
        photons: mean number of quanta detected in a pixel of 1 mm without an object.
        focus: blur of focal spot and detector, standard deviation in mm.
        scatter: share of the signal behind the object that is scattered.
        spread: standard deviation of the scatter, in mm.
    """

    photons: float = 80000.0
    focus: float = 0.18
    scatter: float = 0.15
    spread: float = 18.0


def expose(primary: Image, exposure: Exposure, spacing: float, random: np.random.Generator) -> Image:
    """Detected signal, relative to the open beam: blur, scatter and quantum noise.

    Args:
        primary: transmission, (H, W).
        exposure: dose, blur and scatter.
        spacing: pixel size in mm.
        random: source of the noise.

    Returns:
        float32 (H, W), positive.
    """
    sharp = blur(primary, exposure.focus / spacing)
    veil = wide_blur(primary, exposure.spread / spacing)
    signal = (1 - exposure.scatter) * sharp + exposure.scatter * veil
    quanta = exposure.photons * spacing**2
    noise = random.standard_normal(signal.shape, dtype=np.float32)
    noisy = signal + np.sqrt(np.maximum(signal, 0.0) / quanta) * blur(noise, 0.45) * 1.6
    return np.maximum(noisy, 0.3 / quanta).astype(np.float32)


def blur(image: Image, sigma: float) -> Image:
    """Gaussian blur; `sigma` in pixels; below 0.1 the image is returned as it is."""
    if sigma < 0.1:
        return image
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), dtype=np.float32)


def wide_blur(image: Image, sigma: float) -> Image:
    """Gaussian blur by a large `sigma` (pixels), computed on a coarser raster."""
    factor = max(int(sigma / 3), 1)
    height, width = image.shape
    small = cv2.resize(image, (max(width // factor, 1), max(height // factor, 1)), interpolation=cv2.INTER_AREA)
    soft = blur(np.asarray(small, dtype=np.float32), sigma / factor)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
