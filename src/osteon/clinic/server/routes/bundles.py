"""Bundles and their model cards."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response

from osteon.bundle.archive import Bundle as Archive
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas import bundles as schemas
from osteon.clinic.server.schemas.problem import refusals

router: Final = api_router(prefix="/api/v1", tags=["bundles"])

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]


@router.get("/bundles")
def list_bundles(request: Request, person: Viewer) -> list[schemas.Bundle]:
    """The bundles of this server; the first one reads new studies."""
    del person
    here = context(request)
    return [_described(bundle, default=bundle is here.bundle) for bundle in here.engines.bundles]


@router.get(
    "/bundles/{name}/card",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}, "text/html": {}}}} | refusals(404),
)
def get_model_card(request: Request, name: str, person: Viewer, accept: Annotated[str, Header()] = "") -> Response:
    """The model card: Markdown, or HTML where `Accept: text/html` is sent; its own HTML is escaped."""
    del person
    bundle = context(request).engines.bundle(name)
    if bundle is None:
        raise missing("bundle")
    headers = {"Vary": "Accept", "Cache-Control": "private, no-cache"}
    if "text/html" in accept:
        return Response(_html(bundle.card), headers=headers, media_type="text/html")
    return Response(bundle.card, headers=headers, media_type="text/markdown")


def _html(markdown: str) -> str:
    """A card as HTML: markup within it is shown and not obeyed, and links lead to http, https and mail only."""
    from markdown_it import MarkdownIt  # which nothing else needs, least of all the server's start

    return MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)


def _described(bundle: Archive, *, default: bool) -> schemas.Bundle:
    manifest = bundle.manifest
    boxes = None if manifest.detector is None else manifest.detector.points
    points, indication = manifest.operating_points, manifest.indication
    return schemas.Bundle(
        name=manifest.name,
        version=manifest.version,
        identity=manifest.identity,
        summary=manifest.summary,
        licence=manifest.licence,
        labels=[label.name for label in manifest.labels],
        boxes=[] if manifest.detector is None else [label.name for label in manifest.detector.labels],
        views=list(manifest.views),
        indication=schemas.Indication(
            intended_use=indication.intended_use,
            not_for=list(indication.not_for),
            body_parts=list(indication.body_parts),
            minimum_age=indication.minimum_age,
            maximum_age=indication.maximum_age,
            minimum_side=indication.minimum_side,
        ),
        operating_points=schemas.OperatingPoints(
            doubt=schemas.OperatingPoint.model_validate(points.doubt.model_dump()),
            definite=schemas.OperatingPoint.model_validate(points.definite.model_dump()),
        ),
        digest=bundle.digest,
        default=default,
        box_thresholds=None
        if boxes is None
        else schemas.BoxThresholds(shown=boxes.doubt.threshold, definite=boxes.definite.threshold),
    )
