"""A stored study as outputs see it: the reading that was kept, over images that are decoded again when they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from osteon.clinic.marks.annotations import people
from osteon.clinic.reading.radiographs import blank, decoded
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies.queue import UNKNOWN
from osteon.clinic.store.studies.readings import restore
from osteon.clinic.store.tables.studies import Image, Original, Study
from osteon.core.identity import InstanceIdentity, StudyIdentity
from osteon.core.labels import BodyPart, Sex
from osteon.core.records import Radiograph
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.imaging.sniff import Kind
from osteon.inference.results import read_header
from osteon.outputs.result import BundleInfo, People, SourceInstance, StudyDetails, StudyResult

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """The rows of a study that was read.

    Attributes:
        study: its own row.
        content: the reading, as it was kept.
        images: in order.
        originals: its files, in order.
        people: what people have said of the reading so far.
    """

    study: Study
    content: dict[str, Any]
    images: tuple[Image, ...]
    originals: tuple[Original, ...]
    people: People

    @property
    def pixels(self) -> int:
        """Pixels in all its files."""
        return sum(UNKNOWN if one.pixels is None else one.pixels for one in self.originals)


def fetch(session: Session, study: str) -> StoredStudy | None:
    """A study that was read; None where there is none, or it was not read yet."""
    row, content = store.find(session, study), store.content(session, study)
    if row is None or content is None:
        return None
    images, originals = tuple(store.images(session, study)), tuple(store.originals(session, study))
    return StoredStudy(row, content, images, originals, people(session, row))


def stored_result(
    stored: StoredStudy, files: Files, bundle: BundleInfo, limits: Limits = DEFAULT_LIMITS
) -> StudyResult:
    """What outputs are made of.

    Args:
        stored: the rows of the study.
        files: of the store.
        bundle: that read it.
        limits: how much a file may ask for when it is decoded again.
    """
    decoder = _Decoder(stored, files, limits)
    originals = {one.position: one for one in stored.originals}
    instances = [
        SourceInstance(
            image.position,
            image.frame + 1,
            _identity(originals[image.original]),
            partial(decoder.decode, image),
            _header(originals[image.original], files),
        )
        for image in stored.images
    ]
    shown = {image.original for image in stored.images}
    instances += [
        SourceInstance(None, identity=_identity(one)) for one in stored.originals if one.position not in shown
    ]
    return StudyResult(
        reading=restore(stored.content, blank(stored.study.id, stored.images)),
        instances=tuple(instances),
        bundle=bundle,
        details=_details(stored.study),
        people=stored.people,
        identity=partial(_study_identity, stored.originals, files),
    )


class _Decoder:
    """Decodes the images of a study; those of one file that are asked for one after the other are decoded once."""

    def __init__(self, stored: StoredStudy, files: Files, limits: Limits) -> None:
        self._study = stored.study.id
        self._images = stored.images
        self._originals = {one.position: one for one in stored.originals}
        self._files = files
        self._limits = limits
        self._decoded: dict[int, Radiograph] = {}

    def decode(self, image: Image) -> Radiograph:
        if image.position not in self._decoded:
            same = [one for one in self._images if one.original == image.original]
            found = decoded(self._files, self._study, self._originals, same, self._limits)
            self._decoded = {one.position: radiograph for one, radiograph in zip(same, found, strict=True)}
        return self._decoded[image.position]


def _details(row: Study) -> StudyDetails:
    return StudyDetails(
        id=row.id,
        version=row.version,
        replaced=row.newer is not None,
        pseudonym=row.pseudonym or "",
        age=row.age,
        sex=None if row.sex is None else Sex(row.sex),
        body_part=None if row.body_part is None else BodyPart(row.body_part),
        received=row.received,
        read=row.read,
    )


def _identity(original: Original) -> InstanceIdentity | None:
    """None for a picture that is no DICOM object."""
    if original.format != Kind.DICOM.value:
        return None
    return InstanceIdentity(original.sop_class or "", original.instance or "", original.series or "")


def _header(original: Original, files: Files) -> Callable[[], Dataset] | None:
    return partial(read_header, files.path(original.digest)) if original.format == Kind.DICOM.value else None


def _study_identity(originals: Sequence[Original], files: Files) -> StudyIdentity:
    """Read from the first DICOM file: the store keeps names of patients nowhere else."""
    from osteon.imaging.identity import read_identity

    first = next((one for one in originals if one.format == Kind.DICOM.value), None)
    return StudyIdentity() if first is None else read_identity(files.path(first.digest))[0]
