"""All that an output may say of one study: the reading, every source image, the bundle, and who it is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from osteon.core.identity import InstanceIdentity, StudyIdentity
from osteon.core.labels import BodyPart, Code, Sex
from osteon.core.records import Identifiers, Radiograph, Reading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Decode = Callable[[], Radiograph]


@dataclass(frozen=True, slots=True)
class SourceInstance:
    """A source image of the study: a frame or page of one of its files.

    Attributes:
        index: of the radiograph within the reading; None for a file that could not be decoded.
        frame: number of the frame or page within its file, from 1.
        identity: UIDs; None where the destination may not have them.
        decode: decodes its pixels, each time that it is called; None where they were not asked for.
        header: reads the header of its DICOM file without the pixels, decoded, each time that it is called; None where
            the destination may not have it, or it is no DICOM file.
    """

    index: int | None
    frame: int = 1
    identity: InstanceIdentity | None = None
    decode: Decode | None = None
    header: Callable[[], Dataset] | None = None


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """The bundle that read the study.

    Attributes:
        identity: ``name@version``.
        digest: SHA-256 of its contents; empty where the bundle is no longer installed, likewise all that follows.
        intended_use: one sentence.
        not_for: who should not use it, and for what.
        codes: coded concepts of its labels, by name.
    """

    identity: str
    digest: str = ""
    intended_use: str = ""
    not_for: tuple[str, ...] = ()
    codes: Mapping[str, Code] = field(default_factory=dict[str, Code], hash=False)


@dataclass(frozen=True, slots=True)
class StudyDetails:
    """What is known of a study that identifies nobody.

    Attributes:
        id: in the store; empty where there is none.
        version: of the result, from 1.
        replaced: whether a newer version has replaced it.
        pseudonym: stands for the patient.
        age: years.
        sex: of the patient.
        body_part: of the study.
        received: when its files came in.
        read: when its reading was stored.
    """

    id: str = ""
    version: int = 1
    replaced: bool = False
    pseudonym: str = ""
    age: float | None = None
    sex: Sex | None = None
    body_part: BodyPart | None = None
    received: datetime | None = None
    read: datetime | None = None

    @classmethod
    def of(cls, radiographs: Sequence[Radiograph]) -> StudyDetails:
        """What the radiographs themselves state; a sex that they contradict each other in is left out."""
        sexes = {one.sex for one in radiographs if one.sex is not None}
        return cls(
            age=next((one.age for one in radiographs if one.age is not None), None),
            sex=sexes.pop() if len(sexes) == 1 else None,
            body_part=next((one.body_part for one in radiographs if one.body_part is not None), None),
        )


@dataclass(frozen=True, slots=True)
class People:
    """What people said of a reading, a line each; nothing that names the patient.

    Attributes:
        opinions: who agreed or disagreed, when, with the own call and the note, the latest last.
        marks: what was measured, and which boxes were accepted, rejected or added.
        summary: who agrees and who does not, in one sentence that stands beside the call; empty where nobody said.
    """

    opinions: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True)
class StudyResult:
    """The result of one study.

    Attributes:
        reading: what was read. Its radiographs may be black images of the right size: pixels come from ``instances``.
        instances: every source image: those of the reading first, in its order, then files that could not be decoded.
        bundle: that read it.
        details: of the study.
        people: what people said of the reading.
        identity: gives patient and study identifiers; None where the destination may not have them, or none are known.
        whole: whether these are all images of the study.
    """

    reading: Reading
    instances: tuple[SourceInstance, ...]
    bundle: BundleInfo
    details: StudyDetails = field(default_factory=StudyDetails)
    people: People = field(default_factory=People)
    identity: Callable[[], StudyIdentity] | None = None
    whole: bool = True

    @classmethod
    def of(cls, reading: Reading) -> StudyResult:
        """The result of a reading that is in memory with its radiographs, and of which no more is known."""

        def decode(radiograph: Radiograph) -> Decode:
            return lambda: radiograph

        instances = tuple(SourceInstance(index, decode=decode(one)) for index, one in enumerate(reading.radiographs))
        return cls(reading, instances, BundleInfo(reading.bundle), StudyDetails.of(reading.radiographs))

    def with_pixels(self, most: int | None = None) -> Reading:
        """The reading with its radiographs decoded.

        Args:
            most: radiographs to decode, the first ones; those after them stay as they are. None for all.

        Raises:
            InputError: a file cannot be decoded.
            StoreError: a file is no longer what was read.
            ValueError: pixels were not asked for.
        """
        radiographs = list(self.reading.radiographs)
        for one in self.instances:
            if one.index is not None and (most is None or one.index < most):
                if one.decode is None:
                    raise ValueError("pixels were not asked for: declare Need.PIXELS")
                radiographs[one.index] = one.decode()
        return replace(self.reading, radiographs=tuple(radiographs))

    def without_pixels(self) -> StudyResult:
        """The same with black images, which take no memory."""
        radiographs = tuple(replace(one, pixels=_black(one)) for one in self.reading.radiographs)
        return replace(
            self,
            reading=replace(self.reading, radiographs=radiographs),
            instances=tuple(replace(one, decode=None) for one in self.instances),
        )

    def without_identity(self) -> StudyResult:
        """The same without anything that identifies the patient, the study or its images elsewhere."""

        def nameless(decode: Decode) -> Decode:
            return lambda: replace(decode(), identifiers=Identifiers())

        radiographs = tuple(replace(one, identifiers=Identifiers()) for one in self.reading.radiographs)
        instances = tuple(
            replace(one, identity=None, header=None, decode=None if one.decode is None else nameless(one.decode))
            for one in self.instances
        )
        return replace(self, reading=replace(self.reading, radiographs=radiographs), instances=instances, identity=None)

    def of_image(self, index: int) -> StudyResult:
        """What was read of one image; call and probability stay those of the study."""
        reading = self.reading
        chosen = replace(
            reading,
            radiographs=(reading.radiographs[index],),
            image_probabilities=(reading.image_probabilities[index],),
            image_labels=reading.image_labels[index : index + 1],
            image_classifier=reading.image_classifier[index : index + 1],
            findings=tuple(replace(finding, image=0) for finding in reading.findings if finding.image == index),
            heat_maps=tuple(replace(heat, image=0) for heat in reading.heat_maps if heat.image == index),
        )
        instances = tuple(replace(one, index=0) for one in self.instances if one.index == index)
        return replace(self, reading=chosen, instances=instances, whole=self.whole and len(self.instances) == 1)


def _black(radiograph: Radiograph) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.broadcast_to(np.float32(0.0), (radiograph.height, radiograph.width))
