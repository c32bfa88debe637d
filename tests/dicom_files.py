"""DICOM files made by the tests."""

from __future__ import annotations

import io
from typing import Any

from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)


def write_dicom(words: NDArray[Any], *, bits: int = 12, syntax: str = ExplicitVRLittleEndian, **elements: Any) -> bytes:
    """Samples (H, W), (F, H, W) for several frames or (H, W, 3) for colour, to the bytes of a file."""
    colour = words.ndim == 3 and words.shape[-1] == 3
    header = Dataset()
    header.SOPClassUID = ComputedRadiographyImageStorage
    header.SOPInstanceUID, header.StudyInstanceUID, header.SeriesInstanceUID = (generate_uid() for _ in range(3))
    header.Modality = "CR"
    header.PatientName = "Phantom"
    header.PatientID = "P1"
    header.Rows, header.Columns = words.shape[:2] if colour else words.shape[-2:]
    if words.ndim == 3 and not colour:
        header.NumberOfFrames = len(words)
    header.SamplesPerPixel = 3 if colour else 1
    header.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        header.PlanarConfiguration = 0
    header.BitsAllocated = 8 * words.dtype.itemsize
    header.BitsStored = bits
    header.HighBit = bits - 1
    header.PixelRepresentation = int(words.dtype.kind == "i")
    big = syntax == ExplicitVRBigEndian
    header.PixelData = words.astype(words.dtype.newbyteorder(">" if big else "<")).tobytes()
    if len(header.PixelData) % 2:
        header.PixelData += b"\0"
    header["PixelData"].VR = "OW" if header.BitsAllocated == 16 else "OB"
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(syntax)
    stream = io.BytesIO()
    header.save_as(
        stream, enforce_file_format=True, little_endian=not big, implicit_vr=syntax == ImplicitVRLittleEndian
    )
    return stream.getvalue()


def write_compressed(words: NDArray[Any], stream: bytes, syntax: str, **elements: Any) -> bytes:
    """Samples and one codestream of them to the bytes of a file."""
    header = dcmread(io.BytesIO(write_dicom(words, **elements)))
    header.PixelData = encapsulate([stream])
    header["PixelData"].VR = "OB"
    header["PixelData"].is_undefined_length = True
    header.file_meta.TransferSyntaxUID = UID(syntax)
    file = io.BytesIO()
    header.save_as(file, implicit_vr=False, little_endian=True)
    return file.getvalue()
