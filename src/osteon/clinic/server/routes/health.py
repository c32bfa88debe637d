"""Health, readiness and metrics."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, PlainTextResponse

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Needs
from osteon.clinic.server.context import context
from osteon.clinic.server.limits.hosts import is_direct
from osteon.clinic.server.problems import LATER
from osteon.clinic.server.routes.router import api_router
from osteon.core.errors import StoreError

router: Final = api_router(prefix="/api/v1", tags=["health"])


class Health(BaseModel):
    """The server responds."""

    status: str = Field(examples=["alive"])


class Readiness(BaseModel):
    """Whether images can be read, part by part."""

    ready: bool
    database: bool
    bundle: str
    worker: bool
    space: bool = Field(description="Whether there is room on the disk for images to be taken in and read.")
    store: bool = Field(
        description="Whether this server holds the lock on the store, and hears of others that share it."
    )
    dicom: bool = Field(description="Whether what comes in over DICOM is taken in, and results are delivered.")


@router.get("/health")
async def get_health() -> Health:
    """Whether the server responds."""
    return Health(status="alive")


@router.get("/ready", response_model=Readiness, responses={503: {"model": Readiness}})
def get_readiness(request: Request) -> Response:
    """Whether images can be sent and read: database, disk and store are usable, the bundle is open, worker and node run."""
    here = context(request)
    try:
        here.database.check_writable()
        answers = True
    except StoreError:
        answers = False
    runs, held, node = here.worker.alive, here.claim.held and here.member.alive, here.node.alive
    try:
        room = here.space.check().enough
    except OSError:
        room = False
    state = Readiness(
        ready=answers and runs and held and room and node,
        database=answers,
        bundle=here.bundle.manifest.identity,
        worker=runs,
        space=room,
        store=held,
        dicom=node,
    )
    headers = None if state.ready else {"Retry-After": str(LATER)}
    return JSONResponse(state.model_dump(), 200 if state.ready else 503, headers)


@router.get("/metrics", response_class=PlainTextResponse)
def get_metrics(request: Request) -> Response:
    """Metrics in the format of Prometheus, for administrators and for programs on this machine."""
    if not is_direct(request.scope):
        Needs(Role.ADMINISTRATOR)(request)
    return Response(context(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
