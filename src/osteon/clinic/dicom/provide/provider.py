"""Answers C-FIND, C-MOVE and C-GET of peers that may search the store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import build_context
from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.network import VERIFICATION, client_tls
from osteon.clinic.dicom.provide.asked import Asked, asked
from osteon.clinic.dicom.provide.told import told
from osteon.clinic.dicom.receive.connection import connection_of
from osteon.clinic.dicom.retrieve.calling import callee
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.store.audit.audit import Entry
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.pacs.holdings import Holding, Instance, holdings, modalities
from osteon.clinic.store.refused import RefusedError
from osteon.core.errors import OsteonError, PeerError
from osteon.imaging.dicom.header import UNREADABLE
from osteon.imaging.quiet import quiet

if TYPE_CHECKING:
    from pynetdicom.events import Event

MOST: Final = 1000
"""Answers to a query; where more match, none is sent, and the status says so."""

PENDING: Final = 0xFF00
CANCELLED: Final = 0xFE00
NOT_ALLOWED: Final = 0x0124
TOO_MANY: Final = 0xA700
NOT_VALID: Final = 0xA900
NO_DESTINATION: Final = 0xA801
UNABLE: Final = 0xC001

_log = logging.getLogger("osteon.clinic.dicom")

Answer = tuple[int, Dataset | None]


class Provider:
    """Answers; safe to use from several threads at once.

    Args:
        settings: of the node.
        database: of the store.
        files: of the store.
        happened: called for the metrics with the kind of event and the peer.
        audit: writes down who has seen what.
    """

    def __init__(
        self,
        settings: Dicom,
        database: Database,
        files: Files,
        happened: Callable[[str, str], None],
        audit: Callable[[Entry], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._files = files
        self._happened = happened
        self._audit = audit

    def find(self, event: Event) -> Iterator[Answer]:
        """Answer C-FIND."""
        refused, wanted, found = self._begun(event, "search", retrieve=False)
        if wanted is None:
            yield refused, None
            return
        self._note(event, "list studies (DICOM)", found)
        identifier = _identifier(event)
        with self._database.session() as session:
            kinds = modalities(session, {holding.study for holding in found})
        aet = self._settings.aet
        for holding in found:
            for answer in told(holding, wanted.level, identifier, kinds.get(holding.study, ()), self._files, aet):
                if event.is_cancelled:
                    yield CANCELLED, None
                    return
                yield PENDING, answer

    def get(self, event: Event) -> Iterator[Any]:
        """Answer C-GET: the number of images, then each."""
        refused, wanted, found = self._begun(event, "retrieve", retrieve=True)
        images = [instance for holding in found for instance in holding.instances]
        yield len(images) if wanted is not None else 1
        if wanted is None:
            yield refused, None
            return
        self._note(event, "fetch original (DICOM)", found)
        yield from self._images(event, images)

    def move(self, event: Event) -> Iterator[Any]:
        """Answer C-MOVE: whom the images go to, their number, then each."""
        refused, wanted, found = self._begun(event, "retrieve", retrieve=True)
        images = [instance for holding in found for instance in holding.instances]
        if refused == NOT_ALLOWED:  # whoever may not search has nobody called
            yield None, None
            return
        try:
            to = callee(self._settings, str(event.move_destination).strip())
        except OsteonError:
            yield None, None
            return
        pairs = {(one.sop_class, self._syntax(one)) for one in images}
        contexts = [build_context(sop_class, syntax) for sop_class, syntax in sorted(pairs) if sop_class and syntax]
        # pynetdicom calls the destination before it says that a request is refused, and has to offer something.
        options: dict[str, Any] = {"contexts": contexts[:128] or [build_context(VERIFICATION)]}
        if self._settings.tls:
            options["tls_args"] = (client_tls(self._settings), to.certificate)
        yield to.host, to.port, options
        yield len(images) if wanted is not None else 1
        if wanted is None:
            yield refused, None
            return
        self._note(event, "send original (DICOM)", found)
        yield from self._images(event, images)

    def _images(self, event: Event, images: list[Instance]) -> Iterator[Answer]:
        for image in images:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            try:
                yield PENDING, dcmread(self._files.path(image.digest))
            except (OSError, *UNREADABLE) as error:
                _log.warning("an image cannot be sent", extra={"fields": {"error": type(error).__name__}})
                missing = Dataset()
                missing.SOPInstanceUID, missing.SOPClassUID = image.uid, image.sop_class
                yield PENDING, missing

    def _begun(self, event: Event, what: str, *, retrieve: bool) -> tuple[int, Asked | None, list[Holding]]:
        """What is asked for and what there is of it; else the status with which it is refused."""
        caller = _caller(event)
        peer = self._settings.peers.get(caller)
        if peer is None or not peer.query:
            return self._refused(event, caller, NOT_ALLOWED), None, []
        try:
            with quiet():  # warnings quote what they are about
                wanted = asked(_identifier(event), retrieve=retrieve)
        except OsteonError:
            return self._refused(event, caller, NOT_VALID), None, []
        try:
            with self._database.session() as session:
                found = list(islice(holdings(session, wanted.keys), MOST + 1))
        except RefusedError:  # a key that no database takes, as one with U+0000
            return self._refused(event, caller, NOT_VALID), None, []
        except SQLAlchemyError:
            return self._refused(event, caller, UNABLE), None, []
        if len(found) > MOST or sum(len(holding.instances) for holding in found) > 65_535:
            return self._refused(event, caller, TOO_MANY), None, []
        self._happened(what, caller)
        return 0, wanted, found

    def _refused(self, event: Event, caller: str, status: int) -> int:
        self._happened(f"refused-{status:04x}", caller)
        entry = Entry(caller, "peer", "query (DICOM)", "", _address(event), "refused")
        if status == NOT_ALLOWED:
            self._audit(entry)
        return status

    def _note(self, event: Event, action: str, found: list[Holding]) -> None:
        """Write down who has seen which studies."""
        studies = " ".join(dict.fromkeys(holding.study for holding in found))
        self._audit(Entry(_caller(event), "peer", action, "", _address(event), detail=studies))

    def _syntax(self, image: Instance) -> str:
        from pydicom.filereader import read_file_meta_info

        with suppress(OSError, *UNREADABLE):
            return str(read_file_meta_info(self._files.path(image.digest)).TransferSyntaxUID)
        return ""


def _identifier(event: Event) -> Dataset:
    """The identifier of a request.

    Raises:
        PeerError: it cannot be decoded.
    """
    try:
        found: Dataset = event.identifier
    except (*UNREADABLE,) as error:
        raise PeerError("the identifier of a request cannot be decoded") from error
    return found


def _caller(event: Event) -> str:
    return event.assoc.requestor.ae_title.strip()


def _address(event: Event) -> str:
    here = connection_of(event.assoc)
    return "" if here is None else here.address
