"""Coded concepts of the objects (PS3.16), besides those of ``osteon.core.labels``."""

from __future__ import annotations

import hashlib
from typing import Final

from osteon.core.codes.refusal import RefusalCode
from osteon.core.labels import FINDING_CODES, Call, Code, Laterality
from osteon.outputs.result import BundleInfo

PRIVATE: Final = "99OSTEON"
"""Coding scheme of labels that no other scheme has a code for."""


def dcm(value: str, meaning: str) -> Code:
    """A concept that DICOM itself defines (PS3.16 annex D)."""
    return Code(value, meaning, "DCM")


FRACTURE: Final = FINDING_CODES["fracture"]

PRESENT: Final = Code("52101004", "Present")
ABSENT: Final = Code("272519000", "Absent")
EQUIVOCAL: Final = Code("42425007", "Equivocal")
UNDETERMINED: Final = Code("373068000", "Undetermined")

PRESENCE: Final[dict[Call, Code]] = {
    Call.FRACTURE: PRESENT,
    Call.DOUBT: EQUIVOCAL,
    Call.NO_FRACTURE: ABSENT,
    Call.ABSTAIN: UNDETERMINED,
}
"""What a call says of the finding *fracture*."""

SIDES: Final[dict[Laterality, Code]] = {
    Laterality.LEFT: Code("7771000", "Left"),
    Laterality.RIGHT: Code("24028007", "Right"),
    Laterality.BOTH: Code("51440002", "Right and left"),
}

UNUSABLE: Final = dcm("111235", "Unusable - Quality renders image unusable")
INSUFFICIENT: Final = dcm("110531", "Insufficient quality for interpretation")

QUALITY: Final[dict[RefusalCode, Code]] = {
    RefusalCode.TOO_SMALL: INSUFFICIENT,
    RefusalCode.STRIP: INSUFFICIENT,
    RefusalCode.COLOUR: UNUSABLE,
    RefusalCode.BLANK: UNUSABLE,
    RefusalCode.WHITE: UNUSABLE,
    RefusalCode.UNRELATED_PIXELS: UNUSABLE,
    RefusalCode.HARD_EDGES: UNUSABLE,
}
"""Refusals that lie in the image itself. The others (indication, views, novelty) say nothing of its quality."""

MODALITIES: Final[dict[str, Code]] = {
    "CR": dcm("CR", "Computed Radiography"),
    "DX": dcm("DX", "Digital Radiography"),
    "RF": dcm("RF", "Radiofluoroscopy"),
    "RG": dcm("RG", "Radiographic imaging"),
    "XA": dcm("XA", "X-Ray Angiography"),
    "OT": dcm("OT", "Other"),
}

UNSPECIFIED_XRAY: Final = Code("43468-8", "XR unspecified body region", "LN")
"""Procedure Reported where the source states no code."""

PERCENT: Final = Code("%", "Percent", "UCUM")
PIXELS: Final = Code("{pixels}", "Pixels", "UCUM")
ENGLISH: Final = Code("en", "English", "RFC5646")

REPORT: Final = dcm("126000", "Imaging Measurement Report")
LANGUAGE: Final = dcm("121049", "Language of Content Item and Descendants")
OBSERVER_TYPE: Final = dcm("121005", "Observer Type")
DEVICE: Final = dcm("121007", "Device")
PERSON: Final = dcm("121006", "Person")
DEVICE_UID: Final = dcm("121012", "Device Observer UID")
DEVICE_NAME: Final = dcm("121013", "Device Observer Name")
DEVICE_MANUFACTURER: Final = dcm("121014", "Device Observer Manufacturer")
DEVICE_MODEL: Final = dcm("121015", "Device Observer Model Name")
PERSON_NAME: Final = dcm("121008", "Person Observer Name")
PERSON_ORGANIZATION: Final = dcm("121009", "Person Observer's Organization Name")
PROCEDURE: Final = dcm("121058", "Procedure reported")
LIBRARY: Final = dcm("111028", "Image Library")
LIBRARY_GROUP: Final = dcm("126200", "Image Library Group")
MODALITY: Final = dcm("121139", "Modality")
ROWS: Final = dcm("110910", "Pixel Data Rows")
COLUMNS: Final = dcm("110911", "Pixel Data Columns")
SOURCE: Final = dcm("111040", "Original Source")
"""Name of items that refer to images; some viewers cannot do without one."""
MEASUREMENT_LIST: Final = dcm("126010", "Imaging Measurements")
GROUP: Final = dcm("125007", "Measurement Group")
TRACKING_ID: Final = dcm("112039", "Tracking Identifier")
TRACKING_UID: Final = dcm("112040", "Tracking Unique Identifier")
FINDING: Final = dcm("121071", "Finding")
SITE: Final = Code("363698007", "Finding Site")
SIDE: Final = Code("272741003", "Laterality")
ALGORITHM_NAME: Final = dcm("111001", "Algorithm Name")
ALGORITHM_VERSION: Final = dcm("111003", "Algorithm Version")
ALGORITHM_MANUFACTURER: Final = dcm("122405", "Algorithm Manufacturer")
ALGORITHM_PARAMETERS: Final = dcm("111002", "Algorithm Parameters")
CERTAINTY: Final = dcm("111012", "Certainty of Finding")
REGION: Final = dcm("111030", "Image Region")
COMMENT: Final = dcm("121106", "Comment")
QUALITATIVE: Final = Code("C0034375", "Qualitative Evaluations", "UMLS")
QUALITY_FINDING: Final = dcm("111052", "Quality Finding")

IMAGING_REPORT: Final = Code("18748-4", "Diagnostic imaging report", "LN")
FINDINGS: Final = dcm("121070", "Findings")
IMPRESSIONS: Final = dcm("121072", "Impressions")
IMPRESSION: Final = dcm("121073", "Impression")

OF_INTEREST: Final = dcm("113000", "Of Interest")
QUALITY_ISSUE: Final = dcm("113010", "Quality Issue")
KEY_DESCRIPTION: Final = dcm("113012", "Key Object Description")

PROCESSING: Final = dcm("109102", "Processing Equipment")
PROCESSED_FROM: Final = dcm("121322", "Source image for image processing operation")


def label_code(label: str, bundle: BundleInfo) -> Code:
    """The concept of a label: as its bundle codes it, else Osteon's own, else a private code."""
    known = bundle.codes.get(label) or FINDING_CODES.get(label)
    if known is not None:
        return known
    value = label.upper().replace(" ", "_")
    if not value.isascii() or not 0 < len(value) <= 16 or "\\" in value:
        value = hashlib.sha256(label.encode()).hexdigest()[:16].upper()
    return Code(value, label.replace("\\", "/")[:64] or "unnamed", PRIVATE)
