"""A radiograph of a dataset as a DICOM object.

It is written as Computed Radiography Image Storage (PS3.3 section A.2): its attributes about the patient, the study and
the exposure may be empty, so that nothing has to be invented that the dataset does not state. A Digital X-Ray object would
require the detector and the orientation of the patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from osteon.core.records import Radiograph
from osteon.imaging.quiet import quiet

STORAGE: Final = ComputedRadiographyImageStorage
_POSITIONS: Final = {"frontal": "AP", "lateral": "LL"}
_LOSSY: Final = {"JPEG": "ISO_10918_1"}
_MOST: Final = 999
"""The largest number that an age string holds (PS3.5 section 6.2, AS)."""


def write(path: Path, radiograph: Radiograph, pixels: NDArray[np.uint16], row: Mapping[str, Any], dataset: str) -> str:
    """Write a radiograph, uncompressed, in 16 bit, MONOCHROME2.

    What the row of the table holds (pseudonym, age, sex, view, side, region, study) goes into the header. The UIDs
    follow from the dataset's own names, so that writing twice gives the same ones.

    Args:
        path: of the file.
        radiograph: as it was loaded.
        pixels: its pixels, black background, shape (H, W).
        row: of the table.
        dataset: its name.

    Returns:
        the SOPInstanceUID.
    """
    with quiet():  # a value that does not conform to the standard would be quoted
        header = Dataset()
        instance = _uid("image", dataset, row["image"])
        header.SOPClassUID, header.SOPInstanceUID = STORAGE, instance
        _patient(header, row)
        _study(header, row, dataset)
        _image(header, radiograph, row)
        _pixels(header, pixels)
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = STORAGE, instance
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        header.file_meta = meta
        header.save_as(path, enforce_file_format=True)
    return instance


def age_string(years: float) -> str:
    """An age as DICOM writes it (AS): in the finest unit that fits, whole years as years."""
    if years == int(years) and years >= 1:
        return f"{int(years):03d}Y"
    for unit, a_year in (("D", 365.25), ("W", 365.25 / 7), ("M", 12)):
        if round(years * a_year) <= _MOST:
            return f"{round(years * a_year):03d}{unit}"
    return f"{round(years):03d}Y"


def _uid(kind: str, dataset: str, name: str) -> UID:
    return generate_uid(entropy_srcs=[kind, dataset, name])


def _patient(header: Dataset, row: Mapping[str, Any]) -> None:
    header.PatientName, header.PatientBirthDate = "", ""
    header.PatientID = (row["patient"] or "")[:64]
    header.PatientSex = row["sex"] or ""
    if row["age"] is not None:
        header.PatientAge = age_string(row["age"])


def _study(header: Dataset, row: Mapping[str, Any], dataset: str) -> None:
    header.StudyInstanceUID = _uid("study", dataset, row["study"])
    header.SeriesInstanceUID = _uid("series", dataset, row["image"])
    header.StudyDate = header.StudyTime = header.StudyID = header.AccessionNumber = header.ReferringPhysicianName = ""
    header.Manufacturer = ""
    header.Modality = "CR"
    header.SeriesNumber, header.InstanceNumber = "1", "1"
    header.BodyPartExamined = (row["body_part"] or "").upper()
    header.ViewPosition = _POSITIONS.get(row["view"], "")
    header.Laterality = row["laterality"] if row["laterality"] in {"L", "R"} else ""


def _image(header: Dataset, radiograph: Radiograph, row: Mapping[str, Any]) -> None:
    header.ImageType = ["DERIVED", "SECONDARY"]
    header.DerivationDescription = "Rendered for display and written by Osteon"
    header.PatientOrientation, header.ContentDate, header.ContentTime = "", "", ""
    spacing = radiograph.spacing or ((row["row_spacing"], row["column_spacing"]) if row["row_spacing"] else None)
    if spacing is not None and all(spacing):
        header.PixelSpacing = [f"{value:.8g}" for value in spacing]
    if row["format"] in _LOSSY:
        header.LossyImageCompression = "01"
        header.LossyImageCompressionMethod = _LOSSY[row["format"]]
        header.LossyImageCompressionRatio = f"{max(1.0, row['width'] * row['height'] / row['bytes']):.4g}"


def _pixels(header: Dataset, pixels: NDArray[np.uint16]) -> None:
    header.Rows, header.Columns = pixels.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 16, 15, 0
    header.PresentationLUTShape = "IDENTITY"
    header.WindowCenter, header.WindowWidth = "32768", "65536"
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "0", "1", "US"
    header.PixelData = pixels.astype("<u2").tobytes()
