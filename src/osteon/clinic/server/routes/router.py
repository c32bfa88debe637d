"""The routers of the API, with what all their routes have in common."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute

from osteon.clinic.server.schemas.problem import ANY_PROBLEM

_NO_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {}


def api_router(prefix: str, tags: list[str], responses: dict[int | str, dict[str, Any]] = _NO_RESPONSES) -> APIRouter:
    """A router whose routes can be put into an application as they are.

    ``FastAPI.include_router`` would work out each route once more for each application, and look for it in two steps.

    Args:
        prefix: of all its paths.
        tags: under which the OpenAPI document lists them.
        responses: that all of them can give, beside what went wrong.
    """
    return APIRouter(
        prefix=prefix,
        tags=list(tags),
        responses={"default": ANY_PROBLEM, **responses},
        generate_unique_id_function=_operation_id,
    )


def _operation_id(route: APIRoute) -> str:
    """The id of an operation: the name of its function, which is unique among all routes."""
    return route.name
