"""Who a radiograph is of and what it belongs to, as its DICOM header states it.

Only outputs whose destination may know the patient are given these records. They are never written to a log, and do not
show what they hold when they are printed. Values are the header's own text, in DICOM's notation, and empty where the
header does not state them.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, repr=False)
class PatientIdentity:
    """The Patient module (PS3.3 section C.7.1.1), as far as outputs repeat it.

    Attributes:
        name: PatientName with all its component groups, e.g. ``Yamada^Tarou=山田^太郎``.
        id: PatientID.
        issuer: IssuerOfPatientID.
        birth_date: PatientBirthDate, ``YYYYMMDD``.
        sex: PatientSex.
    """

    name: str = ""
    id: str = ""
    issuer: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class StudyIdentity:
    """The patient and the General Study module (PS3.3 section C.7.2.1).

    Attributes:
        uid: StudyInstanceUID.
        accession: AccessionNumber.
        study_id: StudyID.
        date: StudyDate, ``YYYYMMDD``.
        time: StudyTime.
        referring_physician: ReferringPhysicianName.
        description: StudyDescription.
        patient: of the study.
    """

    uid: str = ""
    accession: str = ""
    study_id: str = ""
    date: str = ""
    time: str = ""
    referring_physician: str = ""
    description: str = ""
    patient: PatientIdentity = field(default_factory=PatientIdentity)


@dataclass(frozen=True, slots=True, repr=False)
class InstanceIdentity:
    """What a DICOM object needs to refer to another (SOP Instance Reference Macro, PS3.3 table 10-11).

    Attributes:
        sop_class_uid: SOPClassUID.
        sop_instance_uid: SOPInstanceUID.
        series_uid: SeriesInstanceUID.
    """

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    series_uid: str = ""
