"""The three records that all packages share: a radiograph, a finding in it, and the reading of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal
from osteon.core.geometry import Box
from osteon.core.instance import InstanceRef
from osteon.core.labels import BodyPart, Call, Laterality, Sex, View
from osteon.core.wording.refusals import reason

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What names a radiograph among others; empty where the file does not say. Never written to a log.

    Attributes:
        study: StudyInstanceUID, or the name of the folder or file.
        series: SeriesInstanceUID.
        instance: SOPInstanceUID and frame.
        file_name: of an image that is no DICOM.
        sop_class: SOPClassUID of a DICOM object.
        accession: AccessionNumber.
        patient: PatientID.
    """

    study: str = ""
    series: str = ""
    instance: InstanceRef = field(default_factory=InstanceRef)
    file_name: str = ""
    sop_class: str = ""
    accession: str = ""
    patient: str = ""


@dataclass(frozen=True, slots=True)
class Radiograph:
    """One view, ready to look at: bone is bright, air is black.

    Attributes:
        pixels: float32, shape (H, W), values in [0, 1], black background.
        source: where it came from (a path, or ``<bytes>``), for messages to the user who named it.
        format: what the bytes were: ``DICOM``, ``JPEG``, ``PNG`` or ``TIFF``.
        spacing: distance between rows and between columns in mm (in the plane of the patient where the file says so), or
            None where it is unknown.
        view: projection, or None.
        laterality: side, or None.
        body_part: region, or None where the file does not say.
        age: years, or None.
        sex: or None.
        bits: significant bits of the stored samples.
        notes: what was unusual in the file and how it was read.
        identifiers: what names it.
        colourfulness: how much colour there was before it was reduced to grey, as ``osteon.imaging.grey`` measures it.
    """

    pixels: Pixels
    source: str = "<array>"
    format: str = "array"
    spacing: tuple[float, float] | None = None
    view: View | None = None
    laterality: Laterality | None = None
    body_part: BodyPart | None = None
    age: float | None = None
    sex: Sex | None = None
    bits: int = 8
    notes: tuple[Note, ...] = ()
    identifiers: Identifiers = field(default_factory=Identifiers)
    colourfulness: float = 0.0

    def __post_init__(self) -> None:
        """Check shape, type and spacing.

        Raises:
            ValueError: pixels are not (H, W) float32, or a spacing is not positive.
        """
        if self.pixels.ndim != 2 or self.pixels.dtype != np.float32 or 0 in self.pixels.shape:
            raise ValueError(f"expected float32 pixels of shape (H, W), got {self.pixels.dtype} {self.pixels.shape}")
        if self.spacing is not None and min(self.spacing) <= 0:
            raise ValueError(f"expected a positive spacing in mm, got {self.spacing}")

    @property
    def height(self) -> int:
        """Rows."""
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        """Columns."""
        return self.pixels.shape[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something seen at a place.

    Attributes:
        label: a label of the bundle.
        box: ``(x0, y0, x1, y1)`` in source pixels.
        score: calibrated confidence in [0, 1].
        image: index of the radiograph within the study.
        definite: whether the confidence reaches the bundle's *definite* threshold of boxes.
    """

    label: str
    box: Box
    score: float
    image: int = 0
    definite: bool = False

    def __post_init__(self) -> None:
        """Check the score and the order of the corners.

        Raises:
            ValueError: the score is outside [0, 1] or a side is not positive.
        """
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"expected a score in [0, 1], got {self.score}")
        if self.box.x1 <= self.box.x0 or self.box.y1 <= self.box.y0:
            raise ValueError(f"expected x0 < x1 and y0 < y1, got {tuple(self.box)}")


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where one label is seen in one radiograph, in source coordinates.

    Attributes:
        values: float32, shape (h, w), in [0, 1], coarse; it covers ``extent`` of the source.
        extent: the rectangle of the source image that ``values`` covers, in source pixels (it may reach beyond the image).
        label: the label explained.
        image: index of the radiograph within the study.
    """

    values: Pixels
    extent: Box
    label: str
    image: int = 0


@dataclass(frozen=True)
class Reading:
    """What a bundle says of one study.

    Attributes:
        source: the file, folder or study that was read.
        study: identifier of the study, or empty.
        bundle: ``name@version`` of the bundle that read it.
        call: the call at the bundle's two operating points, or abstain.
        refusals: why it abstained; empty otherwise.
        probability: calibrated probability of the positive label, None where it abstained.
        probabilities: calibrated probability of each label.
        image_probabilities: probability of the positive label in each radiograph, NaN where that image was not read.
        image_refusals: why each radiograph was not read, empty where it was; empty too of a reading that an earlier version
            stored without saying which image its refusals are about.
        image_labels: probability of each label in each radiograph, in the order of the bundle's labels, NaN likewise.
        image_classifier: probability of the positive label by the classifier alone in each radiograph, NaN likewise; empty
            unless the bundle has both networks.
        doubt: lowest probability called ``doubt``.
        definite: lowest probability called ``fracture``.
        findings: boxes, by radiograph and falling confidence.
        finding_labels: what a box of this bundle may be; empty where it has no detector.
        heat_maps: one for each radiograph that was read.
        radiographs: the radiographs, in the order of ``image`` indices.
        milliseconds: time spent on each step, and ``total``.
        notes: what the user should know of how the files were read; that an image was not read stands in
            ``image_refusals`` alone.
        overlay: path of the picture that was written, if any.
    """

    source: str
    study: str
    bundle: str
    call: Call
    refusals: tuple[Refusal, ...] = ()
    probability: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict[str, float])
    image_probabilities: tuple[float, ...] = ()
    image_refusals: tuple[tuple[Refusal, ...], ...] = ()
    image_labels: tuple[tuple[float, ...], ...] = ()
    image_classifier: tuple[float, ...] = ()
    doubt: float = 0.5
    definite: float = 0.5
    findings: tuple[Finding, ...] = ()
    finding_labels: tuple[str, ...] = ()
    heat_maps: tuple[HeatMap, ...] = ()
    radiographs: tuple[Radiograph, ...] = ()
    milliseconds: Mapping[str, float] = field(default_factory=dict[str, float])
    notes: tuple[Note, ...] = ()
    overlay: str | None = None

    def __post_init__(self) -> None:
        """Check that an abstention has a refusal and a call has a probability.

        Raises:
            ValueError: they contradict each other.
        """
        if (self.call is Call.ABSTAIN) != bool(self.refusals):
            codes = [refusal.code.value for refusal in self.refusals]
            raise ValueError(f"expected a refusal with an abstention and none with a call, got {self.call} and {codes}")
        if self.call is not Call.ABSTAIN and not (self.probability is not None and 0.0 <= self.probability <= 1.0):
            raise ValueError(f"expected a probability in [0, 1] with a call, got {self.probability}")

    @property
    def reason(self) -> str:
        """Why it abstained, in words; empty otherwise."""
        return reason(self.refusals)
