"""Finds studies by QIDO-RS and fetches them by WADO-RS (PS3.18 sections 10.6 and 10.4)."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx
from pydicom.dataset import Dataset

from osteon.clinic.dicom.receive.receiver import SUCCESS
from osteon.clinic.dicom.retrieve.archive import Arrived, UnreachableError
from osteon.clinic.dicom.retrieve.found import FoundImage, FoundStudy, found_image, found_study
from osteon.clinic.dicom.retrieve.query import Query, require_uid
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.clinic.dicom.sources import Archive
from osteon.clinic.server.multipart import MultipartError, Parts, Write, boundary_of
from osteon.clinic.store.draft import Draft
from osteon.core.errors import OsteonError, PeerError
from osteon.imaging.dicom.header import UNREADABLE
from osteon.imaging.quiet import quiet

PAGE: Final = 100
"""Results that are asked for at once."""

MOST: Final = 20_000
"""Instances of a study; more than that is taken for a fault of the service."""

LARGEST: Final = 32 << 20
"""Bytes of an answer to a query."""

_STUDY: Final = ("StudyDescription", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "ModalitiesInStudy")
"""Attributes asked for beyond those that every service returns for a study."""

_CAUSES: Final = {
    401: ("the archive does not know this node", "Set its token."),
    403: ("the archive does not allow this", "Give the owner of the token the right to it."),
    404: ("the archive has no such study, or its address is another one", "Its url has /studies below it."),
    406: ("the archive cannot send the images as they are kept", ""),
    413: ("the archive finds the answer too large", "Ask for less at once."),
    429: ("the archive is busy", "Try again later."),
    503: ("the archive is busy", "Try again later."),
}


class WebArchive:
    """A DICOMweb service.

    Args:
        archive: its settings.
        patience: seconds that it may take to answer, or to go on sending.

    Raises:
        OsteonError: its authorities cannot be read.
    """

    def __init__(self, archive: Archive, patience: float) -> None:
        self._root = archive.url.rstrip("/")
        self._patience = patience
        token = archive.token.get_secret_value()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._verify: ssl.SSLContext | bool = True
        try:
            if archive.ca is not None:
                self._verify = ssl.create_default_context(cafile=archive.ca)
        except (OSError, ssl.SSLError) as error:
            got = error.strerror or type(error).__name__
            raise OsteonError("the authorities of an archive cannot be used", expected="PEM", got=got) from error

    def find(self, query: Query, limit: int) -> Iterator[FoundStudy]:
        """The studies that match."""
        seen: set[str] = set()
        for uid in query.studies or ("",):
            stated = {
                "StudyInstanceUID": uid,
                "PatientID": query.patient,
                "AccessionNumber": query.accession,
                "StudyDate": query.dates,
            }
            # A service need not know lists of modalities: several are compared here.
            stated |= {"ModalitiesInStudy": query.modalities[0]} if len(query.modalities) == 1 else {}
            # One parameter for each field: Orthanc knows no lists of them.
            given = [(name, value) for name, value in stated.items() if value]
            given += [("includefield", keyword) for keyword in _STUDY]
            for answer in self._pages("studies", given, limit, "0020000D"):
                study = found_study(answer)
                if study.uid and study.uid not in seen and query.matches(study):
                    seen.add(study.uid)
                    yield study

    def images(self, study: str) -> list[FoundImage]:
        """The instances of a study."""
        path = f"studies/{require_uid(study)}/instances"
        found = [found_image(answer) for answer in self._pages(path, [("includefield", "00080016")], MOST, "00080018")]
        return [image for image in found if image.uid and image.series]

    def fetch(self, study: str, wanted: Sequence[FoundImage], sink: Sink, arrived: Arrived, *, whole: bool) -> None:
        """Fetch images of a study: all at once where all are wanted, else one by one."""
        root = f"{self._root}/studies/{require_uid(study)}"
        each = [f"{root}/series/{require_uid(one.series)}/instances/{require_uid(one.uid)}" for one in wanted]
        with self._client() as client:
            for address in [root] if whole else each:
                self._one(client, address, study, sink, arrived)

    def _one(self, client: httpx.Client, address: str, study: str, sink: Sink, arrived: Arrived) -> None:
        """Let the images of one answer in, each as it comes."""
        drafts: list[Draft] = []

        def begin(_headers: dict[str, str]) -> Write:
            drafts.append(sink.draft())
            return drafts[-1].write

        def end() -> None:
            if sink.keep(drafts.pop(), study=study) == SUCCESS:
                arrived()

        # Uncompressed: a few bytes on the line may be millions in memory.
        accept = {
            "Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*',
            "Accept-Encoding": "identity",
        }
        try:
            with client.stream("GET", address, headers=accept) as answer:
                if not answer.is_success:
                    raise _refusal(answer.status_code)
                if answer.headers.get("content-encoding", "identity").lower() != "identity":
                    raise PeerError("the archive compresses its answer, which it was asked not to")
                parts = Parts(boundary_of(answer.headers.get("content-type", "")), begin, end)
                for block in answer.iter_raw():
                    parts.feed(block)
                    if sink.failure is not None:
                        raise sink.failure
                parts.close()
        except (httpx.HTTPError, ssl.SSLError) as error:
            raise _unreachable(error) from error
        except MultipartError as error:
            got = error.problem
            raise PeerError("the archive answers with something else than whole images", got=got) from error
        finally:
            for draft in drafts:
                draft.discard()

    def _pages(self, path: str, given: Sequence[tuple[str, str]], limit: int, key: str) -> Iterator[Dataset]:
        """Results of a search page by page, until a page brings nothing new: a service may send fewer than asked for."""
        seen: set[str] = set()
        offset = 0
        with self._client() as client:
            while len(seen) < limit:
                page = self._search(client, path, [*given, ("limit", str(PAGE)), ("offset", str(offset))])
                offset += len(page)
                new = 0
                for item in page:
                    answer = _dataset(item)
                    uid = _value(item, key)
                    if answer is not None and uid and uid not in seen and len(seen) < limit:
                        seen.add(uid)
                        new += 1
                        yield answer
                if not new:
                    return

    def _search(self, client: httpx.Client, path: str, given: Sequence[tuple[str, str]]) -> list[Any]:
        body = bytearray()
        headers = {"Accept": "application/dicom+json"}
        try:
            with client.stream("GET", f"{self._root}/{path}", params=list(given), headers=headers) as answer:
                if answer.status_code == 204:
                    return []
                if not answer.is_success:
                    raise _refusal(answer.status_code)
                for block in answer.iter_bytes():
                    body += block
                    if len(body) > LARGEST:
                        raise PeerError("the archive's answer is too large", expected=f"at most {LARGEST:,} bytes")
        except (httpx.HTTPError, ssl.SSLError) as error:
            raise _unreachable(error) from error
        try:
            found = json.loads(bytes(body) or b"[]")
        except ValueError as error:
            raise PeerError("the archive answers with something else than DICOM JSON") from error
        if not isinstance(found, list):
            raise PeerError("the archive answers with something else than a list of results")
        return list(found)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=self._patience, verify=self._verify, headers=self._headers, trust_env=False)


def _refusal(status: int) -> OsteonError:
    problem, hint = _CAUSES.get(status, ("the archive does not answer as DICOMweb", "Check its url."))
    kind = UnreachableError if status in (401, 403) else PeerError
    return kind(problem, got=f"HTTP status {status}", hint=hint)


def _unreachable(error: Exception) -> UnreachableError:
    return UnreachableError("the archive cannot be reached", got=type(error).__name__, hint="Check its url.")


def _dataset(item: Any) -> Dataset | None:
    """A result, as far as it can be understood."""
    try:
        with quiet():
            return Dataset.from_json(item)
    except UNREADABLE:
        return None


def _value(item: Any, key: str) -> str:
    try:
        return str(item[key]["Value"][0])
    except (LookupError, TypeError):
        return ""
