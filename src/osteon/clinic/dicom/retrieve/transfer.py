"""How images come from an application entity: by C-GET on the association that asks, or by C-MOVE to a port of this node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pydicom.dataset import Dataset
from pynetdicom import build_context, build_role, evt

from osteon.clinic.dicom.network import STORED, STUDY_ROOT_GET, STUDY_ROOT_MOVE, SYNTAXES
from osteon.clinic.dicom.receive.connection import Connection, connection_of, register
from osteon.clinic.dicom.receive.receiver import CANNOT_UNDERSTAND, SUCCESS
from osteon.clinic.dicom.retrieve.archive import Arrived
from osteon.clinic.dicom.retrieve.calling import Callee, associated
from osteon.clinic.dicom.retrieve.causes import PENDING, refusal, rejection, status_of
from osteon.clinic.dicom.retrieve.query import require_uid
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.clinic.dicom.settings import Dicom
from osteon.imaging.codecs.codecs import CODECS

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.events import Event


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent: a study, or one of its instances.

    Attributes:
        study: StudyInstanceUID.
        series: SeriesInstanceUID of the instance.
        instance: SOPInstanceUID.
    """

    study: str
    series: str = ""
    instance: str = ""

    def keys(self) -> Dataset:
        """The identifier of C-GET and C-MOVE.

        Raises:
            OsteonError: a UID is none.
        """
        found = Dataset()
        found.QueryRetrieveLevel = "IMAGE" if self.instance else "STUDY"
        found.StudyInstanceUID = require_uid(self.study)
        if self.instance:
            found.SeriesInstanceUID = require_uid(self.series)
            found.SOPInstanceUID = require_uid(self.instance)
        return found


class Transfer(Protocol):
    """Lets images come."""

    def fetch(self, called: Callee, requests: Sequence[Request], sink: Sink, arrived: Arrived) -> None:
        """Let images come; returns when all have, or cannot.

        Raises:
            PeerError: the archive does not send them, or not all of them.
        """
        ...


class Get:
    """Lets images come by C-GET.

    Args:
        settings: of the node.
    """

    def __init__(self, settings: Dicom) -> None:
        self._settings = settings

    def fetch(self, called: Callee, requests: Sequence[Request], sink: Sink, arrived: Arrived) -> None:
        """Let images come, in one association."""
        here = Connection(called.host, frozenset(), sink.draft)

        def store(event: Event) -> int:
            request, connection = cast("C_STORE", event.request), connection_of(event.assoc)
            draft = None if connection is None else connection.taken(str(event.dataset_path))
            if draft is None:
                return CANNOT_UNDERSTAND
            announced = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
            status = sink.keep(draft, *announced)
            if status == SUCCESS:
                arrived()
            return status

        roles = [build_role(sop_class, scp_role=True, scu_role=True) for sop_class in STORED]
        try:
            with associated(
                self._settings, called, _CONTEXTS, roles=roles, handlers=[(evt.EVT_C_STORE, store)]
            ) as association:
                register(association, here)
                if not any(one.abstract_syntax == STUDY_ROOT_GET for one in association.accepted_contexts):
                    raise rejection(association, called.aet, self._settings.aet)
                for request in requests:
                    answers = association.send_c_get(request.keys(), STUDY_ROOT_GET)
                    _drain(answers, association, self._settings.aet)
        finally:
            here.close()


class Move:
    """Lets images come by C-MOVE, to a port that the archive knows under this node's AE title.

    Args:
        settings: of the node.
    """

    def __init__(self, settings: Dicom) -> None:
        self._settings = settings

    def fetch(self, called: Callee, requests: Sequence[Request], sink: Sink, arrived: Arrived) -> None:
        """Let images come; who listens on the port keeps them."""
        del sink
        with associated(self._settings, called, [STUDY_ROOT_MOVE]) as association:
            for request in requests:
                answers = association.send_c_move(request.keys(), self._settings.aet, STUDY_ROOT_MOVE)
                _drain(answers, association, self._settings.aet, arrived)


def _drain(answers: Any, association: Association, aet: str, arrived: Arrived | None = None) -> None:
    """Wait for the last answer; raises ``PeerError`` where it is no success."""
    last, counted = SUCCESS, 0
    for status, _ in answers:
        last = status_of(status)
        done = int(status.get("NumberOfCompletedSuboperations", 0) or 0)
        while arrived is not None and counted < done:
            arrived()
            counted += 1
    if last != SUCCESS and last not in PENDING:
        raise refusal(last, aet)
    if not association.is_established:
        raise refusal(-1, aet)


_PLAIN: Final = [syntax for syntax in SYNTAXES if syntax not in CODECS]

# A context holds one transfer syntax in the end: with one for each codec an archive can send every image as it is kept.
_CONTEXTS: Final = [
    build_context(STUDY_ROOT_GET),
    *(build_context(sop_class, syntaxes) for sop_class in STORED for syntaxes in (_PLAIN, *([one] for one in CODECS))),
]
