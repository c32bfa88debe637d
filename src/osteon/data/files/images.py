"""Image files of any kind that osteon reads, raster or DICOM, and what their headers say."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.each import Each, InThreads
from osteon.data.files.dicom import DicomFacts, inspect_dicom
from osteon.data.files.files import inspect
from osteon.data.files.names import as_path
from osteon.data.files.walk import DICOM_SUFFIXES, MASKS, is_signed
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.remark import Remark

__all__ = ["MASKS", "ImageFile", "inspect_image", "inspect_images", "inspected", "is_dicom"]


@dataclass(frozen=True, slots=True)
class ImageFile:
    """What is known of an image file before it is decoded.

    Attributes:
        facts: size and storage.
        header: what a DICOM header says; None of a raster file.
    """

    facts: FileFacts
    header: DicomFacts | None = None

    def case(self, name: str) -> Case:
        """The row of the image, filled in from its own header."""
        header = self.header
        if header is None:
            return Case(name, self.facts, study=name)
        rows, columns = header.spacing or (None, None)
        return Case(
            name,
            self.facts,
            study=header.study or name,
            patient=header.patient or None,
            view=header.view,
            laterality=header.laterality,
            body_part=header.body_part,
            age=header.age,
            sex=header.sex,
            source=header.manufacturer or None,
            row_spacing=rows,
            column_spacing=columns,
        )


def inspect_image(path: Path, name: str) -> ImageFile | Remark:
    """Read the header of a file; ``name`` is what a remark calls it."""
    if is_dicom(path):
        found = inspect_dicom(path, name)
        return found if isinstance(found, Remark) else ImageFile(found.facts, found)
    facts = inspect(path, name)
    return facts if isinstance(facts, Remark) else ImageFile(facts)


def inspect_images(root: Path, names: list[str]) -> Iterator[tuple[str, ImageFile | Remark]]:
    """``inspect_image`` for many paths below ``root``, in their order."""
    given = [(as_path(root, name), name) for name in names]
    yield from zip(names, _each.get()(_inspected, given), strict=True)


FOUR: Final[Each] = InThreads(4)
"""Headers read at once: a file is waited for more than computed with."""

_each: ContextVar[Each] = ContextVar("each", default=FOUR)


@contextmanager
def inspected(each: Each) -> Generator[None]:
    """Let headers of files be read as ``each`` calls functions, wherever a dataset is read within the block."""
    before = _each.set(each)
    try:
        yield
    finally:
        _each.reset(before)


def _inspected(given: tuple[Path, str]) -> ImageFile | Remark:
    return inspect_image(*given)


def is_dicom(path: Path) -> bool:
    """Whether a file is to be read as DICOM: by its name, or by its signature whatever its name."""
    return path.suffix.lower() in DICOM_SUFFIXES or not path.suffix or is_signed(path)
