"""Measurements of an image file for all checks, from reading and decoding it once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.errors import InputError
from osteon.core.records import Radiograph
from osteon.data.audit.checks.encoding import Encoding, dicom_encoding, raster_encoding
from osteon.data.audit.checks.marks import marks
from osteon.data.duplicates.hashes import Reduced, reduced
from osteon.data.files.preview import Picture, fragment, missing_share, preview
from osteon.imaging.limits import DEFAULT_LIMITS
from osteon.imaging.load import load
from osteon.imaging.sniff import HEAD, Kind, sniff


@dataclass(frozen=True, slots=True)
class Look:
    """Measurements of a file.

    Attributes:
        digest: SHA-256 of its bytes, in hexadecimal.
        parts: its difference hashes and reduced image; None where nothing can be decoded.
        missing: share of the rows, from the bottom, that a decoder filled with uniform grey.
        marks: number of letters, markers and other small dense objects next to the bones.
        encoding: how the file was written.
        header: attributes of a DICOM header, without pixels; None for other files.
        damage: why the file cannot be decoded; None where it can.
    """

    digest: str
    parts: Reduced | None
    missing: float = 0.0
    marks: int = 0
    encoding: Encoding = Encoding()  # noqa: RUF009 - immutable
    header: Radiograph | None = None
    damage: Fault | None = None


def look(path: Path) -> Look:
    """Measure a file; an undecodable file has no parts, a truncated one has those of its decodable part."""
    try:
        DEFAULT_LIMITS.check_bytes(path.stat().st_size)
        data = path.read_bytes()
    except InputError as error:
        return Look("", None, damage=error.fault)
    except OSError as error:
        return Look("", None, damage=Fault(FaultCode.FILE_UNOPENED, {"cause": type(error).__name__}))
    digest = hashlib.sha256(data).hexdigest()
    try:
        picture, encoding, header = _decode(data)
    except InputError as error:
        rest = fragment(data)
        if rest is None:
            return Look(digest, None, damage=error.fault)
        return Look(digest, reduced(rest), missing=missing_share(rest), damage=error.fault)
    except (MemoryError, cv2.error):  # cv2.error is what OpenCV raises when memory runs out
        return Look(digest, None, damage=Fault(FaultCode.NO_MEMORY))
    return Look(digest, reduced(picture), missing_share(picture), len(marks(picture)), encoding, header)


def _decode(data: bytes) -> tuple[Picture, Encoding, Radiograph | None]:
    if not _is_dicom(data):
        return preview(data), raster_encoding(data), None
    radiograph = load(data)[0]
    picture = np.asarray(np.rint(radiograph.pixels * 255.0), np.uint8)
    header = Radiograph(
        np.zeros((1, 1), np.float32),
        view=radiograph.view,
        laterality=radiograph.laterality,
        age=radiograph.age,
        sex=radiograph.sex,
    )
    return picture, dicom_encoding(data), header


def _is_dicom(data: bytes) -> bool:
    try:
        return sniff(data[:HEAD]) is Kind.DICOM
    except InputError:
        return False
