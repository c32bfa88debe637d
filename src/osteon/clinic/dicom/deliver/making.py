"""Makes the objects of a study for the outbox, once, and keeps their bytes."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from osteon.clinic.dicom.deliver.notice import study_notice
from osteon.clinic.dicom.deliver.opinions import ReportMaker
from osteon.clinic.dicom.deliver.references import reference_in
from osteon.clinic.dicom.deliver.variants import wanted
from osteon.clinic.dicom.settings import Destination, Dicom
from osteon.clinic.reading.budget import Budget
from osteon.clinic.reading.engines import Engines
from osteon.clinic.reading.stored_result import fetch, stored_result
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.exclusive import exclusive
from osteon.clinic.store.pacs import outbox
from osteon.clinic.store.pacs.outbox import Fits, Made, Parcel
from osteon.clinic.store.pacs.replaced import is_replaced
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import NOTICE, READER_REPORT
from osteon.clinic.store.tables.studies import Study
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError, StoreError
from osteon.imaging.limits import Limits
from osteon.inference.results import bundle_info
from osteon.outputs import FORMATS
from osteon.outputs.dicom import KINDS, Compression, ObjectReference, Options, kinds, make, to_bytes
from osteon.outputs.format import Format, Need
from osteon.outputs.result import BundleInfo
from osteon.outputs.write import narrowed, write_output

MEDIA_TYPE = "application/dicom"


def dicom_format(name: str) -> Format:
    """The output format of a name, which makes DICOM objects.

    Raises:
        OsteonError: there is none, or it makes something else.
    """
    found = next((form for form in FORMATS if form.name == name), None)
    if found is None or found.media_type != MEDIA_TYPE:
        expected = ", ".join(form.name for form in FORMATS if form.media_type == MEDIA_TYPE) or "none in this version"
        raise OsteonError("an output of a destination in [dicom] makes no DICOM object", expected=expected, got=name)
    return found


def check_outputs(destinations: Mapping[str, Destination]) -> None:
    """Refuse destinations whose outputs do not exist, or that want reports of readers in two forms.

    Raises:
        OsteonError: there is one.
    """
    for name, destination in destinations.items():
        _check(name, destination)
    told = {one.sr_class for one in destinations.values() if one.readers != "none"}
    if len(told) > 1:
        raise OsteonError(
            "destinations in [dicom] want reports of readers in different forms",
            expected="one sr_class for all that get them: a report has one SOPInstanceUID, and one content under it",
            got=", ".join(sorted(told)),
        )


def _check(name: str, destination: Destination) -> None:
    for output in destination.outputs:
        try:
            dicom_format(output)
        except OsteonError as error:
            error.hint = f"Change outputs of the destination {name}."
            raise OsteonError(error.problem, expected=error.expected, got=error.got, hint=error.hint) from error


class Maker:
    """Makes objects; safe to use from several threads at once.

    Args:
        database: of the store.
        files: of the store, which keep the bytes.
        engines: know the bundles.
        budget: pixels that may be decoded at once.
        limits: how much a file may ask for.
        settings: of the node.
    """

    def __init__(
        self,
        database: Database,
        files: Files,
        engines: Engines,
        budget: Budget,
        limits: Limits,
        settings: Dicom,
    ) -> None:
        self._database = database
        self._files = files
        self._engines = engines
        self._budget = budget
        self._limits = limits
        self._destinations = settings.destinations
        self._webhooks = settings.webhooks
        self._reports = ReportMaker(database, files, engines, limits, settings)
        self._turn = threading.Lock()
        """Two that make the same object at once would make two of one SOPInstanceUID: dates differ."""

    def make(self, parcel: Parcel) -> list[Parcel]:
        """Make the objects of a parcel, unless they were made for another destination.

        Returns:
            A parcel for each.

        Raises:
            OsteonError: they cannot be made.
        """
        with self._turn:
            return self._make(parcel)

    def _make(self, parcel: Parcel) -> list[Parcel]:
        made: Sequence[Made] = ()
        data: dict[str, tuple[bytes, str, str]] = {}
        if parcel.form == READER_REPORT:
            made = [self._reports.make(parcel.part)]
        elif parcel.form == NOTICE:
            data = {"": (self._notice(parcel), "", "")}
        else:
            with self._database.session() as session:
                made = outbox.made_before(session, parcel.study, parcel.form, self._fits(parcel))
                if not made and is_replaced(session, parcel.study, parcel.form):
                    return outbox.keep(session, parcel, ())
            data = {} if made else self._bytes(parcel)
        # Nobody may remove a file between the moment at which it is kept and that at which the outbox says that it has it.
        with exclusive(self._database, self._files) as session:
            kept = list(made)
            for content, sop_class, instance in data.values():
                kept.append(Made(self._files.put(content), sop_class, instance))
            return outbox.keep(session, parcel, kept)

    def _notice(self, parcel: Parcel) -> bytes:
        webhook = self._webhooks.get(parcel.destination)
        with self._database.session() as session:
            study = session.get(Study, parcel.study)
            if study is None or webhook is None:
                raise InputError(FaultCode.STUDY_REMOVED)
            return study_notice(study, webhook, parcel.id, study.read or now())

    def _bytes(self, parcel: Parcel) -> dict[str, tuple[bytes, str, str]]:
        """Content, SOP class and instance of each file that the format writes, by name."""
        form = dicom_format(parcel.form)
        with self._database.session() as session:
            stored = fetch(session, parcel.study)
        if stored is None:
            raise InputError(FaultCode.STUDY_REMOVED)
        bundle = self._engines.bundle(stored.content["bundle"])
        info = BundleInfo(stored.content["bundle"]) if bundle is None else bundle_info(bundle)
        result = stored_result(stored, self._files, info, self._limits)
        kind = _KINDS.get(form.name)
        if kind is not None:
            options = self._options(parcel, stored.study)
            with self._budget.hold(stored.pixels if Need.PIXELS in form.needs else 0, None):
                objects = make(kind, narrowed(form, result, identity=True), options)
                return {
                    str(made.SOPInstanceUID): (to_bytes(made), str(made.SOPClassUID), str(made.SOPInstanceUID))
                    for made in objects
                }
        with (
            tempfile.TemporaryDirectory(dir=self._files.spool) as folder,
            self._budget.hold(stored.pixels if Need.PIXELS in form.needs else 0, None),
        ):
            write_output(form, result, Path(folder) / f"{parcel.study}{form.suffix}", identity=True)
            return {path.name: _read(path) for path in sorted(Path(folder).iterdir(), key=_order)}

    def _fits(self, parcel: Parcel) -> Fits:
        return wanted(parcel.form, self._destinations.get(parcel.destination), self._files)

    def _options(self, parcel: Parcel, study: Study) -> Options:
        """What the destination chooses, and the reports of earlier versions that this one takes the place of."""
        chosen = self._destinations.get(parcel.destination)
        replaces: list[ObjectReference] = []
        if study.version > 1 and parcel.form in _REPORTS:
            with self._database.session() as session:
                earlier = outbox.of_earlier_versions(session, study, parcel.form, self._fits(parcel))
            replaces = [reference_in(self._files.path(made.digest)) for made in earlier]
        if chosen is None:
            return Options(replaces=tuple(replaces))
        return Options(chosen.sr_class == "comprehensive", Compression(chosen.capture), tuple(replaces))


_KINDS: Final = {kind.name: kind for kind in KINDS}
_REPORTS: Final = frozenset({kinds.MEASUREMENTS.name, kinds.TEXT.name})


def _order(path: Path) -> tuple[int, str]:
    """Files in the order in which they were written: ``x.dcm``, ``x-2.dcm``, ... ``x-10.dcm``."""
    return len(path.name), path.name


def _read(path: Path) -> tuple[bytes, str, str]:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        header = dcmread(path, stop_before_pixels=True, specific_tags=["SOPClassUID", "SOPInstanceUID"])
        return path.read_bytes(), str(header.SOPClassUID), str(header.SOPInstanceUID)
    except (InvalidDicomError, AttributeError) as error:
        raise StoreError("a result is no DICOM object", got=type(error).__name__) from error
