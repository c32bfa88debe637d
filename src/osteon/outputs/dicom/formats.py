"""The DICOM objects as output formats; what makes them is imported when one is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from osteon.core.records import Reading
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.kinds import Kind
from osteon.outputs.dicom.speaking import has_key_images
from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult

_REFERS: Final = frozenset({Need.IDENTITY, Need.DICOM, Need.ALL_IMAGES})


def _write(kind: Kind, result: StudyResult, destination: Path) -> None:
    """Write the objects of a kind: one file, ``NAME-2`` and on for further ones, and none where there is no object."""
    from osteon.outputs.dicom import make, to_bytes

    name = destination.name.removesuffix(_suffix(kind))
    for place, made in enumerate(make(kind, result)):
        file = destination if place == 0 else destination.with_name(f"{name}-{place + 1}{_suffix(kind)}")
        file.write_bytes(to_bytes(made))


def _suffix(kind: Kind) -> str:
    return f".{kind.name.removesuffix('-dicom')}.dcm"


def _format(kind: Kind, label: str, *, pixels: bool = False, speaks: Callable[[Reading], bool] | None = None) -> Format:
    write: Callable[[StudyResult, Path], None] = partial(_write, kind)
    needs = _REFERS | {Need.PIXELS} if pixels else _REFERS
    made = Format(kind.name, label, _suffix(kind), "application/dicom", write, shared=False, needs=needs)
    return made if speaks is None else replace(made, speaks=speaks)


FORMATS: Final = (
    _format(kinds.MEASUREMENTS, "Measurements (DICOM SR)"),
    _format(kinds.TEXT, "Text report (DICOM SR)"),
    _format(kinds.PRESENTATION, "Presentation state (DICOM GSPS)"),
    _format(kinds.CAPTURE, "Overlay (DICOM secondary capture)", pixels=True),
    _format(kinds.KEY_IMAGES, "Key images (DICOM KOS)", speaks=has_key_images),
    _format(kinds.PDF, "Report (DICOM PDF)", pixels=True),
)
