"""Answers to C-FIND: what the database knows of a study, series or instance, and what the header of its first file says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydicom.dataset import Dataset

from osteon.clinic.dicom.provide.asked import Level
from osteon.clinic.store.files import Files
from osteon.clinic.store.pacs.holdings import Holding, Instance
from osteon.core.errors import InputError
from osteon.imaging.dicom.dataset import open_dataset
from osteon.imaging.dicom.header import UNREADABLE
from osteon.imaging.quiet import quiet

_NEVER: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UN"})
"""Representations whose values no answer has."""


def told(
    holding: Holding, level: Level, identifier: Dataset, kinds: Sequence[str], files: Files, aet: str
) -> Iterator[Dataset]:
    """The answers that a study brings.

    Args:
        holding: the study, with those of its instances that match.
        level: of the answers.
        identifier: of the request: what it names is answered.
        kinds: the study's modalities.
        files: of the store.
        aet: of this node, which the images are had from.
    """
    for instances in _groups(holding.instances, level):
        own: dict[str, Any] = {
            "StudyInstanceUID": holding.uid,
            "RetrieveAETitle": aet,
            "InstanceAvailability": "ONLINE",
        }
        if level is Level.STUDY:
            own["ModalitiesInStudy"] = list(kinds)
            own["NumberOfStudyRelatedSeries"] = len({one.series for one in instances})
            own["NumberOfStudyRelatedInstances"] = len(instances)
        else:
            own["SeriesInstanceUID"] = instances[0].series
            own["NumberOfSeriesRelatedInstances"] = len(instances)
        if level is Level.IMAGE:
            own |= {"SOPInstanceUID": instances[0].uid, "SOPClassUID": instances[0].sop_class}
        with quiet():  # warnings quote what they are about
            answer = _answer(identifier, _header(instances[0], files), own, level)
        yield answer


def _groups(instances: Sequence[Instance], level: Level) -> Iterator[Sequence[Instance]]:
    if level is Level.STUDY:
        yield instances
    elif level is Level.IMAGE:
        yield from ([one] for one in instances)
    else:
        for series in dict.fromkeys(one.series for one in instances):
            yield [one for one in instances if one.series == series]


def _header(instance: Instance, files: Files) -> Dataset:
    """The header of a file; an empty one where it cannot be read."""
    try:
        return open_dataset(files.path(instance.digest), pixels=False)
    except (InputError, OSError):
        return Dataset()


def _answer(identifier: Dataset, header: Dataset, own: dict[str, Any], level: Level) -> Dataset:
    found = Dataset()
    found.QueryRetrieveLevel = str(level)
    if "SpecificCharacterSet" in header:
        found.SpecificCharacterSet = header.SpecificCharacterSet
    found.RetrieveAETitle, found.StudyInstanceUID = own["RetrieveAETitle"], own["StudyInstanceUID"]
    for tag in identifier.keys():  # noqa: SIM118 - iterating decodes what may be damaged
        try:
            keyword = identifier[tag].keyword
            if not keyword or keyword in {"QueryRetrieveLevel", "SpecificCharacterSet"} or identifier[tag].VR in _NEVER:
                continue
            element = header.get(keyword)
            setattr(found, keyword, own.get(keyword, "" if element is None else element))
        except UNREADABLE:  # a value that its representation does not allow
            continue
    return found
