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

MASKED: float = 2.5
"""How much greater than the variation of overlying bones a change must be to be seen (calibrated by eye on hands)."""


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
    """Greatest change of ``-log`` transmission that the lesion makes within its mask, in details finer than 3 mm.

    Where the edges of other bones lie over the lesion, the change is reduced: it must be `MASKED` times as great as their
    own variation to be as visible as on a plain background (as when the bones of a hand overlap in the lateral view).
    """
    top, left = int(np.floor(box.y0)), int(np.floor(box.x0))
    region = (slice(top, top + window.height), slice(left, left + window.width))
    broken, _ = bone_maps(lesion.fragments, window, 0)
    whole, _ = bone_maps(lesion.intact, window, 0)
    around = {name: plane[region] for name, plane in thickness.items()}
    others = np.maximum(around["bone"] - broken, 0.0)
    now = transmission(around)
    before = transmission({**around, "bone": others + whole})
    change = np.abs(_fine(np.log(before) - np.log(now), window)[mask[region]])
    if not change.size:
        return 0.0
    clutter = _fine(-np.log(transmission({"bone": others})), window)[mask[region]]
    variation = float(np.sqrt(np.mean(clutter**2)))
    return float(np.percentile(change, 98.0)) * min(1.0, VISIBLE / max(MASKED * variation, 1e-6))


def _fine(signal: Image, window: Camera) -> Image:
    """Details of a signal between half a millimetre and 3 mm."""
    raw = np.asarray(signal, dtype=np.float32)
    return blur(raw, 0.5 / window.spacing) - blur(raw, 3.0 / window.spacing)
