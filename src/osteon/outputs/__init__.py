"""Results of studies to files: one module per format.

To add one, write ``outputs/formats/<format>.py`` (or ``outputs/dicom/<object>.py``) with a ``FORMAT`` and name it here:
the command line, the API, the page and the documentation list what stands in ``FORMATS``.
"""

from __future__ import annotations

from typing import Final

from osteon.outputs.format import Format
from osteon.outputs.formats import coco, csv, html, json, overlay, pdf, yolo

FORMATS: Final[tuple[Format, ...]] = (
    overlay.FORMAT,
    json.FORMAT,
    csv.FORMAT,
    coco.FORMAT,
    yolo.FORMAT,
    html.FORMAT,
    pdf.FORMAT,
)
