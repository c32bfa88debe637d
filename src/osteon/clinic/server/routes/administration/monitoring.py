"""The watch for drift; for administrators."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response

from osteon.clinic.monitoring.monitoring import Latest
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.monitoring import DriftAlarm, Monitoring, ReaderAgreement, Watched, WatchedShare
from osteon.clinic.server.schemas.problem import refusals
from osteon.html.templating import POLICY
from osteon.monitoring.baseline import BASELINE
from osteon.monitoring.report.page import page

router: Final = api_router(prefix="/api/v1/monitoring", tags=["monitoring"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]


@router.get("")
def get_monitoring(request: Request, person: Administrator) -> Monitoring:
    """What the watch for drift found last; it looks every hour."""
    del person
    here = context(request)
    return _told(here, here.monitoring.latest)


@router.post("/look")
def look_for_drift(request: Request, person: Administrator) -> Monitoring:
    """Look for drift now."""
    del person
    here = context(request)
    found = here.monitoring.look()
    note(request, "look for drift")
    return _told(here, found)


@router.get("/report.html", response_class=Response, responses={200: {"content": {"text/html": {}}}} | refusals(409))
def get_monitoring_report(request: Request, person: Administrator) -> Response:
    """What was found last as a page with curves; it needs no other file."""
    del person
    content = context(request).monitoring.latest.content
    if content is None:
        raise ProblemError(409, "There is no report yet", f"The watch compares from {BASELINE} studies on.")
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache"}
    return Response(page(content), headers=headers, media_type="text/html")


def _told(here: Context, latest: Latest) -> Monitoring:
    return Monitoring(
        bundle=here.bundle.manifest.identity,
        looked=latest.time,
        studies=latest.studies,
        needed=BASELINE,
        watched=None if latest.content is None else _watched(latest.content),
    )


def _watched(content: dict[str, Any]) -> Watched:
    agreement = content["agreement"]
    return Watched(
        first=content["first"],
        last=content["last"],
        studies=content["studies"],
        reference_studies=content["reference"]["studies"],
        reference=content["reference"]["data"],
        learnt_first=content["reference"]["first"],
        learnt_last=content["reference"]["last"],
        streams=content["streams"],
        level=content["level"],
        alarms=[DriftAlarm.model_validate(alarm) for alarm in content["alarms"]],
        agreement=ReaderAgreement(
            share=None if agreement["share"] is None else WatchedShare.model_validate(agreement["share"]),
            answered=agreement["answered"],
            studies=agreement["studies"],
            median_delay_days=agreement["median_delay_days"],
        ),
    )
