"""Members of projects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records import project as records
from osteon.clinic.annotation.records.project import AssignmentState, MemberRole
from osteon.clinic.role import Role
from osteon.clinic.store.annotation.projects import ProjectError
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.annotation import Assignment, Member, Project
from osteon.clinic.store.tables.base import now


def put(session: Session, project: Project, user: User, role: MemberRole) -> Member:
    """Make an account a member, or give a member another role.

    Raises:
        ProjectError: the last lead would be lost; or an annotator who has reads would become somebody who sees others' reads
            while studies wait for theirs.
    """
    member = session.scalar(select(Member).where(Member.project_id == project.id, Member.user_id == user.id))
    if member is None:
        member = Member(project_id=project.id, user_id=user.id, name=user.name, role=role, active=True, joined=now())
        session.add(member)
        session.flush()
        return member
    if member.role == MemberRole.LEAD and member.active and role is not MemberRole.LEAD:
        _keep_lead(session, member)
    if member.role == MemberRole.ANNOTATOR and role is not MemberRole.ANNOTATOR and _unfinished(session, member):
        raise ProjectError(
            "this annotator has studies that are not finished",
            hint="Withdraw them first: whoever sees the reads of others cannot read blindly.",
        )
    if member.role != MemberRole.ANNOTATOR and role is MemberRole.ANNOTATOR:
        raise ProjectError(
            f"a {member.role} of this project has seen the reads of others",
            expected="an account that was neither lead nor adjudicator here",
        )
    member.role, member.active, member.name = role, True, user.name
    session.flush()
    return member


def remove(session: Session, project: Project, name: str) -> Member | None:
    """End a membership: what the member has not finished is withdrawn, their reads stay. None where nobody has this name.

    Raises:
        ProjectError: they are the last lead.
    """
    member = session.scalar(
        select(Member).where(Member.project_id == project.id, Member.name == name, Member.active.is_(True))
    )
    if member is None:
        return None
    if member.role == MemberRole.LEAD:
        _keep_lead(session, member)
    member.active = False
    open_ones = (Assignment.member_id == member.id, Assignment.state == AssignmentState.OPEN)
    session.execute(update(Assignment).where(*open_ones).values(state=AssignmentState.WITHDRAWN, changed=now()))
    session.flush()
    return member


def of_project(session: Session, project: str, role: MemberRole | None = None) -> list[records.Member]:
    """Members as records, former ones too, in the order in which they joined."""
    query = select(Member, User.role).outerjoin(User, User.id == Member.user_id)
    query = query.where(Member.project_id == project).order_by(Member.id)
    if role is not None:
        query = query.where(Member.role == role, Member.active.is_(True))
    rows: list[tuple[Member, str | None]] = [(row[0], row[1]) for row in session.execute(query)]
    return [
        records.Member(
            id=member.id,
            name=member.name,
            role=MemberRole(member.role),
            active=member.active and account is not None,
            sees_room=account is not None and Role(account).allows(Role.VIEWER),
        )
        for member, account in rows
    ]


def names(session: Session, project: str) -> dict[int, str]:
    """Names of all members by number."""
    rows = session.execute(select(Member.id, Member.name).where(Member.project_id == project))
    return {row[0]: row[1] for row in rows}


def _keep_lead(session: Session, member: Member) -> None:
    others: Sequence[int] = session.scalars(
        select(Member.id).where(
            Member.project_id == member.project_id,
            Member.role == MemberRole.LEAD,
            Member.active.is_(True),
            Member.user_id.is_not(None),
            Member.id != member.id,
        )
    ).all()
    if not others:
        raise ProjectError("this is the last lead of the project", hint="Make another member lead first.")


def _unfinished(session: Session, member: Member) -> bool:
    query = select(Assignment.id).where(
        Assignment.member_id == member.id, Assignment.state.in_((AssignmentState.OPEN, AssignmentState.AIDED))
    )
    return session.scalar(query.limit(1)) is not None
