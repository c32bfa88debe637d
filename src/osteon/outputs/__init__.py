"""Results of studies to files: one module per format.

To add one, write ``outputs/formats/<format>.py`` with a ``FORMAT`` (for a DICOM object see ``outputs/dicom/formats.py``) and
name it here: the command line, the API, the page and the documentation list what stands in ``FORMATS``.
"""

from __future__ import annotations

from typing import Final

from osteon.outputs.dicom import formats as dicom
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
    *dicom.FORMATS,
)
