"""What the header of a file states, before any pixel is decoded: patient, study, size.

Headers alone are read, so this is quick and takes little memory whatever the file asks for.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from osteon.imaging.damaged import DAMAGED
from osteon.imaging.limits import DEFAULT_LIMITS
from osteon.imaging.quiet import quiet
from osteon.imaging.sniff import Kind

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

UID_LENGTH: Final = 64
"""Characters of a UID (PS3.5 section 9.1)."""

_LONGEST_WORDS: Final = 1024
"""Letters of anything that a header states: more than the standard lets any of these have."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a header says; empty where it does not say, or where the file is no DICOM. Never written to a log.

    Attributes:
        study: StudyInstanceUID.
        series: SeriesInstanceUID.
        instance: SOPInstanceUID.
        sop_class: SOPClassUID.
        accession: AccessionNumber.
        patient: PatientID.
        issuer: IssuerOfPatientID.
        name: the alphabetic part of PatientName.
        born: PatientBirthDate, its digits alone.
        sex: PatientSex.
        names: PatientName with all its representations.
        referrer: ReferringPhysicianName, likewise.
        date: StudyDate, its digits alone; empty where these are not eight.
        time: StudyTime, HHMMSS; what is not stated of it is 0.
        number: StudyID.
        modality: in capitals.
        pixels: of all frames or pages together; None if unknown.
    """

    study: str = ""
    series: str = ""
    instance: str = ""
    sop_class: str = ""
    accession: str = ""
    patient: str = ""
    issuer: str = ""
    name: str = ""
    born: str = ""
    sex: str = ""
    names: str = ""
    referrer: str = ""
    date: str = ""
    time: str = ""
    number: str = ""
    modality: str = ""
    pixels: int | None = None


def read_heading(stream: BinaryIO, kind: Kind) -> Heading:
    """Read the header of a file that is open at its beginning; of a damaged one, what can be read.

    Args:
        stream: open for reading bytes; it is left anywhere.
        kind: what the file is.
    """
    if kind is not Kind.DICOM:
        return Heading(pixels=_picture(stream, kind))
    # It takes long to import, which a program that meets no DICOM need not wait for.
    from osteon.imaging.dicom.guarded import from_header

    return from_header(stream, heading_of) or Heading()


def read_file_heading(file: Path, kind: Kind) -> Heading:
    """The same of a file by its path; nothing where it cannot be opened, which reading it will tell."""
    try:
        with file.open("rb") as stream:
            return read_heading(stream, kind)
    except OSError:
        return Heading()


def heading_of(header: Dataset) -> Heading:
    """What a DICOM header states; call it within ``quiet`` unless all its elements are decoded."""
    from osteon.imaging.dicom.header import integer, text

    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    frames = max(1, integer(header, "NumberOfFrames", 1))

    def stated(keyword: str) -> str:
        plain = text(header, keyword).replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        return plain[:_LONGEST_WORDS].strip()

    return Heading(
        study=_uid(stated("StudyInstanceUID")),
        series=_uid(stated("SeriesInstanceUID")),
        instance=_uid(stated("SOPInstanceUID")),
        sop_class=_uid(stated("SOPClassUID")),
        accession=stated("AccessionNumber"),
        patient=stated("PatientID"),
        issuer=stated("IssuerOfPatientID"),
        name=stated("PatientName").partition("=")[0],
        born="".join(letter for letter in stated("PatientBirthDate") if letter.isdigit()),
        sex=stated("PatientSex").upper(),
        names=stated("PatientName"),
        referrer=stated("ReferringPhysicianName"),
        date=_date(stated("StudyDate")),
        time=_time(stated("StudyTime")),
        number=stated("StudyID"),
        modality=stated("Modality").upper(),
        pixels=rows * columns * frames if rows > 0 and columns > 0 else None,
    )


def _digits(stated: str) -> str:
    return "".join(letter for letter in stated if letter in "0123456789")


def _date(stated: str) -> str:
    digits = _digits(stated)
    return digits if len(digits) == 8 else ""


def _time(stated: str) -> str:
    digits = _digits(stated.partition(".")[0])[:6]
    return digits.ljust(6, "0") if digits else ""


def _uid(stated: str) -> str:
    """A UID; of one that is longer than they may be a hash, so that two that begin alike stay two."""
    return stated if len(stated) <= UID_LENGTH else hashlib.sha256(stated.encode("utf-8")).hexdigest()


def _picture(stream: BinaryIO, kind: Kind) -> int | None:
    """Pixels of a JPEG, PNG or TIFF, all its pages together; Pillow's own classes read no further than the header."""
    from PIL import JpegImagePlugin, TiffImagePlugin

    try:
        if kind is Kind.PNG:
            columns, rows = struct.unpack_from(">II", stream.read(24), 16)
            return rows * columns
        with quiet():
            if kind is Kind.JPEG:
                columns, rows = JpegImagePlugin.JpegImageFile(stream).size
                return rows * columns
            image, pixels = TiffImagePlugin.TiffImageFile(stream), 0
            for page in range(DEFAULT_LIMITS.max_frames + 1):
                try:
                    image.seek(page)
                except EOFError:
                    break
                pixels += image.size[0] * image.size[1]
            return pixels
    except DAMAGED:
        return None
