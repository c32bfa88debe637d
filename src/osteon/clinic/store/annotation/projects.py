"""Projects, and what an account may do in one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, inspect, select, update
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records import project as records
from osteon.clinic.annotation.records.project import Arm, MemberRole, Order
from osteon.clinic.annotation.schema.records import LabelSchema
from osteon.clinic.store.annotation import schemas
from osteon.clinic.store.tables.annotation import Member, Project
from osteon.clinic.store.tables.base import Base, now
from osteon.core.errors import OsteonError


class ProjectError(OsteonError):
    """Something that the present state of a project does not allow."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a project; see ``osteon.clinic.annotation.records.project.Project``."""

    readers_per_study: int = 1
    repeat_share: float = 0.0
    seed: int = 0
    order: Order = Order.RANDOM
    arm: Arm = Arm.UNAIDED
    box_iou: float = 0.5
    body_parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """A project, as somebody enters it.

    Attributes:
        project: with its settings.
        role: what they do there.
        member: None for administrators who are no members.
    """

    project: Project
    role: MemberRole
    member: Member | None


def create(
    session: Session, name: str, schema: LabelSchema, settings: Settings, creator: str, user: int | None = None
) -> Project:
    """Begin a project; its creator becomes its lead where they have an account.

    Raises:
        ProjectError: the name is taken.
    """
    if session.scalar(select(Project.id).where(Project.name == name)) is not None:
        raise ProjectError("there is a project of this name already", hint="Choose another name.")
    project = Project(
        id=secrets.token_hex(16),
        name=name,
        schema_version=1,
        readers_per_study=settings.readers_per_study,
        repeat_share=settings.repeat_share,
        seed=settings.seed,
        order=settings.order,
        arm=settings.arm,
        box_iou=settings.box_iou,
        body_parts=list(settings.body_parts) or None,
        created=now(),
        creator=creator,
        closed=False,
    )
    session.add(project)
    session.flush()
    schemas.keep(session, project.id, 1, schema, creator)
    if user is not None:
        role = MemberRole.LEAD
        session.add(Member(project_id=project.id, user_id=user, name=creator, role=role, active=True, joined=now()))
    session.flush()
    return project


def enter(session: Session, project: str, user: int | None, *, administrator: bool) -> Access | None:
    """A project as an account may enter it; None where it does not exist or is none of theirs.

    Administrators are leads of all projects, except of those in which they are something else: whoever reads is blinded.
    """
    mine = and_(Member.project_id == Project.id, Member.user_id == user, Member.active.is_(True))
    query = select(Project, Member).outerjoin(Member, mine).where(Project.id == project)
    found = session.execute(query).first()
    if found is None:
        return None
    row, member = found[0], found[1] if user is not None else None
    if member is not None:
        return Access(row, MemberRole(member.role), member)
    return Access(row, MemberRole.LEAD, None) if administrator else None


def entered(session: Session, user: int | None, *, administrator: bool) -> list[Access]:
    """All projects that an account may enter, by name."""
    mine = and_(Member.project_id == Project.id, Member.user_id == user, Member.active.is_(True))
    query = select(Project, Member).outerjoin(Member, mine).order_by(Project.name)
    if not administrator:
        query = query.where(Member.id.is_not(None))
    rows: list[tuple[Project, Member | None]] = [(row[0], row[1]) for row in session.execute(query)]
    return [Access(row, MemberRole.LEAD if member is None else MemberRole(member.role), member) for row, member in rows]


def everything(session: Session) -> Sequence[Project]:
    """All projects by name."""
    return session.scalars(select(Project).order_by(Project.name)).all()


def check_open(project: Project) -> None:
    """Refuse changes of a closed project.

    Raises:
        ProjectError: it is closed.
    """
    if project.closed:
        raise ProjectError("the project is closed", hint="A lead can open it again.")


def locked(session: Session, project: Project) -> None:
    """Let nobody else change who is in a project and who reads what until the end of the transaction, and look at it anew."""
    hold(session, Project, Project.id == project.id)
    session.refresh(project)


def hold(session: Session, table: type[Base], row: ColumnElement[bool]) -> None:
    """Keep a row from being changed by others until the end of the transaction.

    It is written as it is: SQLite begins a transaction with the first statement that writes, and what was read before that may
    have been changed since.
    """
    key = inspect(table).primary_key[0]
    session.execute(update(table).where(row).values({key.name: key}), execution_options={"synchronize_session": False})


def record(session: Session, project: Project) -> records.Project:
    """A project as its record."""
    return records.Project(
        id=project.id,
        name=project.name,
        schema_name=schemas.schema_of(session, project.id, project.schema_version).name,
        schema_version=project.schema_version,
        readers_per_study=project.readers_per_study,
        repeat_share=project.repeat_share,
        seed=project.seed,
        order=Order(project.order),
        arm=Arm(project.arm),
        box_iou=project.box_iou,
        created=project.created,
        closed=project.closed,
        body_parts=tuple(project.body_parts or ()),
    )
