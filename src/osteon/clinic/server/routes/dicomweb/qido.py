"""QIDO-RS: what the store holds (PS3.18 section 10.6). The database finds it; headers are read of what is told alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, about, listed, needs
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.routes.dicomweb.headers import Attributes, kept, value
from osteon.clinic.server.routes.dicomweb.search import INSTANCE, MODALITY, MOST, SERIES, STUDY, Search, search
from osteon.clinic.server.routes.dicomweb.stow import JSON
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.pacs.holdings import Holding, Instance, holdings, modalities

router: Final = api_router(prefix="/dicomweb", tags=["dicomweb"])

_ANSWER: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {JSON: {}}}, **refusals(400)}
_CUT: Final = '299 osteon "There are more results than this server gives at once: ask for the rest with offset"'

Reader = Annotated[Person, Depends(needs(Role.READER))]


@dataclass(frozen=True, slots=True)
class Match:
    """A study, series or instance that matches.

    Attributes:
        holding: the study.
        instances: of it, or of the series, or the one.
        path: below that of all studies.
    """

    holding: Holding
    instances: Sequence[Instance]
    path: str


Level = Callable[[Holding], Iterator[Match]]
"""What a study that matches brings to the answer."""


@router.get("/studies", response_class=Response, responses=_ANSWER)
def search_studies(request: Request, person: Reader) -> Response:
    """Search for studies.

    Matching by StudyInstanceUID (also lists), PatientID, PatientName, AccessionNumber, StudyID and ReferringPhysicianName (also
    with the wildcards `*` and `?`), StudyDate and StudyTime (also ranges) and ModalitiesInStudy; `limit`, `offset`,
    `includefield`, `fuzzymatching` of names.
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


def _answer(request: Request, stated: dict[str, str], level: Level) -> Response:
    here = context(request)
    wanted = search(request.query_params.multi_items(), stated)
    matches = _matching(here, wanted, level)
    cut = len(matches) > wanted.limit
    matches = matches[: wanted.limit]
    root = f"{str(request.base_url).rstrip('/')}/dicomweb/studies"
    with here.database.session() as session:
        found = modalities(session, {match.holding.study for match in matches})
    told = [
        {
            **_attributes(here, match, level, wanted, found.get(match.holding.study, [])),
            "00081190": {"vr": "UR", "Value": [f"{root}/{match.path}"]},
        }
        for match in matches
    ]
    about(request, ())
    listed(request, tuple(dict.fromkeys(match.holding.study for match in matches)))
    warning = {"Warning": _CUT} if cut and wanted.limit == MOST else None
    return Response(json.dumps(told), media_type=JSON, headers=warning)


def _matching(here: Context, wanted: Search, level: Level) -> list[Match]:
    """The matches that are told, and one more where there is one."""
    by_study = level is _studies
    with here.database.session() as session:
        studies = holdings(session, wanted.keys, wanted.offset if by_study else 0)
        matches = (match for holding in studies for match in level(holding))
        begin = 0 if by_study else wanted.offset
        return list(islice(matches, begin, begin + wanted.limit + 1))


def _studies(holding: Holding) -> Iterator[Match]:
    yield Match(holding, holding.instances, holding.uid)


def _series(holding: Holding) -> Iterator[Match]:
    for series in dict.fromkeys(instance.series for instance in holding.instances):
        own = [instance for instance in holding.instances if instance.series == series]
        yield Match(holding, own, f"{holding.uid}/series/{series}")


def _instances(holding: Holding) -> Iterator[Match]:
    for instance in holding.instances:
        yield Match(holding, [instance], f"{holding.uid}/series/{instance.series}/instances/{instance.uid}")


def _attributes(here: Context, match: Match, level: Level, wanted: Search, kinds: list[str]) -> Attributes:
    """What is told of a match: what the database knows, and what the header of its first instance says."""
    first, header = match.instances[0], kept(here.files.path(match.instances[0].digest))
    found: Attributes = {"0020000D": {"vr": "UI", "Value": [match.holding.uid]}}
    if level is _studies:
        found |= _chosen(header, (*STUDY, *wanted.further), all_of_it=wanted.everything)
        found["00080056"] = {"vr": "CS", "Value": ["ONLINE"]}
        found["00080061"] = {"vr": "CS", "Value": kinds or [value(header, MODALITY)]}
        found["00201206"] = {"vr": "IS", "Value": [len({one.series for one in match.instances})]}
        found["00201208"] = {"vr": "IS", "Value": [len(match.instances)]}
    elif level is _series:
        found |= _chosen(header, (*STUDY, *SERIES, *wanted.further), all_of_it=wanted.everything)
        found["00201209"] = {"vr": "IS", "Value": [len(match.instances)]}
    else:
        found |= {"00080018": {"vr": "UI", "Value": [first.uid]}}
        found |= _chosen(header, (*STUDY, *SERIES, *INSTANCE, *wanted.further), all_of_it=wanted.everything)
        found["00080056"] = {"vr": "CS", "Value": ["ONLINE"]}
    return found


def _chosen(attributes: Attributes, tags: Sequence[str], *, all_of_it: bool) -> Attributes:
    return attributes if all_of_it else {tag: attributes[tag] for tag in tags if tag in attributes}
