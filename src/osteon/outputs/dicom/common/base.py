"""What all objects have in common: patient, study, series, equipment, and who contributed."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from osteon.outputs.dicom.common import codes
from osteon.outputs.dicom.common.content import coded
from osteon.outputs.dicom.common.source import SourceImage, Sources, put
from osteon.outputs.dicom.common.uids import make_uid
from osteon.outputs.dicom.kinds import Kind
from osteon.outputs.dicom.options import ObjectReference, Options
from osteon.outputs.result import StudyResult

MANUFACTURER: Final = "The Osteon developers"
MODEL: Final = "Osteon"


@dataclass(frozen=True, slots=True)
class Job:
    """What an object is made of.

    Attributes:
        result: of the study.
        sources: what was read.
        options: choices.
        made: with its time zone.
    """

    result: StudyResult
    sources: Sources
    options: Options
    made: datetime

    @property
    def device(self) -> str:
        """UID of the bundle as a device: another version is another device."""
        return make_uid("device", self.result.bundle.identity)

    def uid(self, level: str, *parts: str) -> str:
        """A UID that follows from the source objects, the bundle, and the version of the result from 2 on.

        Args:
            level: ``instance``, ``series`` or ``finding``.
            parts: the kind of object, or what else there may be several of.
        """
        number = self.options.version or self.result.details.version
        return make_uid(
            level, self.sources.key(), self.result.bundle.identity, *parts, *([str(number)] if number > 1 else [])
        )


def moment(result: StudyResult, options: Options, sources: Sources) -> datetime:
    """When the objects of a result are made, in the time zone of its study where that is stated, else the local one."""
    made = options.made or result.details.read or datetime.now().astimezone()
    if made.tzinfo is None:
        raise ValueError("expected a time with its time zone, got one without")
    zone = str(sources.shared.get("TimezoneOffsetFromUTC", ""))
    if not zone:
        return made.astimezone()
    minutes = (1 if zone[0] == "+" else -1) * (60 * int(zone[1:3]) + int(zone[3:]))
    return made.astimezone(timezone(timedelta(minutes=minutes)) if abs(minutes) < 24 * 60 else None)


def new_object(job: Job, kind: Kind, sop_class: str, *parts: str) -> Dataset:
    """An object with the modules that all kinds share.

    Args:
        job: what it is made of.
        kind: of object.
        sop_class: its SOPClassUID.
        parts: what tells it from others of its kind and study.
    """
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    for element in job.sources.shared:
        made[element.tag] = element
    date, time = f"{job.made:%Y%m%d}", f"{job.made:%H%M%S.%f}"
    made.SOPClassUID, made.SOPInstanceUID = sop_class, job.uid("instance", kind.name, *parts)
    made.InstanceCreationDate, made.InstanceCreationTime, made.InstanceCreatorUID = date, time, job.device
    made.Modality, made.SeriesInstanceUID = kind.modality, job.uid("series", kind.name)
    made.SeriesNumber, made.SeriesDescription = kind.series_number, kind.description
    made.SeriesDate, made.SeriesTime = date, time
    made.InstanceNumber = 1
    made.Manufacturer, made.ManufacturerModelName = MANUFACTURER, MODEL
    made.DeviceSerialNumber = job.result.bundle.digest[:16] or "unknown"
    made.SoftwareVersions = [version("osteon"), job.result.bundle.identity[:64]]
    made.ContributingEquipmentSequence = [_contribution(job)]
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    made.file_meta.MediaStorageSOPInstanceUID = UID(made.SOPInstanceUID)
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.ImplementationClassUID = UID(make_uid("implementation"))
    made.file_meta.ImplementationVersionName = "OSTEON"
    return made


def _contribution(job: Job) -> Dataset:
    """The bundle as equipment that contributed (PS3.3 section C.12.1.1.10)."""
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [coded(codes.PROCESSING)]
    item.Manufacturer, item.ManufacturerModelName = MANUFACTURER, MODEL
    item.SoftwareVersions = [version("osteon"), job.result.bundle.identity[:64]]
    item.DeviceUID = job.device
    # Without an offset: it is the time zone of the whole object, and dcmpschk of dcmtk 3.6.7 takes no plus sign.
    item.ContributionDateTime = f"{job.made:%Y%m%d%H%M%S.%f}"
    item.ContributionDescription = "Reading of radiographs by a neural network, for research and not for diagnosis"
    return item


def evidence(job: Job, images: Iterable[SourceImage]) -> Dataset:
    """The objects that a report refers to, by study and series (PS3.3 table C.17-3)."""
    item = Dataset()
    put(item, "StudyInstanceUID", job.sources.study)
    item.ReferencedSeriesSequence = by_series(images, "ReferencedSOPSequence", frames=False)
    return item


def predecessors(job: Job, references: Iterable[ObjectReference]) -> Dataset:
    """Earlier reports of the same study, as ``evidence`` has images."""
    item = Dataset()
    put(item, "StudyInstanceUID", job.sources.study)
    series: dict[str, Dataset] = {}
    for one in references:
        found = series.setdefault(one.series_uid, Dataset())
        put(found, "SeriesInstanceUID", one.series_uid)
        reference = Dataset()
        put(reference, "ReferencedSOPClassUID", one.sop_class_uid)
        put(reference, "ReferencedSOPInstanceUID", one.sop_instance_uid)
        found.ReferencedSOPSequence = [*found.get("ReferencedSOPSequence", []), reference]
    item.ReferencedSeriesSequence = list(series.values())
    return item


def by_series(images: Iterable[SourceImage], keyword: str, *, frames: bool) -> list[Dataset]:
    """References to images, grouped by series.

    Args:
        images: to refer to.
        keyword: the sequence of references in an item of a series.
        frames: whether to refer to frames, rather than to each object once.
    """
    series: dict[str, dict[str, list[SourceImage]]] = {}
    for one in images:
        series.setdefault(one.series, {}).setdefault(one.instance, []).append(one)
    items: list[Dataset] = []
    for uid, instances in series.items():
        item = Dataset()
        put(item, "SeriesInstanceUID", uid)
        references: list[Dataset] = []
        for several in instances.values():
            reference = several[0].reference(frame=False)
            if frames and several[0].frames > 1:
                reference.ReferencedFrameNumber = [one.frame for one in several]
            references.append(reference)
        setattr(item, keyword, references)
        items.append(item)
    return items


def to_bytes(made: Dataset) -> bytes:
    """The bytes of an object's file (PS3.10), the same for the same object."""
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
