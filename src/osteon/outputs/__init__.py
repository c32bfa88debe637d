"""Results of studies to files: one module per format.

To add one, write ``outputs/formats/<format>.py`` with a ``FORMAT`` (for a DICOM object see ``outputs/dicom/formats.py``) and
name it here: the command line, the API, the page and the documentation list what stands in ``FORMATS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osteon.outputs.format import Format

    FORMATS: tuple[Format, ...]


def __getattr__(name: str) -> Any:
    """``FORMATS``, imported when somebody asks for it: who reads to the terminal needs no PDF."""
    if name != "FORMATS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from osteon.outputs.dicom import formats as dicom
    from osteon.outputs.formats import coco, csv, html, json, overlay, pdf, yolo

    found: tuple[Format, ...] = (
        overlay.FORMAT,
        json.FORMAT,
        csv.FORMAT,
        coco.FORMAT,
        yolo.FORMAT,
        html.FORMAT,
        pdf.FORMAT,
        *dicom.FORMATS,
    )
    globals()[name] = found
    return found
