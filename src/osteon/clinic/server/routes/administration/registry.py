"""The registry of bundles; for administrators."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from osteon.bundle.promotion.page import comparison_page
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.server.schemas.registry import (
    PromotionReason,
    Registered,
    Registry,
    Requirement,
    StageChange,
    StageReason,
)
from osteon.clinic.store.registry import promotion, registry
from osteon.clinic.store.registry.kept import open_kept
from osteon.clinic.store.registry.shadow_page import shadow_page
from osteon.clinic.store.registry.shadows import compare_shadow
from osteon.clinic.store.tables.registry import BundleStage, Registration, RegistryEvent
from osteon.core.wording.promotion import check_words
from osteon.html.templating import POLICY
from osteon.inference.engine import InferenceEngine

router: Final = api_router(prefix="/api/v1/registry", tags=["registry"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]
Wanted = Annotated[str, Path(max_length=200, description="`name@version`, or the first letters of a digest.")]
Name = Annotated[str, Path(max_length=120, description="Of the bundle, without its version.")]


@router.get("")
def get_registry(request: Request, person: Administrator) -> Registry:
    """All bundles of the registry, with who changed their stage, when and why."""
    del person
    return _told(context(request))


@router.get(
    "/{wanted}/comparison.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}} | refusals(409),
)
def get_comparison(request: Request, wanted: Wanted, person: Administrator) -> Response:
    """What a bundle showed beside the live one, and whether that is enough to promote it, as a page that needs no other file."""
    del person
    here = context(request)
    with here.database.session() as session:
        row = registry.find(session, wanted)
        kept = promotion.evidence_of(session, here.settings.store, row)
        if kept is None:
            raise ProblemError(
                409, "There is no comparison", "No comparison with the live bundle is kept with this one."
            )
        live = registry.live(session, row.name)
        reads = promotion.settings_bundle(here.settings, row.name).digest if live is None else live.digest
        page = comparison_page(kept.comparison, open_kept(here.settings.store, row.digest), reads)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache"}
    return Response(page, headers=headers, media_type="text/html")


@router.get(
    "/{wanted}/shadow.html", response_class=Response, responses={200: {"content": {"text/html": {}}}} | refusals(409)
)
def get_shadow_comparison(request: Request, wanted: Wanted, person: Administrator) -> Response:
    """What a bundle said in shadow beside the live one and beside readers, as a page that needs no other file."""
    del person
    with context(request).database.session() as session:
        row = registry.find(session, wanted)
        page = shadow_page(compare_shadow(session, row.digest), row.identity)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache"}
    return Response(page, headers=headers, media_type="text/html")


@router.post("/{wanted}/promote", responses=refusals(409))
def promote_bundle(request: Request, wanted: Wanted, reason: PromotionReason, person: Administrator) -> Registry:
    """Let a bundle read from now on, in place of the live one of its name, if its comparison shows all that was planned.

    With `override` it reads although something does not hold; that, and who did it, is kept. Earlier readings stay as they are.
    """
    here = context(request)
    with here.database.session() as session:
        known = registry.find(session, wanted).digest
    candidate = open_kept(here.settings.store, known)
    InferenceEngine(candidate, threads=1)  # before anything is changed
    with here.database.session() as session:
        row = registry.find(session, known)
        usual = promotion.settings_bundle(here.settings, row.name)
        checks = promotion.checks_of(session, here.settings.store, row, candidate, usual)
        promotion.promote(session, row, registry.Decision(person.name, reason.reason), checks, reason.override)
        digest = row.digest
    note(request, "promote bundle", digest)
    here.follower.look()
    return _told(here)


@router.post("/{name}/rollback", responses=refusals(409))
def roll_bundle_back(request: Request, name: Name, reason: StageReason, person: Administrator) -> Registry:
    """Take the last promotion of a name back: the bundle before it reads again."""
    here = context(request)
    with here.database.session() as session:
        before = registry.rollback(session, name, registry.Decision(person.name, reason.reason))
        digest = "" if before is None else before.digest
    note(request, "roll bundle back", digest)
    here.follower.look()
    return _told(here)


def _told(here: Context) -> Registry:
    with here.database.session() as session:
        rows = [_registered(session, here, row) for row in registry.listed(session)]
    return Registry(reads=here.bundle.manifest.identity, bundles=rows)


def _registered(session: Session, here: Context, row: Registration) -> Registered:
    return Registered(
        digest=row.digest,
        name=row.name,
        identity=row.identity,
        stage=BundleStage(row.stage),
        added=row.added,
        compared=promotion.evidence_of(session, here.settings.store, row) is not None,
        changes=[_change(event) for event in registry.history(session, row.digest)],
    )


def _change(event: RegistryEvent) -> StageChange:
    return StageChange(
        time=event.time,
        person=event.person,
        action=event.action,
        stage=BundleStage(event.stage),
        reason=event.reason,
        evidence=event.evidence,
        evidence_name=event.evidence_name,
        override=event.override,
        requirements=[
            Requirement(code=one.code, passed=one.passed, words=check_words(one.code, one.values, passed=one.passed))
            for one in promotion.kept_checks(event)
        ],
    )
