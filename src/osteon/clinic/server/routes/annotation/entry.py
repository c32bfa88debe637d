"""Who enters a project, and as what."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.project import MemberRole
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.store.annotation import items, projects, work
from osteon.clinic.store.annotation.projects import Access
from osteon.clinic.store.annotation.work import Work
from osteon.clinic.store.tables.annotation import Item

Annotator = Annotated[Person, Depends(needs(Role.ANNOTATOR))]
"""Anybody with an account; what they may do, their membership says."""

Reader = Annotated[Person, Depends(needs(Role.READER))]
ItemNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int | None, Query(ge=0, le=2**53, alias="cursor", description="`next` of the page before.")]

LEAD: Final = (MemberRole.LEAD,)
DECIDING: Final = (MemberRole.LEAD, MemberRole.ADJUDICATOR)
ANYBODY: Final = tuple(MemberRole)


def enter(request: Request, session: Session, person: Person, project: str, roles: tuple[MemberRole, ...]) -> Access:
    """A project, entered in one of some roles.

    Raises:
        ProblemError: it does not exist or is none of theirs (404), or their role is another (403).
    """
    administrator = person.role.allows(Role.ADMINISTRATOR)
    access = projects.enter(session, project, person.id, administrator=administrator)
    if access is None:
        raise missing("project")
    if access.role not in roles:
        note(request, "enter annotation project", project, result="refused")
        raise ProblemError(403, f"This needs the role {' or '.join(roles)} in the project", f"Yours is {access.role}.")
    return access


def item_of(session: Session, access: Access, item: int) -> Item:
    """A study of a project.

    Raises:
        ProblemError: there is none of this number.
    """
    found = items.find(session, access.project.id, item)
    if found is None:
        raise missing("study in the project")
    return found


def own_work(session: Session, person: Person, assignment: str, *, changing: bool = False) -> Work:
    """An own assignment.

    Raises:
        ProblemError: there is none: it does not exist, or it is somebody else's.
    """
    found = work.own(session, person.id, assignment, changing=changing)
    if found is None:
        raise missing("assignment")
    return found
