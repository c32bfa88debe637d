"""Readings to files: one module per format.

To add one, write ``outputs/<format>.py`` with a ``FORMAT`` and name it here; command line and documentation follow.
"""

from __future__ import annotations

from typing import Final

from osteon.outputs import coco, csv, json, overlay, report_html, report_pdf, yolo
from osteon.outputs.format import Format

FORMATS: Final[tuple[Format, ...]] = (
    overlay.FORMAT,
    json.FORMAT,
    csv.FORMAT,
    coco.FORMAT,
    yolo.FORMAT,
    report_html.FORMAT,
    report_pdf.FORMAT,
)
