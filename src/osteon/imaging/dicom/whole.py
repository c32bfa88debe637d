"""The whole range of a DICOM image, and where in it the window lies that the file states.

A window discards what lies outside of it. A viewer may want to see the shadows as well; inference sees what the file
states, as everywhere else.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from osteon.core.errors import InputError
from osteon.imaging.dicom import header as head
from osteon.imaging.dicom.dataset import UNPARSABLE, open_dataset
from osteon.imaging.dicom.groups import frame_header
from osteon.imaging.display.colour import MONOCHROME
from osteon.imaging.display.display import read_rendering
from osteon.imaging.display.voi import Rendering, Stored, Window
from osteon.imaging.quiet import quiet
from osteon.imaging.square import squared


def whole_range(rendering: Rendering) -> Rendering | None:
    """The rendering that shows every value that a sample can have, from black to white.

    Args:
        rendering: as the file states it.

    Returns:
        It, or None where a straight window cannot bring the one to the other.
    """
    ends = _ends(rendering)
    if ends is None:
        return None
    low, high = ends
    return replace(rendering, voi=Window((low + high) / 2, high - low, "LINEAR_EXACT"))


def window_within(rendering: Rendering) -> tuple[float, float] | None:
    """Where the window of a rendering lies in the whole range.

    Returns:
        The brightness that is shown black and that which is shown white, where 0 to 1 is the whole range (they may lie
        outside of it); None where ``whole_range`` gives none.
    """
    ends, window = _ends(rendering), rendering.voi
    if ends is None or not isinstance(window, Window):
        return None
    exact = window.function == "LINEAR_EXACT"
    middle, half = (window.center, window.width / 2) if exact else (window.center - 0.5, (window.width - 1) / 2)
    low, high = ((end - ends[0]) / (ends[1] - ends[0]) for end in (middle - half, middle + half))
    return (1.0 - high, 1.0 - low) if rendering.inverted else (low, high)


def file_window(file: Path) -> tuple[float, float] | None:
    """Where the window of a DICOM file lies in its whole range, by its header alone; see ``window_within``.

    An image with pixels that are not square is resampled after windowing, so None is returned for it too.
    """
    try:
        with quiet():
            header = frame_header(open_dataset(file, pixels=False), 0)
            if head.text(header, "PhotometricInterpretation").upper() not in MONOCHROME:
                return None
            rows, columns = head.integer(header, "Rows"), head.integer(header, "Columns")
            aspect = head.aspect(header, head.spacing(header)[0])
            bits = head.integer(header, "BitsStored", head.integer(header, "BitsAllocated"))
            stored = Stored(bits, bits - 1, head.integer(header, "PixelRepresentation") == 1)
            if not 1 <= bits <= 16 or squared(rows, columns, aspect) != (rows, columns):
                return None
            return window_within(read_rendering(header, stored)[0])
    except (InputError, *UNPARSABLE):
        return None


def _ends(rendering: Rendering) -> tuple[float, float] | None:
    """The lowest and highest value that a sample can have after the modality's rescaling."""
    window = rendering.voi
    straight = isinstance(window, Window) and window.function != "SIGMOID" and window.width > 1
    if not straight or rendering.modality is not None or rendering.padding is not None or rendering.slope == 0:
        return None
    span = 2**rendering.stored.bits
    first = -span // 2 if rendering.stored.signed else 0
    ends = sorted(value * rendering.slope + rendering.intercept for value in (first, first + span - 1))
    return ends[0], ends[1]
