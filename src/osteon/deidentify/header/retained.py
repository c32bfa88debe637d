"""Attributes that the retaining options keep or clean (the columns of PS3.15 table E.1-1)."""

from __future__ import annotations

from typing import Final

from pydicom.datadict import tag_for_keyword


def _tags(keywords: str) -> frozenset[int]:
    return frozenset(tag for word in keywords.split() if (tag := tag_for_keyword(word)) is not None)


PATIENT: Final = _tags("PatientAge PatientSex PatientSize PatientWeight SmokingStatus PregnancyStatus")
DEVICE: Final = _tags("""
    StationName DeviceSerialNumber DeviceUID CassetteID PlateID GantryID GeneratorID DetectorID SecondaryCaptureDeviceID
    StationAETitle PerformedStationAETitle PerformedStationName ManufacturerModelName SoftwareVersions Manufacturer
    DetectorManufacturerName DetectorManufacturerModelName SecondaryCaptureDeviceManufacturer
    SecondaryCaptureDeviceManufacturerModelName SecondaryCaptureDeviceSoftwareVersions
""")
INSTITUTION: Final = _tags("""
    InstitutionName InstitutionAddress InstitutionalDepartmentName InstitutionCodeSequence
    InstitutionalDepartmentTypeCodeSequence
""")
DESCRIPTORS: Final = _tags("""
    StudyDescription SeriesDescription ProtocolName RequestedProcedureDescription PerformedProcedureStepDescription
    AcquisitionDeviceProcessingDescription AcquisitionProtocolDescription DerivationDescription ImageComments
""")
NEVER_SHIFTED: Final = _tags("""
    PatientBirthDate PatientBirthTime LastMenstrualDate DateOfManufacture DateOfInstallation
""")
"""Dates that are removed even where dates are shifted: they belong to the patient or the device."""
