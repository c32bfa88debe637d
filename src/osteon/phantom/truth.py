"""The truth of a view: mask and box of each lesion by projection, and whether the view shows it."""

from __future__ import annotations

import numpy as np

from osteon.core.geometry import Box
from osteon.core.labels import View
from osteon.phantom.acquisition.beam import blur, transmission
from osteon.phantom.anatomy.scene import Image, Lesion, bone_maps
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.phantom import TrueFinding
from osteon.phantom.tracing.rays import trace

VISIBLE: float = 0.09
"""Least change of the logarithmic signal, over half a millimetre, that a human observer can see (calibrated by eye)."""


def project(
    lesion: Lesion, camera: Camera, thickness: dict[str, Image], view: View, margin: float = 1.5
) -> TrueFinding | None:
    """Project a lesion.

    Args:
        lesion: with its zone in the volume.
        camera: the detector.
        thickness: millimetres of each material on each ray of the whole scene.
        view: the view, for lesions that only one can show.
        margin: margin between the mask and the sides of the box, mm.

    Returns:
        the finding, or None where its projection lies outside the field.
    """
    mask = np.zeros((camera.height, camera.width), np.bool_)
    for body in lesion.zone:
        traced = trace(body, camera)
        if traced is not None:
            mask[traced.rows, traced.columns] |= traced.cortical + traced.inner > 0.05
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return None
    pad = margin / camera.spacing
    box = Box(columns[0] - pad, rows[0] - pad, columns[-1] + 1 + pad, rows[-1] + 1 + pad).clipped(
        camera.width, camera.height
    )
    contrast = _contrast(lesion, camera.window(box), thickness, box, mask) if lesion.intact else 1.0
    return TrueFinding(lesion.label, box, mask, view in lesion.views and contrast >= VISIBLE, contrast, lesion.truth)


def _contrast(lesion: Lesion, window: Camera, thickness: dict[str, Image], box: Box, mask: np.ndarray) -> float:
    """Greatest change of ``-log`` transmission that the lesion makes within its mask, in details finer than 3 mm."""
    top, left = int(np.floor(box.y0)), int(np.floor(box.x0))
    region = (slice(top, top + window.height), slice(left, left + window.width))
    broken, _ = bone_maps(lesion.fragments, window, 0)
    whole, _ = bone_maps(lesion.intact, window, 0)
    around = {name: plane[region] for name, plane in thickness.items()}
    now = transmission(around)
    before = transmission({**around, "bone": np.maximum(around["bone"] - broken + whole, 0.0)})
    raw = np.asarray(np.log(before) - np.log(now), dtype=np.float32)
    change = blur(raw, 0.5 / window.spacing) - blur(raw, 3.0 / window.spacing)
    inside = np.abs(change[mask[region]])
    return float(np.percentile(inside, 98.0)) if inside.size else 0.0
