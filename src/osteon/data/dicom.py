"""What the header of a DICOM file says of a radiograph, without decoding its pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, ImplicitVRLittleEndian

from osteon.core.labels import BodyPart, Laterality, Sex, View
from osteon.data.case import FileFacts
from osteon.data.files import DICOM_SUFFIXES
from osteon.data.names import as_name
from osteon.data.remark import Kind, Remark
from osteon.data.words import age_of, part_of, sex_of, side_of, view_of
from osteon.imaging.header import aspect, spacing
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

_ITEM: Final = 0xFFFEE000
_SEQUENCE_END: Final = 0xFFFEE0DD


@dataclass(frozen=True, slots=True)
class DicomFacts:
    """What a DICOM header says.

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
    """Read the header of a DICOM file and check that its pixel data are all there.

    Args:
        path: the file.
        name: what to call it in a remark.

    Returns:
        its facts, or the remark for which it must be skipped.
    """
    try:
        with path.open("rb") as file:
            header = dcmread(file, stop_before_pixels=True)
            whole = _whole(file, header, path.stat().st_size)
    except FileNotFoundError:
        return Remark(Kind.MISSING_FILE, name, "the file is not there", skipped=True)
    except InvalidDicomError:
        return Remark(Kind.UNREADABLE, name, "not a DICOM file", skipped=True)
    except (OSError, EOFError, ValueError, AttributeError, KeyError) as error:
        return Remark(Kind.UNREADABLE, name, f"the DICOM header is damaged ({type(error).__name__})", skipped=True)

    def text(keyword: str) -> str:
        return str(header.get(keyword) or "")

    if not header.get("Rows") or not header.get("Columns"):
        return Remark(Kind.UNREADABLE, name, "the DICOM object holds no image", skipped=True)
    if not whole:
        return Remark(Kind.TRUNCATED, name, "the pixel data end early", skipped=True)
    region = text("BodyPartExamined").strip().upper()
    distances, _ = spacing(header)
    rows, columns = int(header.Rows), int(header.Columns)
    height, width = squared(rows, columns, aspect(header, distances))
    oblong = (columns, rows) if (height, width) != (rows, columns) else None
    if oblong and distances:
        distances = (min(distances), min(distances))
    return DicomFacts(
        facts=FileFacts(
            width,
            height,
            text("PhotometricInterpretation") or "MONOCHROME2",
            "DICOM",
            path.stat().st_size,
            oblong=oblong,
        ),
        image=text("SOPInstanceUID"),
        study=text("StudyInstanceUID"),
        accession=text("AccessionNumber"),
        patient=text("PatientID"),
        age=age_of(text("PatientAge")),
        sex=sex_of(text("PatientSex")),
        view=view_of(text("ViewPosition")),
        laterality=side_of(text("ImageLaterality") or text("Laterality")),
        body_part=_PARTS.get(region) or part_of(region),
        spacing=distances,
        manufacturer=text("Manufacturer"),
    )


def _whole(file: BinaryIO, header: Dataset, size: int) -> bool:
    """Whether all pixel data are there, ``file`` standing before the element Pixel Data.

    Encapsulated data are walked from item to item until the sequence delimiter (PS3.5 section A.4).
    """
    syntax = UID(str(header.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)))
    if syntax.is_deflated:
        return True
    if not syntax.is_compressed:
        pixels = int(header.get("Rows") or 0) * int(header.get("Columns") or 0) * int(header.get("NumberOfFrames") or 1)
        samples, bits = int(header.get("SamplesPerPixel") or 1), int(header.get("BitsAllocated") or 16)
        return size - file.tell() >= pixels * samples * bits // 8
    file.seek(12, 1)  # tag, VR, two reserved bytes and the undefined length of Pixel Data
    while len(head := file.read(8)) == 8:
        group, element, length = struct.unpack("<HHI", head)
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            return True
        if tag != _ITEM or file.tell() + length > size:
            return False
        file.seek(length, 1)
    return False


def dicoms_below(root: Path, folder: str = ".") -> list[str]:
    """Paths below ``root`` of files in ``folder`` named as DICOM, or without suffix and with DICOM's signature."""
    found: list[str] = []
    for path in sorted((root / folder).rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        if path.suffix.lower() in DICOM_SUFFIXES or (not path.suffix and _signed(path)):
            found.append(as_name(path, root))
    return found


def _signed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"
