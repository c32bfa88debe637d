"""Re-encoding radiographs as 16-bit PNG, TIFF or DICOM files."""

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
class ImageFormat:
    """A file format that radiographs can be re-encoded as.

    Attributes:
        suffix: of the files.
        write: takes the source, the destination, the row of the table and the dataset's name; returns
            the SOPInstanceUID of a DICOM file, and an empty string otherwise.
    """

    suffix: str
    write: Callable[[Path, Path, Mapping[str, Any], str], str]


def _single(source: Path) -> tuple[Radiograph, NDArray[np.uint16]]:
    """The radiograph of a file, and its pixels in 16 bit with a black background, shape (H, W).

    Radiographs are float32 in [0, 1], which resolves 2^24 steps: 16-bit samples are restored exactly.
    """
    found = load(source)
    if len(found) != 1:
        raise DataError(f"{source.name} holds several images", expected="one", got=str(len(found)))
    return found[0], np.rint(found[0].pixels.astype(np.float64) * 65535.0).astype(np.uint16)


def write_raster(source: Path, destination: Path, row: Mapping[str, Any], dataset: str) -> str:
    """Write a radiograph as a 16-bit grey PNG or TIFF, according to the suffix of ``destination``."""
    del row, dataset
    Image.fromarray(_single(source)[1]).save(destination)
    return ""


def write_dicom(source: Path, destination: Path, row: Mapping[str, Any], dataset: str) -> str:
    """Write a radiograph as a DICOM object; its SOPInstanceUID."""
    radiograph, pixels = _single(source)
    return write_object(destination, radiograph, pixels, row, dataset)


IMAGE_FORMATS: Final = {
    "png": ImageFormat(".png", write_raster),
    "tiff": ImageFormat(".tiff", write_raster),
    "dicom": ImageFormat(".dcm", write_dicom),
}
"""Formats that radiographs can be re-encoded as, by name."""
