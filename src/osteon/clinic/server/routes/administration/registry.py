"""The registry of bundles; for administrators."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.server.schemas.registry import Registered, Registry, StageChange, StageReason
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.kept import open_kept
from osteon.clinic.store.tables.registry import BundleStage
from osteon.inference.engine import InferenceEngine

router: Final = APIRouter(prefix="/api/v1/registry", tags=["registry"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]
Wanted = Annotated[str, Path(max_length=200, description="`name@version`, or the first letters of a digest.")]
Name = Annotated[str, Path(max_length=120, description="Of the bundle, without its version.")]


@router.get("")
def get_registry(request: Request, person: Administrator) -> Registry:
    """All bundles of the registry, with who changed their stage, when and why."""
    del person
    return _told(context(request))


@router.post("/{wanted}/promote", responses=refusals(409))
def promote_bundle(request: Request, wanted: Wanted, reason: StageReason, person: Administrator) -> Registry:
    """Let a bundle read from now on, in place of the live one of its name. Earlier readings stay as they are."""
    here = context(request)
    with here.database.session() as session:
        known = registry.find(session, wanted).digest
    InferenceEngine(open_kept(here.settings.store, known), threads=1)  # before anything is changed
    with here.database.session() as session:
        row = registry.find(session, known)
        registry.promote(session, row, registry.Decision(person.name, reason.reason))
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
        rows = [
            Registered(
                digest=row.digest,
                name=row.name,
                identity=row.identity,
                stage=BundleStage(row.stage),
                added=row.added,
                changes=[
                    StageChange(
                        time=event.time,
                        person=event.person,
                        action=event.action,
                        stage=BundleStage(event.stage),
                        reason=event.reason,
                        evidence=event.evidence,
                        evidence_name=event.evidence_name,
                    )
                    for event in registry.history(session, row.digest)
                ],
            )
            for row in registry.listed(session)
        ]
    return Registry(reads=here.bundle.manifest.identity, bundles=rows)
