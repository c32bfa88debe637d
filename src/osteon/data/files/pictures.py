"""Writing radiographs anew as 16-bit PNG, TIFF or DICOM files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from osteon.core.errors import DataError
from osteon.core.records import Radiograph
from osteon.data.files.dicom_writer import write as write_object
from osteon.imaging.load import load


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of file that radiographs can be written as.

    Attributes:
        suffix: of the files.
        write: takes the source, the destination, the row of the table and the dataset's name; gives the
            SOPInstanceUID of a DICOM file, and an empty text otherwise.
    """

    suffix: str
    write: Callable[[Path, Path, Mapping[str, Any], str], str]


def _one(source: Path) -> tuple[Radiograph, NDArray[np.uint16]]:
    """The radiograph of a file, and its pixels in 16 bit with a black background, shape (H, W).

    Radiographs are float32 in [0, 1], which tells 2^24 steps apart: 16-bit samples come back exactly.
    """
    found = load(source)
    if len(found) != 1:
        raise DataError(f"{source.name} holds several images", expected="one", got=str(len(found)))
    return found[0], np.rint(found[0].pixels.astype(np.float64) * 65535.0).astype(np.uint16)


def write_raster(source: Path, destination: Path, row: Mapping[str, Any], dataset: str) -> str:
    """Write a radiograph as a 16-bit grey PNG or TIFF, as the suffix of ``destination`` says."""
    del row, dataset
    Image.fromarray(_one(source)[1]).save(destination)
    return ""


def write_dicom(source: Path, destination: Path, row: Mapping[str, Any], dataset: str) -> str:
    """Write a radiograph as a DICOM object; its SOPInstanceUID."""
    film, pixels = _one(source)
    return write_object(destination, film, pixels, row, dataset)


PICTURES: Final = {
    "png": Picture(".png", write_raster),
    "tiff": Picture(".tiff", write_raster),
    "dicom": Picture(".dcm", write_dicom),
}
"""Kinds of files that radiographs can be written as."""
