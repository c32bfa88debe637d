"""Writing radiographs as 16-bit PNG, TIFF or DICOM files."""

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
from osteon.imaging.load import load


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of file that radiographs can be written as.

    Attributes:
        suffix: of the files.
        write: takes the source, the destination and the row of the table.
    """

    suffix: str
    write: Callable[[Path, Path, Mapping[str, Any]], None]


def _one(source: Path) -> tuple[Radiograph, NDArray[np.uint16]]:
    """The radiograph of a file, and its pixels in 16 bit with a black background, shape (H, W)."""
    found = load(source)
    if len(found) != 1:
        raise DataError(f"{source.name} holds several images", expected="one", got=str(len(found)))
    return found[0], np.rint(found[0].pixels * 65535.0).astype(np.uint16)


def write_raster(source: Path, destination: Path, row: Mapping[str, Any]) -> None:
    """Write a radiograph as a 16-bit grey PNG or TIFF, as the suffix of ``destination`` says."""
    del row
    Image.fromarray(_one(source)[1]).save(destination)


def write_dicom(source: Path, destination: Path, row: Mapping[str, Any]) -> None:
    """Write a radiograph as a DICOM Digital X-Ray Image for presentation, uncompressed, 16 bit, MONOCHROME2.

    What the row knows (age, sex, view, laterality, study) goes into the header. The UIDs are derived from the
    dataset's own names, so that writing twice gives the same ones.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    film, pixels = _one(source)
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = DigitalXRayImageStorageForPresentation
    header.SOPInstanceUID = generate_uid(entropy_srcs=["image", row["image"]])
    header.StudyInstanceUID = generate_uid(entropy_srcs=["study", row["study"]])
    header.SeriesInstanceUID = generate_uid(entropy_srcs=["series", row["image"]])
    header.Modality = "DX"
    header.PresentationIntentType = "FOR PRESENTATION"
    header.PatientID = row["patient"] or ""
    header.PatientSex = row["sex"] or ""
    if row["age"] is not None:
        years = row["age"] >= 2
        header.PatientAge = f"{int(row['age']):03d}Y" if years else f"{int(row['age'] * 12):03d}M"
    header.ViewPosition = {"frontal": "AP", "lateral": "LL"}.get(row["view"], "")
    header.ImageLaterality = row["laterality"] or ""
    header.BodyPartExamined = (row["body_part"] or "").upper()
    if film.spacing is not None:
        header.PixelSpacing = [f"{value:.8g}" for value in film.spacing]
    elif row["row_spacing"]:
        header.PixelSpacing = [f"{row['row_spacing']:.8g}", f"{row['column_spacing']:.8g}"]
    header.Rows, header.Columns, header.SamplesPerPixel = film.height, film.width, 1
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 16, 15, 0
    header.PhotometricInterpretation = "MONOCHROME2"
    header.PresentationLUTShape = "IDENTITY"
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "0", "1", "US"
    header.PixelData = pixels.astype("<u2").tobytes()
    header.save_as(destination, enforce_file_format=True)


PICTURES: Final = {
    "png": Picture(".png", write_raster),
    "tiff": Picture(".tiff", write_raster),
    "dicom": Picture(".dcm", write_dicom),
}
"""Kinds of files that radiographs can be written as."""
