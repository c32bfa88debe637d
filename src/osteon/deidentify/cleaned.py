"""Result of de-identifying a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from osteon.core.geometry import Box
from osteon.core.labels import Sex, View
from osteon.deidentify.flag import Flag
from osteon.imaging.sniff import Kind


@dataclass(frozen=True, slots=True)
class Origin:
    """Identifiers of the original file; they are not shown in its representation.

    Attributes:
        patient: PatientID.
        study: StudyInstanceUID; for raster images the folder.
        series: SeriesInstanceUID.
        instance: SOPInstanceUID; for raster images the path.
        days: shift of the dates, 0 where they were removed.
    """

    patient: str = field(default="", repr=False)
    study: str = field(default="", repr=False)
    series: str = field(default="", repr=False)
    instance: str = field(default="", repr=False)
    days: int = field(default=0, repr=False)


@dataclass(frozen=True)
class Cleaned:
    """A de-identified file.

    Attributes:
        data: the bytes to write.
        kind: their format.
        study: new StudyInstanceUID, or the pseudonym of the folder of a raster image.
        series: new SeriesInstanceUID; empty for a raster image.
        instance: new SOPInstanceUID, or the pseudonym of a raster image.
        patient: pseudonym of the patient; empty for a raster image.
        text: boxes of the text found in each frame, in pixels of the frame.
        blanked: whether these boxes were blanked.
        flags: reasons for review by a person; they contain nothing about the patient.
        view: projection, of a radiograph.
        age: whole years, where it may be kept.
        sex: where it may be kept.
        origin: identifiers of the original.
    """

    data: bytes = field(repr=False)
    kind: Kind
    study: str
    series: str
    instance: str
    patient: str
    text: tuple[tuple[Box, ...], ...]
    blanked: bool
    flags: tuple[Flag, ...]
    view: View | None
    age: int | None
    sex: Sex | None
    origin: Origin

    @property
    def path(self) -> str:
        """Its path below the output folder: ``study/series/instance.dcm``, ``folder/image.jpg``."""
        suffix = {Kind.DICOM: ".dcm", Kind.JPEG: ".jpg", Kind.PNG: ".png", Kind.TIFF: ".tif"}[self.kind]
        return "/".join(part for part in (self.study, self.series, self.instance) if part) + suffix
