"""What the objects repeat of the files that were read: patient, study, and references to images.

Everything is decoded, so that the objects can be written in UTF-8 whatever character set the files have. What a file
states against the rules (a date that is none, a line break in a name) is left out or mended; identifiers that are only too
long stay as they are, since a shorter one would be another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from osteon.core.geometry import Box
from osteon.imaging.dicom.header import integer, text
from osteon.imaging.heading import heading_of
from osteon.imaging.patient_identity import combined, contradictory, patient_identity
from osteon.outputs.format import Need
from osteon.outputs.result import SourceInstance, StudyResult
from osteon.outputs.write import OutputError

REQUIRED: Final = (
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyID",
)
"""Elements of patient and study that every object has, empty where the files state nothing (type 2)."""

OPTIONAL: Final = (
    "TimezoneOffsetFromUTC",
    "StudyDescription",
    "IssuerOfPatientID",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "PatientAge",
)

_UID: Final = re.compile(r"[0-9.]{1,64}")
_VALID: Final[dict[str, re.Pattern[str]]] = {
    "DA": re.compile(r"\d{8}"),
    "TM": re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"),
    "AS": re.compile(r"\d{3}[DWMY]"),
    "TimezoneOffsetFromUTC": re.compile(r"[+-]\d{4}"),
    "PatientSex": re.compile(r"[MFO]"),
    "PatientIdentityRemoved": re.compile(r"YES|NO"),
}
"""What an element, or any of its representation, must look like to be repeated."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """A frame of an object that was read.

    Attributes:
        index: of the radiograph within the reading.
        frame: its number, from 1.
        frames: in the object.
        sop_class: SOPClassUID.
        instance: SOPInstanceUID.
        series: SeriesInstanceUID.
        rows: of the stored frame.
        columns: of the stored frame.
        scale: stored pixels for each pixel of the reading, along x and y: a reading is of square pixels.
        header: of the file.
    """

    index: int
    frame: int
    frames: int
    sop_class: str
    instance: str
    series: str
    rows: int
    columns: int
    scale: tuple[float, float]
    header: Dataset

    def reference(self, *, frame: bool = True) -> Dataset:
        """An item that refers to the image (PS3.3 table 10-3).

        Args:
            frame: whether to the frame alone, where there are several.
        """
        item = Dataset()
        put(item, "ReferencedSOPClassUID", self.sop_class)
        put(item, "ReferencedSOPInstanceUID", self.instance)
        if frame and self.frames > 1:
            item.ReferencedFrameNumber = self.frame
        return item

    def outline(self, box: Box) -> list[float]:
        """The five points of a closed line round a box, columns and rows in turn, in pixels of the stored frame."""
        x0, y0, x1, y1 = box
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
        across, down = self.scale
        return [
            value
            for x, y in corners
            for value in (
                min(max(x * across, 0.0), float(self.columns)),
                min(max(y * down, 0.0), float(self.rows)),
            )
        ]


@dataclass(frozen=True, slots=True)
class Sources:
    """All that was read of a study.

    Attributes:
        shared: elements of patient and study, for every object.
        study: StudyInstanceUID.
        images: in the order of the reading.
    """

    shared: Dataset
    study: str
    images: tuple[SourceImage, ...]

    @property
    def files(self) -> list[SourceImage]:
        """The first frame of each object."""
        return list({image.instance: image for image in reversed(self.images)}.values())[::-1]

    def key(self) -> str:
        """What the UIDs of objects about these images follow from."""
        return "\n".join(sorted({image.instance for image in self.images}))


def read_sources(result: StudyResult) -> Sources:
    """Read the headers of the files of a study.

    Raises:
        InputError: a file can no longer be opened.
        OutputError: an image is no DICOM object or lacks its UIDs, or the files are not all of one patient and study.
    """
    images: list[SourceImage] = []
    headers: list[Dataset] = []
    for one in result.instances:
        if one.index is not None:
            images.append(_image(one, one.index, result, images[-1] if images else None))
            if not headers or images[-1].header is not headers[-1]:
                headers.append(images[-1].header)
    if not images:
        raise _refused("none of its images was read")
    images.sort(key=lambda image: image.index)
    _check(headers)
    study = text(images[0].header, "StudyInstanceUID")
    if not _UID.fullmatch(study):
        raise _refused("one without a StudyInstanceUID")
    return Sources(_shared(headers, study), study, tuple(images))


def put(item: Dataset, keyword: str, value: str | list[str]) -> None:
    """Set an element to what a file states; pydicom would warn of values that are against the rules, and quote them."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"there is no element {keyword}")
    item[tag] = DataElement(tag, dictionary_VR(tag), value, validation_mode=IGNORE)


def stated(header: Dataset, keyword: str) -> str:
    """An element of text as it may be repeated; empty where there is none, or it is malformed."""
    value = text(header, keyword).encode("utf-8", "replace").decode("utf-8")
    value = "".join(letter if letter.isprintable() and letter != "\\" else " " for letter in value).strip()
    representation = dictionary_VR(keyword)
    if representation == "DA":
        value = value.replace(".", "").replace("-", "")
    elif representation == "TM":
        value = value.replace(":", "")
    valid = _VALID.get(keyword) or _VALID.get(representation)
    return value if valid is None or valid.fullmatch(value) else ""


def _image(one: SourceInstance, index: int, result: StudyResult, before: SourceImage | None) -> SourceImage:
    """The image; the header of the frame ``before`` it in its file need not be read again."""
    if one.header is None:
        raise _refused("an image that is none")
    known = "" if one.identity is None else one.identity.sop_instance_uid
    # Only a further frame: two files may bear one UID, and each of them is looked at.
    further = before is not None and before.instance == known and one.frame == before.frame + 1
    header = before.header if further and before is not None else one.header()
    uids = [text(header, keyword) for keyword in ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID")]
    if not all(map(_UID.fullmatch, uids)):
        raise _refused("one without a SOPClassUID, SOPInstanceUID or SeriesInstanceUID")
    if known and known != uids[1]:
        raise _refused("a file that was replaced since it was read")
    radiograph = result.reading.radiographs[index]
    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    if rows < 1 or columns < 1:
        rows, columns = radiograph.height, radiograph.width
    scale = columns / radiograph.width, rows / radiograph.height
    frames = max(1, integer(header, "NumberOfFrames", 1))
    return SourceImage(index, one.frame, frames, uids[0], uids[1], uids[2], rows, columns, scale, header)


def _check(headers: list[Dataset]) -> None:
    """Check that all files are of one study and one patient: nothing of one may ever stand in the chart of another."""
    if len({text(header, "StudyInstanceUID") for header in headers}) > 1:
        raise _refused("files of several studies")
    patient: dict[str, str] = {}
    for header in headers:
        other = patient_identity(heading_of(header))
        if contradictory(patient, other):
            raise _refused("files of several patients")
        patient = combined(patient, other)


def _shared(headers: list[Dataset], study: str) -> Dataset:
    """The elements of patient and study, each from the first file that states it."""
    shared = Dataset()
    put(shared, "StudyInstanceUID", study)
    for keyword in (*REQUIRED, *OPTIONAL):
        value = next((found for header in headers if (found := stated(header, keyword))), "")
        if value or keyword in REQUIRED:
            put(shared, keyword, value)
    return shared


def sides(images: Sequence[SourceImage]) -> Iterator[str]:
    """Laterality of each image, in DICOM's letters; empty where its file does not state it."""
    for image in images:
        letter = text(image.header, "ImageLaterality").upper() or text(image.header, "Laterality").upper()
        yield letter if letter in {"L", "R"} else ""


def burned_in(images: Sequence[SourceImage]) -> str:
    """BurnedInAnnotation of a picture of images on which nothing of the patient was drawn.

    It is NO only where all images say so of themselves; where one does not say, nobody knows.
    """
    return "NO" if all(text(image.header, "BurnedInAnnotation").upper() == "NO" for image in images) else "YES"


def _refused(got: str) -> OutputError:
    return OutputError(
        Need.DICOM,
        "a DICOM object cannot be made of this study",
        expected="DICOM objects of one patient and one study, with their UIDs",
        got=got,
        hint="Choose another format, or mend the files.",
    )
