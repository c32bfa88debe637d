"""Fetches studies from another archive: by C-GET, or by WADO-RS."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import httpx
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt

from osteon.clinic.dicom.network import PDU, STORED, STUDY_ROOT_GET, SYNTAXES, client_tls
from osteon.clinic.dicom.settings import Dicom, is_loopback
from osteon.clinic.server.multipart import MultipartError, Parts, Write, boundary_of
from osteon.core.errors import OsteonError, PeerError

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.events import Event

_SUCCESS: Final = 0x0000
_PENDING: Final = frozenset({0xFF00, 0xFF01})
_PATIENCE: Final = 60.0


def by_dicom(settings: Dicom, peer: str, study: str, folder: Path) -> list[Path]:
    """Fetch the radiographs of a study by C-GET.

    Args:
        settings: of the node; they name the peer, with a port and a host or a single address.
        peer: its AE title.
        study: StudyInstanceUID.
        folder: for the files, which are named by their SOPInstanceUID.

    Raises:
        OsteonError: the settings do not name the peer so.
        PeerError: it does not give the study.
    """
    known = settings.peers.get(peer)
    if known is None or known.port is None or not (known.host or known.single):
        raise OsteonError(
            f"the settings name no peer {peer} that can be called", expected="a port, and a host or a single address"
        )
    host = known.host or known.single
    if not settings.tls and not is_loopback(host) and not settings.plain:
        raise OsteonError("the study would come unencrypted", hint="Set TLS in [dicom], or plain = true.")
    entity = AE(ae_title=settings.aet)
    entity.maximum_pdu_size = PDU
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = settings.patience
    entity.add_requested_context(STUDY_ROOT_GET)
    for sop_class in STORED:
        entity.add_requested_context(sop_class, list(SYNTAXES))
    roles = [build_role(sop_class, scp_role=True, scu_role=True) for sop_class in STORED]
    found: list[Path] = []

    def store(event: Event) -> int:
        target = folder / f"{_plain(str(cast('C_STORE', event.request).AffectedSOPInstanceUID))}.dcm"
        shutil.copyfile(event.dataset_path, target)
        found.append(target)
        return _SUCCESS

    options: dict[str, Any] = {"tls_args": (client_tls(settings), known.certificate or host)} if settings.tls else {}
    association = entity.associate(
        host, known.port, ae_title=peer, ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, store)], **options
    )
    if not association.is_established:
        raise PeerError("the archive cannot be reached, or rejects this node", got=peer)
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID = "STUDY", study
    try:
        last = 0
        for status, _ in association.send_c_get(query, STUDY_ROOT_GET):
            last = status.Status if status else 0xC000
        if last != _SUCCESS and last not in _PENDING:
            raise PeerError("the archive does not give the whole study", got=f"status {last:04x}")
    finally:
        association.release()
    if not found:
        raise PeerError("the archive has no radiograph of this study")
    return found


def by_web(url: str, token: str, study: str, folder: Path) -> list[Path]:
    """Fetch all instances of a study by WADO-RS.

    Args:
        url: of the root of the service, which has ``/studies`` below it.
        token: a bearer token; empty for none.
        study: StudyInstanceUID.
        folder: for the files, numbered.

    Raises:
        PeerError: the service does not give the study.
    """
    headers = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    found: list[Path] = []
    streams: list[Any] = []

    def begin(_headers: dict[str, str]) -> Write:
        found.append(folder / f"{_plain(study)}-{len(found) + 1}.dcm")
        streams.append(found[-1].open("wb"))
        return streams[-1].write

    def end() -> None:
        streams.pop().close()

    address = f"{url.rstrip('/')}/studies/{_plain(study)}"
    try:
        with httpx.stream("GET", address, headers=headers, timeout=_PATIENCE, trust_env=False) as answer:
            if not answer.is_success:
                raise PeerError("the archive does not give the study", got=f"HTTP status {answer.status_code}")
            parts = Parts(boundary_of(answer.headers.get("content-type", "")), begin, end)
            for block in answer.iter_bytes():
                parts.feed(block)
            parts.close()
    except (httpx.HTTPError, OSError) as error:
        raise PeerError("the archive cannot be reached", got=type(error).__name__) from error
    except MultipartError as error:
        raise PeerError("the archive answers with something else than multipart/related", got=error.problem) from error
    finally:
        for stream in streams:
            stream.close()
    return found


def _plain(uid: str) -> str:
    """A UID that may be part of a path.

    Raises:
        PeerError: it is none.
    """
    if not uid or len(uid) > 64 or set(uid) - set("0123456789."):
        raise PeerError("this is no UID", expected="digits and points, at most 64")
    return uid
