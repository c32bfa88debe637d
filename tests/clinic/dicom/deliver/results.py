"""Output formats for tests of delivery: small DICOM objects that differ each time that they are made."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import BasicTextSRStorage, ExplicitVRLittleEndian, generate_uid

from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult


def _write(result: StudyResult, destination: Path, *, parts: int = 1) -> None:
    """Basic text reports, the UIDs of which follow from the study, and the content of which does not."""
    assert result.identity is not None
    study = result.identity()
    for part in range(parts):
        report = Dataset()
        report.SOPClassUID = BasicTextSRStorage
        report.SOPInstanceUID = generate_uid(entropy_srcs=[result.details.id, str(part), str(parts)])
        report.StudyInstanceUID, report.SeriesInstanceUID = study.uid, generate_uid(entropy_srcs=[study.uid])
        report.PatientID, report.PatientName, report.Modality = study.patient.id, study.patient.name, "SR"
        report.AccessionNumber = report.StudyDate = report.StudyTime = report.ReferringPhysicianName = ""
        report.PatientBirthDate = report.PatientSex = report.StudyID = ""
        report.CompletionFlag, report.VerificationFlag, report.ValueType = "COMPLETE", "UNVERIFIED", "CONTAINER"
        report.InstanceNumber, report.SeriesNumber = part + 1, 1
        report.ContentLabel = secrets.token_hex(7).upper()
        report.file_meta = FileMetaDataset()
        report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        place = destination if part == 0 else destination.with_name(f"{destination.stem}-{part + 1}.dcm")
        report.save_as(place, enforce_file_format=True)


def _two(result: StudyResult, destination: Path) -> None:
    _write(result, destination, parts=2)


_NEEDS = frozenset({Need.IDENTITY, Need.ALL_IMAGES})

ONE = Format("one", "One report", ".dcm", "application/dicom", _write, shared=False, needs=_NEEDS)
TWO = Format("two", "Two reports", ".dcm", "application/dicom", _two, shared=False, needs=_NEEDS)
