"""Members of annotation projects: for leads."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from osteon.clinic.annotation.records import project as records
from osteon.clinic.server.access.access import note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.annotation.entry import LEAD, Annotator, enter
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.annotation.projects import MemberChoice, ProjectMember
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.access import accounts
from osteon.clinic.store.annotation import members as store
from osteon.clinic.store.annotation import projects

router: Final = api_router(
    prefix="/api/v1/projects/{project}/members", tags=["annotation"], responses=refusals(403, 404)
)


@router.get("")
def list_members(request: Request, project: str, person: Annotator) -> list[ProjectMember]:
    """All members, former ones too."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        return [_shown(member) for member in store.of_project(session, access.project.id)]


@router.put("/{name}", responses=refusals(409))
def put_member(request: Request, project: str, name: str, given: MemberChoice, person: Annotator) -> ProjectMember:
    """Make an account a member, or give a member another role."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        projects.locked(session, access.project)
        user = accounts.find(session, name)
        if user is None or not user.active:
            raise missing("account")
        number = store.put(session, access.project, user, given.role).id
        made = next(member for member in store.of_project(session, access.project.id) if member.id == number)
    note(request, f"put annotation member ({given.role})", project, made.name)
    return _shown(made)


@router.delete("/{name}", status_code=204, responses=refusals(409))
def remove_member(request: Request, project: str, name: str, person: Annotator) -> None:
    """End a membership: studies that are not begun are withdrawn, reads stay."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        projects.locked(session, access.project)
        member = store.remove(session, access.project, name)
        if member is None:
            raise missing("member")
        gone = member.name
    note(request, "remove annotation member", project, gone)


def _shown(member: records.Member) -> ProjectMember:
    return ProjectMember(
        id=member.id, name=member.name, role=member.role, active=member.active, sees_room=member.sees_room
    )
