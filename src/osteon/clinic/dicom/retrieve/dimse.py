"""Finds studies by C-FIND and fetches them by C-GET or C-MOVE (PS3.4 annex C, Study Root)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pydicom.dataset import Dataset

from osteon.clinic.dicom.network import STUDY_ROOT_FIND
from osteon.clinic.dicom.retrieve.archive import Arrived
from osteon.clinic.dicom.retrieve.calling import Callee, associated
from osteon.clinic.dicom.retrieve.causes import PENDING, SUCCESS, refusal, status_of
from osteon.clinic.dicom.retrieve.found import FoundImage, FoundStudy, found_image, found_study
from osteon.clinic.dicom.retrieve.query import Query, require_uid
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.clinic.dicom.retrieve.transfer import Request, Transfer
from osteon.clinic.dicom.settings import Dicom

MOST: Final = 5_000
"""Series or instances of a study; more than that is taken for a fault of the archive."""

_STUDY: Final = (
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "ModalitiesInStudy",
    "NumberOfStudyRelatedInstances",
    "AccessionNumber",
    "PatientID",
    "IssuerOfPatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
)
"""What is asked for of each study."""


class DimseArchive:
    """An archive that is an application entity.

    Args:
        settings: of the node.
        called: the archive.
        transfer: how images come: by C-GET or C-MOVE.
        patience: seconds that an answer to a query may take; None: that of the settings.
    """

    def __init__(self, settings: Dicom, called: Callee, transfer: Transfer, patience: float | None = None) -> None:
        self._settings = settings
        self._called = called
        self._transfer = transfer
        self._patience = patience

    def find(self, query: Query, limit: int) -> Iterator[FoundStudy]:
        """The studies that match."""
        seen: set[str] = set()
        for uid in query.studies or ("",):
            keys = Dataset()
            keys.QueryRetrieveLevel = "STUDY"
            for keyword in _STUDY:
                setattr(keys, keyword, "")
            if uid:
                keys.StudyInstanceUID = uid
            _state(keys, query)
            for answer in self._asked(keys, limit):
                study = found_study(answer)
                if query.modalities and study.uid and not study.modalities:
                    study = replace(study, modalities=self._modalities(study.uid))
                if study.uid and study.uid not in seen and query.matches(study):
                    seen.add(study.uid)
                    yield study

    def _modalities(self, study: str) -> tuple[str, ...]:
        """The modalities of a study, from its series: not every archive states them for the study."""
        return tuple(
            sorted({found_image(answer).modality for answer in self._asked(_keys("SERIES", study), MOST)} - {""})
        )

    def images(self, study: str) -> list[FoundImage]:
        """The instances of a study, asked for series by series: many archives know no other way."""
        series = [found_image(answer).series for answer in self._asked(_keys("SERIES", study), MOST)]
        found: dict[str, FoundImage] = {}
        for uid in dict.fromkeys(one for one in series if one):
            for answer in self._asked(_keys("IMAGE", study, uid), MOST):
                image = found_image(answer, uid)
                if image.uid:
                    found[image.uid] = image
        return list(found.values())

    def fetch(self, study: str, wanted: Sequence[FoundImage], sink: Sink, arrived: Arrived, *, whole: bool) -> None:
        """Fetch images of a study: all at once where all are wanted, else one by one."""
        requests = [Request(study)] if whole else [Request(study, one.series, one.uid) for one in wanted]
        self._transfer.fetch(self._called, requests, sink, arrived)

    def _asked(self, keys: Dataset, limit: int) -> Iterator[Dataset]:
        """Answers to C-FIND, so many at most."""
        number, last = 0, SUCCESS
        with associated(self._settings, self._called, [STUDY_ROOT_FIND], patience=self._patience) as association:
            for status, answer in association.send_c_find(keys, STUDY_ROOT_FIND, msg_id=1):
                last = status_of(status)
                if last in PENDING and answer is not None and number < limit:
                    number += 1
                    yield answer
                    if number == limit:
                        association.send_c_cancel(1, None, STUDY_ROOT_FIND)
        if last != SUCCESS and last not in PENDING and number < limit:
            raise refusal(last, self._settings.aet)


def _state(keys: Dataset, query: Query) -> None:
    """Say which studies are wanted."""
    stated = {
        "PatientID": query.patient,
        "AccessionNumber": query.accession,
        "StudyDate": query.dates,
        "ModalitiesInStudy": "\\".join(query.modalities),
    }
    for keyword, value in stated.items():
        if value:
            setattr(keys, keyword, value)
    if not (query.patient + query.accession).isascii():
        keys.SpecificCharacterSet = "ISO_IR 192"


def _keys(level: str, study: str, series: str = "") -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = level
    keys.StudyInstanceUID = require_uid(study)
    keys.SeriesInstanceUID = series
    if level == "SERIES":
        keys.Modality = ""
    if level == "IMAGE":
        keys.SOPInstanceUID = keys.SOPClassUID = ""
    return keys
