"""A file that says that its pixels hold text brings a note, whatever else it is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging.load import load


def film(stated: str | None) -> bytes:
    header = Dataset()
    header.SOPClassUID = ComputedRadiographyImageStorage
    header.SOPInstanceUID, header.StudyInstanceUID, header.SeriesInstanceUID = (generate_uid() for _ in range(3))
    header.Modality = "CR"
    header.Rows, header.Columns, header.SamplesPerPixel = 64, 64, 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 12, 11, 0
    header.PixelData = np.arange(4096, dtype="<u2").tobytes()
    if stated is not None:
        header.BurnedInAnnotation = stated
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("stated", "noted"), [("YES", True), ("YES ", True), ("NO", False), ("", False), (None, False)]
)
def test_text_that_is_burned_in_is_told(stated: str | None, noted: bool) -> None:
    (radiograph,) = load(film(stated))
    assert (Note(NoteCode.BURNED_IN) in radiograph.notes) == noted
