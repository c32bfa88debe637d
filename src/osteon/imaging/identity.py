"""Who a DICOM file is of, and which object it is, from its header alone. Nothing of it is ever written to a log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from osteon.core.errors import InputError
from osteon.core.identity import InstanceIdentity, PatientIdentity, StudyIdentity
from osteon.imaging.sniff import HEAD, Kind, sniff

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def read_identity(file: Path) -> tuple[StudyIdentity, InstanceIdentity]:
    """What identifies a file; empty records for one that is not DICOM, cannot be opened, or is damaged there."""
    found: tuple[StudyIdentity, InstanceIdentity] | None = None
    try:
        with file.open("rb") as stream:
            if sniff(stream.read(HEAD)) is Kind.DICOM:
                # pydicom takes long to import, which a program that meets no DICOM need not wait for.
                from osteon.imaging.dicom.guarded import from_header

                stream.seek(0)
                found = from_header(stream, _identities)
    except (InputError, OSError):
        pass
    return found or (StudyIdentity(), InstanceIdentity())


def _identities(header: Dataset) -> tuple[StudyIdentity, InstanceIdentity]:
    from osteon.imaging.dicom.header import text

    study = StudyIdentity(
        uid=text(header, "StudyInstanceUID"),
        accession=text(header, "AccessionNumber"),
        study_id=text(header, "StudyID"),
        date=text(header, "StudyDate"),
        time=text(header, "StudyTime"),
        referring_physician=text(header, "ReferringPhysicianName"),
        description=text(header, "StudyDescription"),
        patient=PatientIdentity(
            name=text(header, "PatientName"),
            id=text(header, "PatientID"),
            issuer=text(header, "IssuerOfPatientID"),
            birth_date=text(header, "PatientBirthDate"),
            sex=text(header, "PatientSex"),
        ),
    )
    instance = InstanceIdentity(
        sop_class_uid=text(header, "SOPClassUID"),
        sop_instance_uid=text(header, "SOPInstanceUID"),
        series_uid=text(header, "SeriesInstanceUID"),
    )
    return study, instance
