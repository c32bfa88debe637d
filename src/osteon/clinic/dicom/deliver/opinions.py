"""Makes the reports of readers, once, and keeps their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from osteon.clinic.dicom.deliver.references import reference_in
from osteon.clinic.dicom.deliver.variants import wanted
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.reading.engines import Engines
from osteon.clinic.reading.stored_result import fetch, stored_result
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.exclusive import exclusive
from osteon.clinic.store.pacs import outbox, reader_reports
from osteon.clinic.store.pacs.outbox import Made
from osteon.clinic.store.tables.reports import ReaderReport
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.imaging.limits import Limits
from osteon.inference.results import bundle_info
from osteon.outputs.dicom import (
    Correction,
    ObjectReference,
    Opinion,
    Options,
    make_reader_report,
    reference_to,
    to_bytes,
)
from osteon.outputs.result import BundleInfo, StudyResult

_SEPARATORS: Final = str.maketrans({"\\": " ", "^": " ", "=": " "})
"""Of names in DICOM; an account may have them."""


class ReportMaker:
    """Makes reports of readers.

    Args:
        database: of the store.
        files: of the store, which keep the bytes.
        engines: know the bundles.
        limits: how much a file may ask for.
        settings: of the node.
    """

    def __init__(self, database: Database, files: Files, engines: Engines, limits: Limits, settings: Dicom) -> None:
        self._database = database
        self._files = files
        self._engines = engines
        self._limits = limits
        self._settings = settings
        # All who get reports of readers choose alike; see ``check_outputs``.
        self._told = next((one for one in settings.destinations.values() if one.readers != "none"), None)
        self._comprehensive = self._told is not None and self._told.sr_class == "comprehensive"

    def make(self, number: int) -> Made:
        """Make a report, and before it those that it takes the place of; one that was made is as it was.

        Args:
            number: of the report.

        Raises:
            OsteonError: it cannot be made.
        """
        with self._database.session() as session:
            reports = [report.id for report in reader_reports.chain(session, number)]
        made: Made | None = None
        for each in reports:
            made = self._one(each)
        if made is None:
            raise InputError(FaultCode.STUDY_REMOVED)
        return made

    def _one(self, number: int) -> Made:
        with self._database.session() as session:
            report = session.get(ReaderReport, number)
            if report is None:
                raise InputError(FaultCode.STUDY_REMOVED)
            if report.digest is not None:
                return Made(report.digest, report.sop_class or "", report.instance or "")
            stored = fetch(session, report.study_id)
            before = None if report.before is None else session.get(ReaderReport, report.before)
            replaces = () if before is None else (_reference(before),)
            about = next(
                (
                    made
                    for form in reader_reports.REPORTS
                    for made in outbox.made_before(
                        session, report.study_id, form, wanted(form, self._told, self._files)
                    )
                ),
                None,
            )
        if stored is None:
            raise InputError(FaultCode.STUDY_REMOVED)
        bundle = self._engines.bundle(stored.content["bundle"])
        info = BundleInfo(stored.content["bundle"]) if bundle is None else bundle_info(bundle)
        result = stored_result(stored, self._files, info, self._limits)
        options = Options(comprehensive=self._comprehensive, replaces=replaces)
        ours = None if about is None else reference_in(self._files.path(about.digest))
        dataset = make_reader_report(self._opinion(report, result), result, ours, options)
        reference = reference_to(dataset)
        # Nobody may remove the file before the row says that it has it.
        with exclusive(self._database, self._files) as session:
            digest = self._files.put(to_bytes(dataset))
            row = session.get(ReaderReport, number)
            if row is not None:
                row.digest, row.series = digest, reference.series_uid
                row.sop_class, row.instance = reference.sop_class_uid, reference.sop_instance_uid
        return Made(digest, reference.sop_class_uid, reference.sop_instance_uid)

    def _opinion(self, report: ReaderReport, result: StudyResult) -> Opinion:
        said: dict[str, Any] = report.content
        known = self._settings.readers.get(report.author)
        organization = (known.organization if known is not None else "") or self._settings.organization
        call = said["call"]
        return Opinion(
            reader=known.name if known is not None else report.author.translate(_SEPARATORS).strip()[:64] or "unknown",
            given=report.given,
            agrees=said["agrees"],
            call=None if call is None else Call(call),
            note=said["note"],
            corrections=_corrections(said["places"], result),
            organization=organization,
            signed=report.signed,
            withdrawn=said["withdrawn"],
        )


def _corrections(places: Sequence[dict[str, Any]], result: StudyResult) -> tuple[Correction, ...]:
    return tuple(
        Correction(Box(*place["box"]), place["image"], place["present"], place["label"], place["finding"])
        for place in places
        if place["image"] < len(result.reading.radiographs)
    )


def _reference(report: ReaderReport) -> ObjectReference:
    return ObjectReference(report.sop_class or "", report.instance or "", report.series or "")
