"""Attributes of a radiograph from its DICOM header, without decoding the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.config import IGNORE
from pydicom.dataset import Dataset
from pydicom.uid import UID

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.labels import BodyPart, Laterality, Sex, View
from osteon.core.wording.faults import without_got
from osteon.data.files.wholeness import is_whole, is_wrapped
from osteon.data.table.case import FileFacts
from osteon.data.table.parse import age_of, part_of, sex_of, side_of, view_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.imaging.dicom.dataset import open_dataset
from osteon.imaging.dicom.header import aspect, integer, spacing, text, texts
from osteon.imaging.display.colour import INDEXED, MONOCHROME
from osteon.imaging.square import squared

_PARTS: Final = {
    "CSPINE": BodyPart.SPINE,
    "TSPINE": BodyPart.SPINE,
    "LSPINE": BodyPart.SPINE,
    "LUMBAR": BodyPart.SPINE,
    "THORAX": BodyPart.CHEST,
    "UPPER ARM": BodyPart.HUMERUS,
    "TIBIA FIBULA": BodyPart.LEG,
    "THIGH": BodyPart.FEMUR,
}
"""Defined terms of BodyPartExamined that are not osteon's own words (PS3.16 annex L)."""

_OTHER_FORMAT: Final = frozenset({FaultCode.EMPTY_FILE, FaultCode.UNKNOWN_FORMAT, FaultCode.NOT_DICOM})
_SINGLE: Final = ("Rows", "Columns", "BitsAllocated", "SamplesPerPixel", "NumberOfFrames")
"""Elements of one value; programs differ in which of several values they use."""
_PHOTOMETRIC: Final = MONOCHROME | INDEXED | {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}


@dataclass(frozen=True, slots=True)
class DicomFacts:
    """Attributes of a DICOM header.

    Attributes:
        facts: size and storage of the image; ``mode`` is the photometric interpretation.
        image: SOPInstanceUID.
        study: StudyInstanceUID.
        accession: AccessionNumber.
        patient: PatientID.
        age: years.
        sex: or None.
        view: projection.
        laterality: side.
        body_part: region.
        spacing: distance between rows and between columns of the loaded image in mm, as ``osteon.imaging`` finds it.
        manufacturer: of the device; empty where it is not given.
    """

    facts: FileFacts
    image: str
    study: str
    accession: str
    patient: str
    age: float | None
    sex: Sex | None
    view: View | None
    laterality: Laterality | None
    body_part: BodyPart | None
    spacing: tuple[float, float] | None
    manufacturer: str


def inspect_dicom(path: Path, name: str) -> DicomFacts | Remark:
    """Read the header of a DICOM file and check that its pixel data are complete.

    Args:
        path: the file.
        name: used in remarks.

    Returns:
        its facts, or the remark with which it is skipped.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = open_dataset(file, pixels=False)
            whole = is_whole(file, header, size)
            wrapped = is_wrapped(file, header)
    except FileNotFoundError:
        return Remark(Kind.MISSING_FILE, name, RemarkCode.FILE_MISSING, skipped=True)
    except OSError as error:
        return Remark(Kind.UNREADABLE, name, RemarkCode.FILE_UNOPENED, {"error": type(error).__name__}, skipped=True)
    except InputError as error:
        return _unread(error, path, name)

    if any(len(texts(header, keyword)) > 1 for keyword in _SINGLE):
        return Remark(Kind.UNREADABLE, name, RemarkCode.SIZE_SEVERAL, skipped=True)
    if wrapped:
        return Remark(Kind.UNREADABLE, name, RemarkCode.DEFLATED_WRAPPED, skipped=True)
    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    if rows < 1 or columns < 1:
        return _without_image(header, name)
    if "FloatPixelData" in header or "DoubleFloatPixelData" in header:
        return Remark(Kind.UNREADABLE, name, RemarkCode.FLOAT_PIXELS, skipped=True)
    if not whole:
        return Remark(Kind.TRUNCATED, name, RemarkCode.PIXELS_END_EARLY, skipped=True)
    region = text(header, "BodyPartExamined").upper()
    distances, _ = spacing(header)
    height, width = squared(rows, columns, aspect(header, distances))
    oblong = (columns, rows) if (height, width) != (rows, columns) else None
    if oblong and distances:
        distances = (min(distances), min(distances))
    photometric = text(header, "PhotometricInterpretation").upper() or "MONOCHROME2"
    return DicomFacts(
        facts=FileFacts(
            width,
            height,
            photometric if photometric in _PHOTOMETRIC else "other",
            "DICOM",
            size,
            oblong=oblong,
        ),
        image=text(header, "SOPInstanceUID"),
        study=text(header, "StudyInstanceUID"),
        accession=text(header, "AccessionNumber"),
        patient=text(header, "PatientID"),
        age=age_of(text(header, "PatientAge")),
        sex=sex_of(text(header, "PatientSex")),
        view=view_of(text(header, "ViewPosition")),
        laterality=side_of(text(header, "ImageLaterality") or text(header, "Laterality")),
        body_part=_PARTS.get(region) or part_of(region),
        spacing=distances,
        manufacturer=text(header, "Manufacturer"),
    )


def _unread(error: InputError, path: Path, name: str) -> Remark:
    """The remark on a file that cannot be read as DICOM, without quoting its content."""
    if not path.stat().st_size:
        return Remark(Kind.UNREADABLE, name, RemarkCode.FILE_EMPTY, skipped=True)
    if error.code in _OTHER_FORMAT:
        return Remark(Kind.UNREADABLE, name, RemarkCode.NOT_DICOM, skipped=True)
    fault = without_got(error.fault)
    return Remark(Kind.UNREADABLE, name, RemarkCode.FAULT, {"fault": fault.code.value, **fault.values}, skipped=True)


def _without_image(header: Dataset, name: str) -> Remark:
    """Remark on a DICOM object without an image: part of a disc or a study, or a damaged image."""
    sop_class = text(header.file_meta, "MediaStorageSOPClassUID") or text(header, "SOPClassUID")
    kind = UID(sop_class, IGNORE).name if sop_class else ""
    if "DirectoryRecordSequence" in header or "Directory" in kind:
        return Remark(Kind.EXTRA_FILE, name, RemarkCode.DISC_DIRECTORY, skipped=True)
    if kind != sop_class and "Image" not in kind:
        return Remark(Kind.EXTRA_FILE, name, RemarkCode.NOT_IMAGE, {"object": kind}, skipped=True)
    return Remark(Kind.UNREADABLE, name, RemarkCode.NO_IMAGE, skipped=True)
