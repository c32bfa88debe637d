"""What is made of a reading: the overlay, reports, output formats. All of it shows the reading that was kept."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Depends, Header, Request, Response
from PIL import Image
from sqlalchemy.orm import Session

from osteon.clinic.marks.annotations import people
from osteon.clinic.reading.radiographs import blank, decoded
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.studies.images import CACHE, limits, same
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies.queue import UNKNOWN
from osteon.clinic.store.studies.readings import restore
from osteon.clinic.store.tables import studies as tables
from osteon.core.records import Reading
from osteon.outputs import FORMATS, words
from osteon.outputs import report_html as html
from osteon.outputs import report_pdf as pdf
from osteon.outputs.format import Format
from osteon.outputs.overlay import draw, of_image
from osteon.outputs.report import About, People, Report, compose

router: Final = APIRouter(prefix="/api/v1/studies/{study}", tags=["readings"], responses=refusals(404))

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Tag = Annotated[str, Header(alias="If-None-Match")]

WITHOUT_PIXELS: Final = frozenset({"json", "csv", "coco", "yolo"})
"""Formats that are made of words and positions: nothing is decoded for them."""


class _Whole(NamedTuple):
    """A study that was read."""

    content: dict[str, Any]
    images: tuple[tables.Image, ...]
    originals: tuple[tables.Original, ...]

    @property
    def pixels(self) -> int:
        """Of all its files."""
        return sum(UNKNOWN if one.pixels is None else one.pixels for one in self.originals)


@router.get("/overlay.png", response_class=Response, responses={200: {"content": {"image/png": {}}}, 304: {}})
def overlay(request: Request, study: str, person: Viewer, known: Tag = "") -> Response:
    """Each image, and beside it the image with heat map and boxes, and what was said of the study."""
    del person
    answer = _made(request, study, known, "overlay", "image/png", lambda reading: _png(draw(reading)))
    return _named(answer, f"{study}-overlay.png")


@router.get(
    "/images/{image}/overlay.png", response_class=Response, responses={200: {"content": {"image/png": {}}}, 304: {}}
)
def image_overlay(request: Request, study: str, image: int, person: Viewer, known: Tag = "") -> Response:
    """The same of one image of the study alone; call and probability are the study's."""
    del person

    def make(reading: Reading) -> bytes:
        if not 0 <= image < len(reading.radiographs):
            raise missing("image")
        return _png(draw(of_image(reading, image)))

    answer = _made(request, study, known, f"overlay-{image}", "image/png", make)
    return _named(answer, f"{study}-{image + 1}-overlay.png")


@router.get("/report.html", response_class=Response, responses={200: {"content": {"text/html": {}}}, 304: {}})
def report_html(request: Request, study: str, person: Viewer, known: Tag = "") -> Response:
    """A report of one page, to be looked at or printed; it needs no other file."""
    del person
    answer = _report(request, study, known, "report", "text/html; charset=utf-8", lambda one: html.render(one).encode())
    answer.headers["Content-Security-Policy"] = html.POLICY
    return answer


@router.get("/report.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}, 304: {}})
def report_pdf(request: Request, study: str, person: Viewer, known: Tag = "") -> Response:
    """The same report as PDF."""
    del person
    answer = _report(request, study, known, "report-pdf", "application/pdf", pdf.render)
    return _named(answer, f"{study}-report.pdf")


@router.get("/outputs/{form}", response_class=Response, responses={200: {"content": {"*/*": {}}}})
def output(request: Request, study: str, form: str, person: Viewer) -> Response:
    """The reading in one of the output formats; a format that writes several files gives a zip archive of them."""
    del person
    found = next((one for one in FORMATS if one.name == form), None)
    if found is None:
        there = ", ".join(one.name for one in FORMATS)
        raise ProblemError(404, "There is no such format", f"There are {there}.")
    here = context(request)
    whole = _whole(request, study)
    with here.budget.hold(whole.pixels if form not in WITHOUT_PIXELS else 0):
        reading = _reading(here, study, whole, pixels=form not in WITHOUT_PIXELS)
        name, media, data = _written(found, reading, study, here.files.path(whole.originals[0].digest))
    disposition = f'attachment; filename="{name}"'
    return Response(data, headers={"Content-Disposition": disposition, "Cache-Control": CACHE}, media_type=media)


def _facts(request: Request, study: str) -> list[tuple[str, str]]:
    """What a report says of the study; nothing that names a patient."""
    with context(request).database.session() as session:
        row = store.find(session, study)
    if row is None:
        raise missing("study")
    years = "" if row.age is None else words.age(row.age)
    told = [
        ("Study", row.id),
        ("Version", _version(row)),
        ("Patient", row.pseudonym or ""),
        ("Age, sex", ", ".join(part for part in (years, row.sex or "") if part)),
        ("Body part", row.body_part or ""),
        ("Received", f"{row.received:%Y-%m-%d %H:%M} UTC"),
        ("Read", "" if row.read is None else f"{row.read:%Y-%m-%d %H:%M} UTC"),
    ]
    return [(name, value) for name, value in told if value]


def _version(row: tables.Study) -> str:
    """Which version of the result it is, where there are several."""
    if row.version == 1 and row.newer is None:
        return ""
    return f"{row.version}" if row.newer is None else f"{row.version}; a newer version has replaced it"


def _about(request: Request, reading: Reading) -> About | None:
    """What the bundle that read is for; None where another one reads by now."""
    bundle = context(request).bundle
    if bundle.manifest.identity != reading.bundle:
        return None
    indication = bundle.manifest.indication
    return About(indication.intended_use, tuple(indication.not_for), bundle.digest)


def _whole(request: Request, study: str) -> _Whole:
    with context(request).database.session() as session:
        return _fetched(session, study)


def _fetched(session: Session, study: str) -> _Whole:
    content = store.content(session, study)
    if content is None:
        raise missing("reading")
    return _Whole(content, tuple(store.images(session, study)), tuple(store.originals(session, study)))


def _reading(here: Context, study: str, whole: _Whole, *, pixels: bool = True) -> Reading:
    """The reading as it was kept, over films that are decoded again where their pixels are wanted."""
    films = (
        decoded(here.files, study, {one.position: one for one in whole.originals}, whole.images, limits(here))
        if pixels
        else blank(study, whole.images)
    )
    return restore(whole.content, films)


def _report(
    request: Request, study: str, known: str, what: str, media: str, render: Callable[[Report], bytes]
) -> Response:
    """A report, with what people have said so far."""
    said = _people(request, study)
    facts = _facts(request, study)
    digest = hashlib.sha256(repr((said, facts)).encode("utf-8", "backslashreplace")).hexdigest()[:16]

    def make(reading: Reading) -> bytes:
        return render(compose(reading, facts, _about(request, reading), said))

    return _made(request, study, known, f"{what}-{digest}", media, make)


def _people(request: Request, study: str) -> People:
    with context(request).database.session() as session:
        row = store.find(session, study)
        if row is None:
            raise missing("study")
        return people(session, row)


def _made(
    request: Request, study: str, known: str, what: str, media: str, make: Callable[[Reading], bytes]
) -> Response:
    """Something that is made of a reading; a reading never changes, so what is made of it changes only with ``what``."""
    whole = _whole(request, study)
    tag = f'"{study}-{what}"'
    headers = {"ETag": tag, "Cache-Control": CACHE}
    if same(known, tag):
        return Response(status_code=304, headers=headers)
    with context(request).budget.hold(whole.pixels):
        data = make(_reading(context(request), study, whole))
    return Response(data, headers=headers, media_type=media)


def _named(answer: Response, name: str) -> Response:
    """An answer that the browser shows, and keeps under a name of its own where it is kept."""
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def _written(form: Format, reading: Reading, study: str, source: Path) -> tuple[str, str, bytes]:
    """Name, media type and content of what a format writes."""
    with tempfile.TemporaryDirectory(prefix="osteon-") as folder:
        form.write(reading, source, Path(folder) / f"{study}{form.suffix}")
        written = sorted(file for file in Path(folder).rglob("*") if file.is_file())
        if [file.name for file in written] == [f"{study}{form.suffix}"]:
            return written[0].name, form.media_type, written[0].read_bytes()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in written:
                archive.write(file, file.relative_to(folder))
        return f"{study}.{form.name}.zip", "application/zip", stream.getvalue()
