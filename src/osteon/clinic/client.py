"""A client of a reading room, for programs.

    from osteon.clinic.client import Client

    with Client("http://127.0.0.1:8042", key="osteon_...") as room:
        for study in room.submit(["front.dcm", "side.dcm"]).studies:
            print(study.call, study.probability, study.reason)
            Path(f"{study.id}.pdf").write_bytes(room.report(study.id))

It answers with the models of the API. What the server refuses is raised as an error of Osteon's own tree, with what was
expected, what came and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final, Literal, Self

import httpx

from osteon.clinic.client_answers import checked, parsed, pause
from osteon.clinic.server.schemas.bundles import Bundle
from osteon.clinic.server.schemas.jobs import Job, UploadAccepted, UploadResult
from osteon.clinic.server.schemas.marks import Mark
from osteon.clinic.server.schemas.opinions import Opinion
from osteon.clinic.server.schemas.problem import Failure
from osteon.clinic.server.schemas.studies import FullStudy, Reading, Study, Worklist
from osteon.clinic.state import State
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, PeerError
from osteon.core.labels import Call

ImageFile = str | PathLike[str] | tuple[str, bytes]
"""A file, or a name with the bytes of one."""

PATIENCE: Final = 120.0
"""Seconds to wait for an answer."""

PAUSE: Final = 0.2
"""Seconds between two looks at a job."""

LATER: Final = 202
"""The status where an upload is not read yet."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The result of an upload.

    Attributes:
        studies: that were read.
        failures: files that could not be read; ``index`` is the position in the upload.
    """

    studies: tuple[FullStudy, ...]
    failures: tuple[Failure, ...]


class Client:
    """Speaks to one reading room; use it in a ``with`` block, or ``close`` it.

    Args:
        url: where the page is, e.g. ``http://127.0.0.1:8042``.
        key: an API key; not needed with access without a login.
        timeout: seconds to wait for an answer.
        verify: false accepts any certificate; a path names the certificate authority to trust.
    """

    def __init__(self, url: str, key: str = "", *, timeout: float = PATIENCE, verify: bool | str = True) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=timeout, verify=verify)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def submit(
        self, files: Sequence[ImageFile], *, together: bool = False, pseudonym: str = "", label: str = ""
    ) -> Submission:
        """Upload images and wait until they are read.

        Args:
            files: DICOM files of one study become one study, other files one each.
            together: whether the files that are not DICOM are one study.
            pseudonym: stands for the patient of files that name none.
            label: what the studies are called in the worklist.

        Raises:
            InputError: no image could be read, or a file cannot be opened.
            PeerError: the server refuses, or does not answer.
        """
        answer = self._send(files, _form(together, pseudonym, label), {})
        if answer.status_code == LATER:  # it takes longer than the server lets us wait
            return self.wait(parsed(UploadAccepted, answer).job.id)
        whole = parsed(UploadResult, answer)
        return Submission(tuple(whole.studies), tuple(whole.failures))

    def submit_later(
        self, files: Sequence[ImageFile], *, together: bool = False, pseudonym: str = "", label: str = ""
    ) -> Job:
        """Upload images and do not wait; arguments and errors as of ``submit``. Give the job's id to ``wait``."""
        answer = self._send(files, _form(together, pseudonym, label), {"Prefer": "respond-async"})
        return parsed(UploadAccepted, answer).job

    def wait(self, job: str, timeout: float | None = None) -> Submission:
        """Wait until a job is done.

        Args:
            job: its id.
            timeout: seconds; None for as long as it takes.

        Raises:
            PeerError: there is no such job, or it is not done in time.
        """
        found = self.finished(job, timeout)
        failed = {failure.study for failure in found.failures}
        studies = [self.study(study) for study in found.studies]
        read = tuple(study for study in studies if study.state is State.DONE or study.id not in failed)
        return Submission(read, tuple(found.failures))

    def finished(self, job: str, timeout: float | None = None) -> Job:
        """Wait until a job is done, and get no more of it than which studies it has; arguments and errors as of ``wait``."""
        end = None if timeout is None else monotonic() + timeout
        while (found := self.job(job)).state in (State.QUEUED, State.READING):
            if end is not None and monotonic() > end:
                raise PeerError("the job did not finish in time", got=f"{found.done} of {found.total} studies")
            sleep(PAUSE)
        return found

    def job(self, job: str) -> Job:
        """Where a job is."""
        return parsed(Job, self._ask("GET", f"/jobs/{job}"))

    def studies(
        self,
        *,
        call: str = "",
        body_part: str = "",
        state: str = "",
        words: str = "",
        sort: Literal["urgency", "time", "oldest"] = "urgency",
        since: str = "",
        until: str = "",
        opinion: Literal["", "agree", "disagree", "none"] = "",
    ) -> Iterator[Study]:
        """The worklist, page by page as it is needed; empty arguments want all, ``since`` and ``until`` are days."""
        wanted = {"call": call, "body_part": body_part, "state": state, "q": words, "sort": sort, "limit": "100"}
        wanted |= {"since": since, "until": until, "opinion": opinion}
        asked = {name: value for name, value in wanted.items() if value}
        while True:
            page = parsed(Worklist, self._ask("GET", "/studies", params=asked))
            yield from page.items
            if page.next is None:
                return
            asked["cursor"] = page.next

    def study(self, study: str) -> FullStudy:
        """A study with its images and its reading."""
        return parsed(FullStudy, self._ask("GET", f"/studies/{study}"))

    def reading(self, study: str) -> Reading:
        """What the bundle says of a study.

        Raises:
            PeerError: there is no such study, or it is not read.
        """
        found = self.study(study)
        if found.reading is None:
            raise PeerError("the study has no reading", got=f"its state is {found.state}")
        return found.reading

    def overlay(self, study: str) -> bytes:
        """The images with heat map and boxes, PNG."""
        return self._ask("GET", f"/studies/{study}/overlay.png").content

    def report(self, study: str, form: Literal["pdf", "html"] = "pdf") -> bytes:
        """A report of one page."""
        return self._ask("GET", f"/studies/{study}/report.{form}").content

    def output(self, study: str, form: str) -> bytes:
        """The reading in one of the output formats."""
        return self._ask("GET", f"/studies/{study}/outputs/{form}").content

    def original(self, study: str, position: int = 0) -> bytes:
        """A file of the study as it was sent."""
        return self._ask("GET", f"/studies/{study}/files/{position}").content

    def retry(self, study: str) -> Study:
        """Have a study read again that failed."""
        return parsed(Study, self._ask("POST", f"/studies/{study}/retry"))

    def read_again(self, study: str, bundle: str) -> Study:
        """Have a study read by another bundle: a newer version of its result, whose id is in the answer."""
        return parsed(Study, self._ask("POST", f"/studies/{study}/read", json={"bundle": bundle}))

    def delete(self, study: str) -> None:
        """Remove a study in all its versions; for administrators."""
        self._ask("DELETE", f"/studies/{study}")

    def opinions(self, study: str) -> list[Opinion]:
        """All opinions of a study, the latest last."""
        return parsed(list[Opinion], self._ask("GET", f"/studies/{study}/opinions"))

    def marks(self, study: str) -> list[Mark]:
        """What people measured and marked on the images of a study."""
        return parsed(list[Mark], self._ask("GET", f"/studies/{study}/marks"))

    def judge(self, study: str, *, agrees: bool, note: str = "", call: Call | None = None) -> Opinion:
        """Agree or disagree with a reading; ``call`` is one's own beside it."""
        body = {"agrees": agrees, "note": note, "call": call}
        return parsed(Opinion, self._ask("POST", f"/studies/{study}/opinions", json=body))

    def bundles(self) -> list[Bundle]:
        """The bundles that read there."""
        return parsed(list[Bundle], self._ask("GET", "/bundles"))

    def request(self, method: str, path: str, **options: Any) -> Any:
        """What a route answers that has no method here, as values of JSON; None where it answers nothing.

        Args:
            method: of HTTP.
            path: below ``/api/v1``.
            options: of ``httpx.Client.request``: ``json``, ``params``.

        Raises:
            PeerError: the server refuses, or does not answer.
        """
        answer = self._ask(method, path, **options)
        return answer.json() if answer.content else None

    def content(self, path: str) -> bytes:
        """The file that a route answers with; path and errors as of ``request``."""
        return self._ask("GET", path).content

    def _send(self, files: Sequence[ImageFile], data: dict[str, str], headers: dict[str, str]) -> httpx.Response:
        """Upload files; where the server is too busy, wait as long as it says and send them again."""
        end = monotonic() + self._timeout
        while True:
            with ExitStack() as stack:
                parts = [("files", _opened(file, stack)) for file in files]
                answer = self._tried(
                    lambda parts=parts: self._http.post("/studies", files=parts, data=data, headers=headers)
                )
            after = pause(answer)
            if after is None or monotonic() + after > end:
                return checked(answer)
            sleep(after)

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return checked(self._tried(lambda: self._http.request(method, path, **options)))

    def _tried(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return ask()
        except httpx.HTTPError as error:
            where = str(self._http.base_url.copy_with(path="/"))
            raise PeerError(f"the reading room at {where} does not answer", got=type(error).__name__) from error


def _form(together: bool, pseudonym: str, label: str) -> dict[str, str]:
    """Fields of the form besides the files."""
    words = {"pseudonym": pseudonym, "label": label}
    return {"together": str(together).lower()} | {name: value for name, value in words.items() if value}


def _opened(file: ImageFile, stack: ExitStack) -> tuple[str, Any]:
    """Name and content of a file."""
    if isinstance(file, tuple):
        return file
    path = Path(file)
    try:
        return path.name, stack.enter_context(path.open("rb"))
    except OSError as error:
        raise InputError(FaultCode.FILE_UNOPENED, {"cause": error.strerror or type(error).__name__}) from error
