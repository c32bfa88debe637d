"""Uploads: what comes in, and the answer once it is read or before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from osteon.clinic.intake import Taken, Upload, base_name
from osteon.clinic.patients.pseudonyms import LABEL, LONGEST, check_label, check_pseudonym
from osteon.clinic.role import Role
from osteon.clinic.server import answers
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.jobs import Job, Outcome, SentFile, UploadAccepted, UploadResult
from osteon.clinic.server.schemas.problem import Failure, refusals
from osteon.clinic.store import faults
from osteon.clinic.store.fleet.exclusive import exclusive
from osteon.clinic.store.studies import jobs
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies.admit import FullError
from osteon.clinic.store.tables.studies import State
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError

router: Final = api_router(prefix="/api/v1", tags=["studies"])

PATIENCE: Final = 60.0
"""Seconds after which an upload that waits for its readings is told to come back for them."""

AGAIN: Final = 5
"""Seconds after which to try again where the queue is full."""

_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": "DICOM, JPEG, PNG or TIFF. DICOM files of one StudyInstanceUID and patient are one "
                        "study, also if they come in several requests.",
                    },
                    "together": {
                        "type": "boolean",
                        "default": False,
                        "description": "The files that are not DICOM are one study.",
                    },
                    "pseudonym": {
                        "type": "string",
                        "maxLength": LONGEST,
                        "description": "Stands for the patient of files that name none; never a name. "
                        "What begins with P- is reserved.",
                    },
                    "label": {
                        "type": "string",
                        "maxLength": LABEL,
                        "description": "What the studies are called in the worklist; never a name.",
                    },
                },
            }
        }
    },
}


@router.post(
    "/studies",
    response_model=UploadResult,
    responses={
        202: {"model": UploadAccepted, "description": "Kept; the readings come later."},
        **refusals(415, 422, 429, 503),
    },
    openapi_extra={"requestBody": _BODY},
)
async def upload_images(
    request: Request,
    person: Annotated[Person, Depends(needs(Role.READER))],
    prefer: Annotated[str, Header(description="`respond-async` answers before the images are read.")] = "",
) -> Response:
    """Upload images. Whatever the answer names is stored durably."""
    here = context(request)
    here.claim.require()
    here.space.require()  # before anything comes in
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ProblemError(415, "Images are uploaded as multipart/form-data", "Send files in the form field `files`.")
    limits = here.settings
    async with request.form(max_files=limits.files_per_upload, max_fields=8, max_part_size=4096) as form:
        uploads = _uploads(form)
        names = [base_name(upload.name) for upload in uploads]
        together = _flag(form)
        pseudonym = _checked(_words(form, "pseudonym", LONGEST), "pseudonym", check_pseudonym)
        label = _checked(_words(form, "label", LABEL), "label", check_label)
        taken = await run_in_threadpool(_take, request, uploads, together=together, pseudonym=pseudonym, label=label)
    if not taken.arrivals:
        raise _unreadable(_refused(taken, names))
    # A key that only sends is not told what was read: it gets a job, as those do that do not want to wait.
    patience = 0.0 if _async(prefer) or not person.sees else PATIENCE
    if patience and await _read(here, [arrival.study for arrival in taken.arrivals], patience):
        answer = await run_in_threadpool(_answer, here, taken, names)
        if not answer.studies:
            raise _unreadable(answer.failures)
        return Response(answer.model_dump_json(), media_type="application/json")
    job = await run_in_threadpool(_start, here, taken, names)
    headers = {"Location": f"/api/v1/jobs/{job.id}"}
    if _async(prefer):
        headers["Preference-Applied"] = "respond-async"
    accepted = UploadAccepted(job=job, files=_files(taken, names), warnings=list(taken.warnings))
    return Response(accepted.model_dump_json(), 202, headers, media_type="application/json")


def _uploads(form: FormData) -> list[Upload]:
    """The files of a form."""
    found = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
    if not found:
        raise ProblemError(422, "There is no image in the request", "Send files in the form field `files`.")
    return [Upload(part.filename or "", part.file) for part in found]


def _flag(form: FormData) -> bool:
    value = form.get("together", "")
    words = {"true": True, "1": True, "on": True, "": False, "false": False, "0": False, "off": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise ProblemError(422, "The request is not valid", "The field `together` is true or false.")
    return words[value.lower()]


def _checked(words: str | None, field: str, check: Callable[[str], None]) -> str | None:
    if words is not None:
        try:
            check(words)
        except InputError as error:
            stated = {name: text for name in ("expected", "hint", "code") if (text := getattr(error, name))}
            raise ProblemError(422, f"The {field} cannot be used", error.problem, extra=stated) from error
    return words


def _words(form: FormData, field: str, longest: int) -> str | None:
    value = form.get(field, "")
    if not isinstance(value, str) or len(value) > longest or not (value.isprintable() or not value):
        detail = f"The field `{field}` has at most {longest} letters that can be printed."
        raise ProblemError(422, "The request is not valid", detail)
    return value.strip() or None


def _async(prefer: str) -> bool:
    return "respond-async" in {word.split(";")[0].strip().lower() for word in prefer.split(",")}


def _take(
    request: Request, uploads: Sequence[Upload], *, together: bool, pseudonym: str | None, label: str | None
) -> Taken:
    here = context(request)
    try:
        taken = here.intake.take(uploads, together=together, pseudonym=pseudonym, label=label)
    except FullError as error:
        headers = {"Retry-After": str(AGAIN)}
        raise ProblemError(429, "The queue is full", error.expected, headers=headers) from error
    here.worker.wake()
    if taken.arrivals:
        note(request, "send study", *(arrival.study for arrival in taken.arrivals))
    return taken


async def _read(here: Context, studies: Sequence[str], patience: float) -> bool:
    """Wait until all studies are read, without holding a thread; whether they are."""
    futures = await run_in_threadpool(lambda: [(study, here.worker.waiters.future(study)) for study in studies])
    waited = [asyncio.ensure_future(asyncio.wrap_future(future)) for _, future in futures]
    try:
        _, late = await asyncio.wait(waited, timeout=patience)
    finally:
        for (study, future), item in zip(futures, waited, strict=True):
            if not item.done():
                item.cancel()
                here.worker.waiters.forget(study, future)
    return not late


def _answer(here: Context, taken: Taken, names: Sequence[str]) -> UploadResult:
    """What was read and what could not be."""
    with here.database.session() as session:
        rows = [(store.find(session, arrival.study), arrival) for arrival in taken.arrivals]
        there = [(row, item.position_pairs) for row, item in rows if row is not None]
        gone = [position for row, item in rows if row is None for position in item.positions]
        failed = [*_at_once(taken), *jobs.faults(session, there)]
        failed += [jobs.Failed(position, None, faults.dump(_REMOVED)) for position in gone]
        studies = [answers.full(session, row) for row, _ in there if row.state != State.FAILED]
    failures = [answers.failure(item, names.__getitem__) for item in sorted(failed, key=lambda item: item.position)]
    return UploadResult(studies=studies, failures=failures, files=_files(taken, names), warnings=list(taken.warnings))


_REMOVED: Final = InputError(FaultCode.STUDY_REMOVED)


def _files(taken: Taken, names: Sequence[str]) -> list[SentFile]:
    """What became of each file."""
    found: list[tuple[int, str | None, Outcome]] = [
        (refusal.position, None, Outcome.REFUSED) for refusal in taken.refusals
    ]
    for arrival in taken.arrivals:
        for position in arrival.positions:
            known = position in arrival.known
            outcome = Outcome.KNOWN if known else Outcome.ADDED if position in arrival.added else Outcome.NEW
            found.append((position, arrival.study, outcome))
    return [
        SentFile(index=position, source=names[position], study=study, outcome=outcome)
        for position, study, outcome in sorted(found, key=lambda item: item[0])
    ]


def _at_once(taken: Taken) -> list[jobs.Failed]:
    return [jobs.Failed(refusal.position, None, faults.dump(refusal.error)) for refusal in taken.refusals]


def _refused(taken: Taken, names: Sequence[str]) -> list[Failure]:
    return [answers.failure(item, names.__getitem__) for item in _at_once(taken)]


def _start(here: Context, taken: Taken, names: Sequence[str]) -> Job:
    """Keep a job for those who come back."""
    # No study of it may be removed between the look whether it is there and the moment at which the job names it.
    with exclusive(here.database, here.files) as session:
        job = jobs.start(session, taken.arrivals, [(item.position, item.fault) for item in _at_once(taken)])
        session.flush()
        found = jobs.progress(session, job)
    if found is None:
        raise missing("job")
    return answers.job(found, names.__getitem__)


def _unreadable(failures: Sequence[Failure]) -> ProblemError:
    documents = [failure.model_dump(mode="json") for failure in failures]
    if len(failures) > 1:
        detail = f"None of {len(failures)} files could be read."
        return ProblemError(422, "The image cannot be read", detail, extra={"failures": documents})
    only = failures[0].problem
    more: dict[str, Any] = {key: value for key, value in only.items() if key in ("expected", "got", "hint", "code")}
    detail = only.get("detail", "")
    return ProblemError(422, "The image cannot be read", detail, extra={**more, "failures": documents})
