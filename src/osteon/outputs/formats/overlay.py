"""The overlay as a PNG file."""

from __future__ import annotations

from pathlib import Path

from osteon.outputs.drawing.overlay import MAXIMUM_IMAGES, draw
from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult


def _write(result: StudyResult, destination: Path) -> None:
    draw(result.with_pixels(MAXIMUM_IMAGES)).save(destination, "PNG", compress_level=4)


FORMAT = Format(
    "overlay", "Overlay (PNG)", ".overlay.png", "image/png", _write, shared=False, needs=frozenset({Need.PIXELS})
)
