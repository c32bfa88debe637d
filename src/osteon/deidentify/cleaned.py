"""What comes out of de-identification."""

from __future__ import annotations

from dataclasses import dataclass, field

from osteon.core.geometry import Box
from osteon.core.labels import Sex, View
from osteon.imaging.sniff import Kind


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file was before: it identifies the patient, and its representation shows nothing of it.

    Attributes:
        patient: PatientID.
        study: StudyInstanceUID; of pictures the folder.
        series: SeriesInstanceUID.
        instance: SOPInstanceUID; of pictures the path.
        days: by how many days dates have moved, 0 where they were removed.
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
        study: new StudyInstanceUID, or the pseudonym of the folder of a picture.
        series: new SeriesInstanceUID; empty for a picture.
        instance: new SOPInstanceUID, or the pseudonym of a picture.
        patient: pseudonym of the patient; empty for a picture.
        text: boxes of the text found in each frame, in pixels of the frame.
        blanked: whether these boxes were blanked.
        flags: why a person should look at it; they say nothing of the patient.
        view: projection, of a radiograph.
        age: whole years, where age may be told.
        sex: where it may be told.
        origin: what it was.
    """

    data: bytes = field(repr=False)
    kind: Kind
    study: str
    series: str
    instance: str
    patient: str
    text: tuple[tuple[Box, ...], ...]
    blanked: bool
    flags: tuple[str, ...]
    view: View | None
    age: int | None
    sex: Sex | None
    origin: Origin

    @property
    def path(self) -> str:
        """Where it belongs below the output folder: ``study/series/instance.dcm``, ``folder/picture.jpg``."""
        suffix = {Kind.DICOM: ".dcm", Kind.JPEG: ".jpg", Kind.PNG: ".png", Kind.TIFF: ".tif"}[self.kind]
        return "/".join(part for part in (self.study, self.series, self.instance) if part) + suffix
