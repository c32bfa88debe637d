"""A phantom as a DICOM object: Digital X-Ray Image Storage - For Presentation (PS3.3 A.26), de-identified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from osteon.core.labels import View
from osteon.phantom.phantom import Phantom

STORAGE: UID = DigitalXRayImageStorageForPresentation
BITS: int = 12

POSITIONS: dict[View, tuple[str, str, str, tuple[str, str]]] = {
    View.FRONTAL: ("AP", "399348003", "antero-posterior", ("L", "F")),
    View.LATERAL: ("LL", "399198007", "left lateral", ("P", "F")),
}
"""View position, its SNOMED CT code and meaning, and the directions of rows and columns."""


def save(phantom: Phantom, path: Path, *, image: str, study: str, series: str, number: int, inverted: bool) -> None:
    """Write a spine phantom.

    Args:
        phantom: to write.
        path: of the file.
        image: hexadecimal identifier of the image, turned into its SOPInstanceUID.
        study: likewise for the StudyInstanceUID.
        series: likewise for the SeriesInstanceUID.
        number: of the image in its study.
        inverted: store it as MONOCHROME1.
    """
    header = Dataset()
    _patient(header, phantom, study)
    _study(header, phantom, study, series, number)
    _equipment(header)
    _acquisition(header, phantom)
    header.SOPClassUID, header.SOPInstanceUID = STORAGE, uid(image)
    _pixels(header, phantom, inverted)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = STORAGE, uid(image)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = uid("0517e0")
    header.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    header.save_as(path, enforce_file_format=True)


def uid(hexadecimal: str) -> UID:
    """A UID below 2.25 from a hexadecimal number of up to 32 digits (PS3.5 B.2)."""
    return UID(f"2.25.{int(hexadecimal, 16)}")


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _patient(header: Dataset, phantom: Phantom, study: str) -> None:
    header.PatientName, header.PatientID, header.PatientBirthDate = "", study, ""
    header.PatientSex = phantom.sex.value
    header.PatientAge = f"{int(phantom.age):03d}Y"
    header.PatientIdentityRemoved = "YES"
    header.DeidentificationMethod = "Simulated: there is no patient"


def _study(header: Dataset, phantom: Phantom, study: str, series: str, number: int) -> None:
    header.StudyInstanceUID, header.SeriesInstanceUID = uid(study), uid(series)
    header.StudyDate = header.SeriesDate = header.ContentDate = header.AcquisitionDate = "20200101"
    header.StudyTime = header.SeriesTime = header.ContentTime = header.AcquisitionTime = "120000"
    header.AccessionNumber = header.ReferringPhysicianName = header.StudyID = ""
    header.Modality = "DX"
    header.SeriesNumber, header.InstanceNumber, header.AcquisitionNumber = number, 1, 1
    header.StudyDescription = "LUMBAR SPINE"
    header.SeriesDescription = f"L-spine {POSITIONS[phantom.view][0]}"
    header.PresentationIntentType = "FOR PRESENTATION"
    header.BodyPartExamined = "LSPINE"
    header.PatientOrientation = list(POSITIONS[phantom.view][3])
    header.ImageLaterality = "U"
    header.ImageComments = f"Osteon phantom, seed {phantom.seed}"


def _equipment(header: Dataset) -> None:
    header.Manufacturer = "Osteon"
    header.ManufacturerModelName = "Phantom simulator"
    header.DeviceSerialNumber, header.SoftwareVersions = "0", "1"
    header.DetectorType, header.DetectorConfiguration = "DIRECT", "AREA"
    header.DetectorID = "simulated"


def _acquisition(header: Dataset, phantom: Phantom) -> None:
    spacing = [f"{phantom.spacing:.6f}"] * 2
    header.ImagerPixelSpacing = header.PixelSpacing = spacing
    header.PixelSpacingCalibrationType = "GEOMETRY"
    header.PixelSpacingCalibrationDescription = "parallel beam"
    header.KVP, header.PositionerType = "75", "NONE"
    position, code, meaning, _ = POSITIONS[phantom.view]
    header.ViewPosition = position
    view = _code(code, "SCT", meaning)
    view.ViewModifierCodeSequence = Sequence([])
    header.ViewCodeSequence = Sequence([view])
    header.AnatomicRegionSequence = Sequence([_code("122496007", "SCT", "Lumbar spine")])
    header.AcquisitionContextSequence = Sequence([])
    header.ImageType = ["ORIGINAL", "PRIMARY"]
    header.BurnedInAnnotation, header.LossyImageCompression = "NO", "00"
    header.PixelIntensityRelationship, header.PixelIntensityRelationshipSign = "LOG", 1
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "0", "1", "US"


def _pixels(header: Dataset, phantom: Phantom, inverted: bool) -> None:
    top = 2**BITS - 1
    stored = np.round(phantom.pixels * top).astype("<u2")
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    header.PresentationLUTShape = "INVERSE" if inverted else "IDENTITY"
    if inverted:
        stored = (top - stored).astype("<u2")
        header.PixelIntensityRelationshipSign = -1
    header.Rows, header.Columns = stored.shape
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, BITS, BITS - 1, 0
    header.WindowCenter, header.WindowWidth = str((top + 1) // 2), str(top + 1)
    header.PixelData = stored.tobytes()
