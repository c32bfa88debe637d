"""Which studies are looked for, and whether one that an archive names is among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from osteon.clinic.dicom.retrieve.found import FoundStudy
from osteon.core.errors import OsteonError

DATES: Final = "YYYYMMDD, or a range as YYYYMMDD-YYYYMMDD, YYYYMMDD- or -YYYYMMDD"

_RANGE: Final = re.compile(r"(\d{8})?(-)?(\d{8})?", re.ASCII)
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Query:
    """Which studies are looked for; what is empty matches everything, but something is given.

    Attributes:
        studies: StudyInstanceUIDs.
        patient: PatientID, whole.
        accession: AccessionNumber, whole.
        dates: a date or a range, see ``DATES``.
        modalities: of any of their images.

    Raises:
        OsteonError: nothing is given, or something that no study can have.
    """

    studies: tuple[str, ...] = ()
    patient: str = ""
    accession: str = ""
    dates: str = ""
    modalities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check it."""
        if not (self.studies or self.patient or self.accession or self.dates):
            raise OsteonError("nothing says which studies are wanted", expected="a study, patient, accession or date")
        for study in self.studies:
            require_uid(study)
        for name, value in (("patient", self.patient), ("accession", self.accession)):
            # An archive takes these letters for wildcards, and would name the studies of others.
            if len(value) > _LONGEST or set(value) & set("*?\\") or not value.isprintable():
                raise OsteonError(
                    f"this {name} cannot be searched for", expected=f"at most {_LONGEST} letters, no *, ? or backslash"
                )
        for modality in self.modalities:
            if not re.fullmatch(r"[A-Z0-9 _]{1,16}", modality):
                raise OsteonError("this is no modality", expected="as in DICOM: CR, DX, ...")
        if self.dates:
            _require_dates(self.dates)

    def matches(self, study: FoundStudy) -> bool:
        """Whether a study that an archive names is wanted: some archives leave keys aside that they do not know.

        What an archive does not tell of a study cannot be held against it, except its patient and accession number.
        """
        about = study.about
        return (
            (not self.studies or study.uid in self.studies)
            and (not self.patient or about.patient == self.patient)
            and (not self.accession or about.accession == self.accession)
            and (not self.dates or not study.date or _within(study.date, self.dates))
            and (not self.modalities or not study.modalities or bool({*self.modalities} & {*study.modalities}))
        )


def require_uid(uid: str) -> str:
    """A UID, which may be part of a path.

    Raises:
        OsteonError: it is none.
    """
    if not uid or len(uid) > _LONGEST or set(uid) - set("0123456789."):
        raise OsteonError("this is no UID", expected="digits and points, at most 64")
    return uid


def span(dates: str) -> tuple[str, str]:
    """First and last day of a date or range; empty where it is open."""
    begin, dash, end = _parts(dates)
    return begin, (end if dash else begin)


def _within(date: str, dates: str) -> bool:
    begin, end = span(dates)
    return begin <= date <= (end or "99999999")


def _parts(dates: str) -> tuple[str, str, str]:
    found = _RANGE.fullmatch(dates)
    begin, dash, end = ("", "", "") if found is None else found.groups(default="")
    return begin, dash, end


def _require_dates(dates: str) -> None:
    begin, dash, end = _parts(dates)
    given = [day for day in (begin, end) if day]
    try:
        good = bool(given) and (bool(dash) or not end) and all(datetime.strptime(day, "%Y%m%d") for day in given)  # noqa: DTZ007
    except ValueError:
        good = False
    if not good:
        raise OsteonError("this is no date", expected=DATES)
    if begin and end and begin > end:
        raise OsteonError("the range of dates ends before it begins", expected=DATES)
