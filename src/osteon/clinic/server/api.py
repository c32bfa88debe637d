"""The routes of the API, without what answers them: the served OpenAPI document is made from these alone."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import Lifespan

from osteon.clinic.server.routes import bundles, events, formats, health
from osteon.clinic.server.routes.administration import accounts, audit, monitoring, pacs, pulls, registry, storage
from osteon.clinic.server.routes.annotation import adjudication, items, members, projects, results, work
from osteon.clinic.server.routes.dicomweb import qido, stow, wado
from osteon.clinic.server.routes.session import account, login, single_sign_on
from osteon.clinic.server.routes.studies import (
    annotations,
    earlier,
    images,
    jobs,
    marks,
    opinions,
    outputs,
    rereading,
    upload,
    worklist,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    login.router,
    single_sign_on.router,
    upload.router,
    worklist.router,
    rereading.router,
    storage.router,
    monitoring.router,
    registry.router,
    pacs.router,
    pulls.router,
    images.router,
    outputs.router,
    formats.router,
    opinions.router,
    marks.router,
    annotations.router,
    earlier.router,
    projects.router,
    members.router,
    items.router,
    work.router,
    adjudication.router,
    results.router,
    jobs.router,
    events.router,
    bundles.router,
    accounts.router,
    account.router,
    audit.router,
    health.router,
    stow.router,
    qido.router,
    wado.router,
)
"""All routers of the API. Each route needs a role, except those in ``PUBLIC``."""

PUBLIC: Final = frozenset(
    {
        ("GET", "/api/v1/session"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/setup"),
        ("GET", "/api/v1/oidc/login"),
        ("GET", "/api/v1/oidc/callback"),
        ("GET", "/api/v1/health"),
        ("GET", "/api/v1/ready"),
        ("GET", "/api/v1/metrics"),  # asks for an administrator itself, unless a program on this machine asks
    }
)
"""Routes that anybody may ask, by method and path."""

DOCUMENT: Final = "/api/v1/openapi.json"
"""The route of the OpenAPI document."""


def routes() -> list[APIRoute]:
    """All routes of the API, for what must hold for each of them."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def api(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The API with its routes; ``lifespan`` is what runs beside the requests."""
    app = FastAPI(
        title="Osteon",
        version=version("osteon"),
        summary="Reads bone radiographs. For research and not for diagnosis.",
        openapi_url=DOCUMENT,
        docs_url=None,  # FastAPI's pages load their scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.router.routes.extend(routes())
    return app
