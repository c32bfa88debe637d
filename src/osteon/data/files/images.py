"""Image files of any kind that osteon reads, raster or DICOM, and what their headers say."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from osteon.data.files.dicom import DicomFacts, inspect_dicom
from osteon.data.files.files import inspect
from osteon.data.files.names import as_path
from osteon.data.files.walk import DICOM_SUFFIXES, MASKS, is_signed
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.remark import Remark

__all__ = ["MASKS", "ImageFile", "inspect_image", "inspect_images", "is_dicom"]


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
    with ThreadPoolExecutor(4) as pool:
        paths = [as_path(root, name) for name in names]
        yield from zip(names, pool.map(inspect_image, paths, names), strict=True)


def is_dicom(path: Path) -> bool:
    """Whether a file is to be read as DICOM: by its name, or by its signature whatever its name."""
    return path.suffix.lower() in DICOM_SUFFIXES or not path.suffix or is_signed(path)
