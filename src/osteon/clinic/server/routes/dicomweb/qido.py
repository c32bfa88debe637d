"""QIDO-RS: what the store holds, by UIDs, PatientID, AccessionNumber, Modality and date (PS3.18 section 10.6)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, about, listed, needs
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.server.routes.dicomweb.headers import Attributes, kept, value
from osteon.clinic.server.routes.dicomweb.stow import JSON
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.pacs.holdings import Holding, Instance, Keys, holdings

router: Final = APIRouter(prefix="/dicomweb", tags=["dicomweb"])

MOST: Final = 1000
"""Results in an answer."""

SCANNED: Final = 2000
"""Studies whose headers are read for one answer, the newest ones: dates are nowhere but in them."""

DATE: Final = "00080020"
MODALITY: Final = "00080060"
STUDY: Final = (
    DATE,
    "00080030",
    "00080050",
    "00080090",
    "00100010",
    "00100020",
    "00100030",
    "00100040",
    "0020000D",
    "00200010",
)
"""Attributes of a study that are told (PS3.18 table 10.6.3-3); others are added."""
SERIES: Final = (MODALITY, "0008103E", "0020000E", "00200011", "00080021", "00080031", "00180015")
INSTANCE: Final = ("00080016", "00080018", "00200013", "00280008", "00280010", "00280011", "00280100", "00185101")

_NAMES: Final = {
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018",
    "PatientID": "00100020",
    "AccessionNumber": "00080050",
    "StudyDate": DATE,
    "Modality": MODALITY,
    "ModalitiesInStudy": "00080061",
}
_RANGE: Final = re.compile(r"(\d{8})?(-)?(\d{8})?")
_OTHERS: Final = frozenset({"limit", "offset", "includefield", "fuzzymatching"})
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {JSON: {}}}, **refusals(400)}

Reader = Annotated[Person, Depends(needs(Role.READER))]
Result = tuple[Attributes, str]
"""Attributes, and the path of what they are of."""


@router.get("/studies", response_class=Response, responses=_ANSWER)
def search_studies(request: Request, person: Reader) -> Response:
    """Search for studies.

    Matching by StudyInstanceUID, PatientID, AccessionNumber, StudyDate (also ranges) and ModalitiesInStudy; `limit`, `offset`.
    """
    del person
    return _answer(request, {}, _studies)


@router.get("/series", response_class=Response, responses=_ANSWER)
def search_series(request: Request, person: Reader) -> Response:
    """Search for series of all studies."""
    del person
    return _answer(request, {}, _series)


@router.get("/studies/{study}/series", response_class=Response, responses=_ANSWER)
def search_study_series(request: Request, study: str, person: Reader) -> Response:
    """The series of a study."""
    del person
    return _answer(request, {"0020000D": study}, _series)


@router.get("/instances", response_class=Response, responses=_ANSWER)
def search_instances(request: Request, person: Reader) -> Response:
    """Search for instances of all studies."""
    del person
    return _answer(request, {}, _instances)


@router.get("/studies/{study}/instances", response_class=Response, responses=_ANSWER)
def search_study_instances(request: Request, study: str, person: Reader) -> Response:
    """The instances of a study."""
    del person
    return _answer(request, {"0020000D": study}, _instances)


@router.get("/studies/{study}/series/{series}/instances", response_class=Response, responses=_ANSWER)
def search_series_instances(request: Request, study: str, series: str, person: Reader) -> Response:
    """The instances of a series."""
    del person
    return _answer(request, {"0020000D": study, "0020000E": series}, _instances)


def _answer(
    request: Request,
    stated: dict[str, str],
    results: Callable[[Holding, list[tuple[Instance, Attributes]]], Iterator[Result]],
) -> Response:
    here, wanted = context(request), {**_wanted(request), **stated}
    limit, offset = _number(request, "limit", MOST), _number(request, "offset", 0)
    root = f"{str(request.base_url).rstrip('/')}/dicomweb/studies"
    found: list[Attributes] = []
    studies: list[str] = []
    skipped, cut = 0, False
    for number, holding in enumerate(_matching(here, wanted)):
        if number >= SCANNED:
            cut = True
            break
        read = [(instance, kept(here.files.path(instance.digest))) for instance in holding.instances]
        read = [item for item in read if _fits(item[1], wanted)]
        for attributes, path in results(holding, read) if read else ():
            if skipped < offset:
                skipped += 1
            elif len(found) < min(limit, MOST):
                found.append({**attributes, "00081190": {"vr": "UR", "Value": [f"{root}/{path}"]}})
                studies.append(holding.study)
        if len(found) >= min(limit, MOST):
            break
    about(request, ())
    listed(request, tuple(dict.fromkeys(studies)))
    warning = {"Warning": f'299 osteon "only the {SCANNED} newest studies were searched"'} if cut else None
    return Response(json.dumps(found), media_type=JSON, headers=warning)


def _matching(here: Context, wanted: dict[str, str]) -> Iterator[Holding]:
    keys = Keys(*(wanted.get(tag, "") for tag in ("0020000D", "0020000E", "00080018", "00100020", "00080050")))
    with here.database.session() as session:
        yield from holdings(session, keys)


def _wanted(request: Request) -> dict[str, str]:
    """The matching keys of the query, by tag."""
    found: dict[str, str] = {}
    for name, given in request.query_params.items():
        if name in _OTHERS:
            continue
        tag = _NAMES.get(name, name.upper())
        if tag not in _NAMES.values():
            expected = ", ".join(sorted(_NAMES))
            raise ProblemError(400, "The query is not supported", f"It can be searched by {expected}.")
        if tag == DATE and not _RANGE.fullmatch(given):
            raise ProblemError(400, "The query is not valid", "A date is YYYYMMDD, a range YYYYMMDD-YYYYMMDD.")
        found[tag] = given
    return found


def _fits(attributes: Attributes, wanted: dict[str, str]) -> bool:
    """Whether the header of an instance fulfils what the database does not know."""
    modality = wanted.get(MODALITY) or wanted.get("00080061", "")
    if modality and value(attributes, MODALITY) not in modality.split("\\"):
        return False
    asked = wanted.get(DATE, "")
    if not asked:
        return True
    date, begin, dash, end = value(attributes, DATE), *_range(asked)
    if not dash:
        return date == begin
    return bool(date) and (begin or "") <= date <= (end or "99999999")


def _range(asked: str) -> tuple[str, str, str]:
    """Begin, dash and end of a date or range."""
    found = _RANGE.fullmatch(asked)
    begin, dash, end = ("", "", "") if found is None else found.groups(default="")
    return begin, dash, end


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name, "")
    if not given:
        return default
    if not given.isascii() or not given.isdecimal() or len(given) > 9:
        raise ProblemError(400, "The query is not valid", f"`{name}` is a number.")
    return int(given)


def _studies(holding: Holding, read: list[tuple[Instance, Attributes]]) -> Iterator[Result]:
    modalities = sorted({value(attributes, MODALITY) for _, attributes in read} - {""})
    series = {instance.series for instance in holding.instances}
    own: Attributes = {
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        "00080061": {"vr": "CS", "Value": modalities},
        "00201206": {"vr": "IS", "Value": [len(series)]},
        "00201208": {"vr": "IS", "Value": [len(holding.instances)]},
    }
    yield {**_chosen(read[0][1], STUDY), **own}, holding.uid


def _series(holding: Holding, read: list[tuple[Instance, Attributes]]) -> Iterator[Result]:
    for series in dict.fromkeys(instance.series for instance, _ in read):
        own = [attributes for instance, attributes in read if instance.series == series]
        count: Attributes = {"00201209": {"vr": "IS", "Value": [len(own)]}}
        yield {**_chosen(own[0], (*STUDY, *SERIES)), **count}, f"{holding.uid}/series/{series}"


def _instances(holding: Holding, read: list[tuple[Instance, Attributes]]) -> Iterator[Result]:
    for instance, attributes in read:
        own: Attributes = {"00080056": {"vr": "CS", "Value": ["ONLINE"]}}
        path = f"{holding.uid}/series/{instance.series}/instances/{instance.uid}"
        yield {**_chosen(attributes, (*STUDY, *SERIES, *INSTANCE)), **own}, path


def _chosen(attributes: Attributes, tags: tuple[str, ...]) -> Attributes:
    return {tag: attributes[tag] for tag in tags if tag in attributes}
