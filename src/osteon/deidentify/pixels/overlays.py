"""Overlay planes (groups 60xx): kept by the Clean Graphics option where no text is found in them."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.overlays.numpy_handler import get_overlay_array

from osteon.deidentify.text.text import find_text
from osteon.imaging.dicom import header as head

_GROUPS: Final = range(0x6000, 0x6020, 2)
_ROWS, _COLUMNS, _FRAMES, _TYPE, _ORIGIN, _BITS, _POSITION, _DATA = (
    0x0010, 0x0011, 0x0015, 0x0040, 0x0050, 0x0100, 0x0102, 0x3000,
)  # fmt: skip


def clean_overlays(old: Dataset, new: Dataset) -> int:
    """Copy the planes without text, with their position only; returns the number left out."""
    dropped = 0
    groups = {tag.group for tag in sorted(old.keys())}
    for group in _GROUPS:
        if group not in groups:
            continue
        try:
            planes = np.asarray(get_overlay_array(old, group), np.uint8)
            origin = [int(value) for value in old[group, _ORIGIN].value]
            kind = str(old[group, _TYPE].value)
        except head.UNREADABLE:
            dropped += 1
            continue
        stack = planes if planes.ndim == 3 else planes[None]
        if (
            kind not in ("G", "R")
            or len(origin) != 2
            or any(find_text(np.where(plane, 255, 0).astype(np.uint8)) for plane in stack)
        ):
            dropped += 1
            continue
        packed = np.packbits(stack.ravel(), bitorder="little").tobytes()
        values = {
            (_ROWS, "US"): stack.shape[1],
            (_COLUMNS, "US"): stack.shape[2],
            (_TYPE, "CS"): kind,
            (_ORIGIN, "SS"): origin,
            (_BITS, "US"): 1,
            (_POSITION, "US"): 0,
            (_DATA, "OW"): packed + b"\0" * (len(packed) % 2),
        }
        if planes.ndim == 3:
            values[_FRAMES, "IS"] = len(stack)
        for (element, vr), value in values.items():
            new.add(DataElement((group << 16) + element, vr, value))
    return dropped
