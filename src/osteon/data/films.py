"""Image files of any kind that osteon reads, raster or DICOM: where they lie, and what their headers say."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.data.case import Case, FileFacts
from osteon.data.dicom import DicomFacts, dicoms_below, inspect_dicom
from osteon.data.files import DICOM_SUFFIXES, images_below, inspect
from osteon.data.names import as_path
from osteon.data.remark import Remark

MASKS: Final = "masks"
"""Folder at the root of a dataset whose images are masks, not radiographs."""


@dataclass(frozen=True, slots=True)
class Film:
    """What is known of an image file before it is decoded.

    Attributes:
        facts: size and storage.
        header: what a DICOM header says; None of a raster file.
    """

    facts: FileFacts
    header: DicomFacts | None = None

    def case(self, name: str) -> Case:
        """The row of the image, as far as its own header fills it in."""
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


def inspect_film(path: Path, name: str) -> Film | Remark:
    """Read the header of a file; ``name`` is what a remark calls it."""
    if path.suffix.lower() in DICOM_SUFFIXES or not path.suffix:
        found = inspect_dicom(path, name)
        return found if isinstance(found, Remark) else Film(found.facts, found)
    facts = inspect(path, name)
    return facts if isinstance(facts, Remark) else Film(facts)


def inspect_films(root: Path, names: list[str]) -> Iterator[tuple[str, Film | Remark]]:
    """``inspect_film`` for many paths below ``root``, in their order."""
    with ThreadPoolExecutor(4) as pool:
        paths = [as_path(root, name) for name in names]
        yield from zip(names, pool.map(inspect_film, paths, names), strict=True)


def films_below(root: Path, folder: str = ".") -> list[str]:
    """Paths below ``root`` of all images in ``folder``, raster or DICOM, sorted; what lies in ``masks/`` is left out."""
    found = {*images_below(root, folder), *dicoms_below(root, folder)}
    return sorted(name for name in found if not name.startswith(f"{MASKS}/"))
