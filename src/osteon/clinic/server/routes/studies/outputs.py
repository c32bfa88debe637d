"""What is made of a reading: the overlay, reports, output formats. All of it shows the reading that was kept."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Query, Request, Response

from osteon.clinic.reading.stored_result import StoredStudy, fetch, stored_result
from osteon.clinic.role import Role
from osteon.clinic.scope import Scope
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.routes.studies.images import CACHE, limits, same
from osteon.clinic.server.routes.studies.worklist import IDENTIFIED
from osteon.clinic.server.schemas.problem import refusals
from osteon.html.templating import POLICY
from osteon.inference.results import bundle_info
from osteon.outputs import FORMATS
from osteon.outputs.format import Format, Need
from osteon.outputs.formats import html, overlay, pdf
from osteon.outputs.result import BundleInfo, StudyResult
from osteon.outputs.write import OutputError, write_output

router: Final = api_router(prefix="/api/v1/studies/{study}", tags=["readings"], responses=refusals(404))

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Tag = Annotated[str, Header(alias="If-None-Match")]

ANY_FORMAT: Final[dict[int | str, dict[str, Any]]] = {**refusals(403), 200: {"content": {"*/*": {}}}, 304: {}}


@router.get("/overlay.png", response_class=Response, responses={200: {"content": {"image/png": {}}}, 304: {}})
def overlay_png(request: Request, study: str, person: Viewer, known: Tag = "") -> Response:
    """Each image, and beside it the image with heat map and boxes, and the call of the study."""
    del person
    return _shown(_made(request, study, overlay.FORMAT, known), f"{study}-overlay.png")


@router.get(
    "/images/{image}/overlay.png", response_class=Response, responses={200: {"content": {"image/png": {}}}, 304: {}}
)
def image_overlay(request: Request, study: str, image: int, person: Viewer, known: Tag = "") -> Response:
    """The same of one image of the study alone; call and probability are the study's."""
    del person
    return _shown(_made(request, study, overlay.FORMAT, known, image), f"{study}-{image + 1}-overlay.png")


@router.get("/report.html", response_class=Response, responses={200: {"content": {"text/html": {}}}, 304: {}})
def report_html(request: Request, study: str, person: Viewer, known: Tag = "") -> Response:
    """A report of one page, to be looked at or printed; it needs no other file."""
    del person
    return _shown(_made(request, study, html.FORMAT, known), f"{study}-report.html")


@router.get("/report.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}, 304: {}})
def report_pdf(request: Request, study: str, person: Viewer, known: Tag = "") -> Response:
    """The same report as PDF."""
    del person
    return _shown(_made(request, study, pdf.FORMAT, known), f"{study}-report.pdf")


@router.get("/outputs/{form}", response_class=Response, responses=ANY_FORMAT)
def output(
    request: Request,
    study: str,
    form: str,
    person: Viewer,
    known: Tag = "",
    inline: Annotated[bool, Query(description="Whether a browser shows it, rather than keeping it.")] = False,
) -> Response:
    """The reading in one of the output formats; a format that writes several files gives a zip archive of them.

    `GET /formats` lists them. One that names the patient is given to those who may fetch the original files.
    """
    answer = _made(request, study, _format(form), known, identity=_may_identify(person))
    if inline:
        answer.headers["Content-Disposition"] = answer.headers["Content-Disposition"].replace("attachment", "inline", 1)
    return answer


@router.get(
    "/images/{image}/outputs/{form}",
    response_class=Response,
    responses=ANY_FORMAT,
)
def image_output(request: Request, study: str, image: int, form: str, person: Viewer, known: Tag = "") -> Response:
    """The reading of one image of the study, in a format that does not need all of them."""
    return _made(request, study, _format(form), known, image, identity=_may_identify(person))


def _format(name: str) -> Format:
    found = next((one for one in FORMATS if one.name == name), None)
    if found is None:
        raise ProblemError(404, "There is no such format", f"There are {', '.join(one.name for one in FORMATS)}.")
    return found


def _may_identify(person: Person) -> bool:
    """Whether somebody may know the patients: those who may fetch the original files do."""
    return person.role.allows(IDENTIFIED) and Scope.ALL in person.scopes


def _made(
    request: Request, study: str, form: Format, known: str, image: int | None = None, *, identity: bool = False
) -> Response:
    """A reading in a format; of one image where it is named."""
    if Need.IDENTITY in form.needs:
        if not identity:
            raise ProblemError(
                403, "This format names the patient", "It needs the role reader and no key that only views."
            )
        known = ""
    here = context(request)
    with here.database.session() as session:
        stored = fetch(session, study)
    if stored is None:
        raise missing("reading")
    result = stored_result(stored, here.files, _bundle(here, stored), limits(here))
    stem = study if image is None else f"{study}-{image + 1}"
    tag = f'"{stem}-{form.name}-{_digest(result)}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "no-store" if Need.IDENTITY in form.needs else CACHE,
        "Content-Disposition": f'attachment; filename="{stem}{form.suffix}"',
    }
    if same(known, tag):
        return Response(status_code=304, headers=headers)
    if image is not None:
        if not 0 <= image < len(result.reading.radiographs):
            raise missing("image")
        result = result.of_image(image)
    with here.budget.hold(stored.pixels if Need.PIXELS in form.needs else 0):
        name, media_type, data = _written(form, result, stem, identity=identity)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if media_type == "text/html":
        headers["Content-Security-Policy"] = POLICY
    return Response(data, headers=headers, media_type=media_type)


def _digest(result: StudyResult) -> str:
    """Of what may change beside the reading, which never does."""
    said = repr((result.people, result.details, result.bundle))
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _bundle(here: Context, stored: StoredStudy) -> BundleInfo:
    """The bundle that read; nothing but its name where this server has it no more."""
    identity = stored.content["bundle"]
    bundle = here.engines.bundle(identity)
    return BundleInfo(identity) if bundle is None else bundle_info(bundle)


def _shown(answer: Response, name: str) -> Response:
    """An answer that the browser shows, and keeps under a name of its own where it is kept."""
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _written(form: Format, result: StudyResult, stem: str, *, identity: bool) -> tuple[str, str, bytes]:
    """Name, media type and content of what a format writes.

    Raises:
        ProblemError: the format needs DICOM files or all images, or has nothing to say of this reading.
    """
    with tempfile.TemporaryDirectory(prefix="osteon-") as folder:
        try:
            write_output(form, result, Path(folder) / f"{stem}{form.suffix}", identity=identity)
        except OutputError as error:
            raise ProblemError(404, "This format cannot be had of this study", str(error)) from error
        written = sorted(file for file in Path(folder).rglob("*") if file.is_file())
        if not written:
            raise ProblemError(
                404, "This format has nothing to say of this reading", f"{form.label} are not made of it."
            )
        if [file.name for file in written] == [f"{stem}{form.suffix}"]:
            return written[0].name, form.media_type, written[0].read_bytes()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in written:
                archive.write(file, file.relative_to(folder))
        return f"{stem}.{form.name}.zip", "application/zip", stream.getvalue()
