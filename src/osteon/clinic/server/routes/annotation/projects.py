"""Annotation projects: begin, list, change; their label schemas and progress."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.project import MemberRole
from osteon.clinic.annotation.schema.parse import FileFault, check_text, content_of, parse
from osteon.clinic.annotation.schema.shipped import SHIPPED, shipped
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import note
from osteon.clinic.server.context import context
from osteon.clinic.server.routes.annotation.entry import ANYBODY, LEAD, Annotator, Reader, enter
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.annotation.projects import (
    AnnotationProject,
    CheckedSchema,
    FullAnnotationProject,
    NewProject,
    NewSchemaVersion,
    ProjectChange,
    ProjectProgress,
    ReaderProgress,
    SchemaFaultRow,
    SchemaText,
    ShippedSchema,
)
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.annotation import projects as store
from osteon.clinic.store.annotation import schemas
from osteon.clinic.store.annotation.overview import progress, screening
from osteon.clinic.store.annotation.projects import Access
from osteon.core.errors import DataError
from osteon.core.labels import BodyPart

router: Final = api_router(prefix="/api/v1", tags=["annotation"])


@router.get("/label-schemas")
def list_label_schemas(person: Annotator) -> list[ShippedSchema]:
    """The label schemas that come with Osteon."""
    del person
    return [ShippedSchema(name=name, title=shipped(name).title, label_schema=shipped(name)) for name in SHIPPED]


@router.post("/label-schemas/check", responses=refusals(403, 422))
def check_label_schema(given: SchemaText, person: Reader) -> CheckedSchema:
    """What is wrong in the file of a label schema, with lines; or how it is understood. Nothing is kept."""
    del person
    data = given.text.encode()
    try:
        faults = check_text(data)
    except DataError as error:  # neither YAML nor JSON
        faults = [FileFault(None, "", error)]
    if faults:
        rows = [SchemaFaultRow(line=one.line, field=one.field, problem=str(one.error)) for one in faults[:100]]
        return CheckedSchema(faults=rows, label_schema=None, content=None)
    content = content_of(data)
    return CheckedSchema(faults=[], label_schema=parse(content), content=content)


@router.get("/projects")
def list_projects(request: Request, person: Annotator) -> list[AnnotationProject]:
    """The projects of which one is a member; of administrators all."""
    with context(request).database.session() as session:
        found = store.entered(session, person.id, administrator=person.role.allows(Role.ADMINISTRATOR))
        return [_shown(session, access) for access in found]


@router.post("/projects", status_code=201, responses=refusals(403, 409, 422))
def create_project(request: Request, given: NewProject, person: Reader) -> FullAnnotationProject:
    """Begin a project; who begins it becomes its lead."""
    schema = shipped(given.schema_name) if given.schema_name is not None else parse(given.label_schema)
    settings = store.Settings(
        given.readers_per_study,
        given.repeat_share,
        given.seed,
        given.order,
        given.arm,
        given.box_iou,
        tuple(dict.fromkeys(given.body_parts)),
    )
    with context(request).database.session() as session:
        project = store.create(session, given.name, schema, settings, person.name, person.id)
        made = _full(session, Access(project, MemberRole.LEAD, None))
    note(request, "begin annotation project", made.id)
    return made


@router.get("/projects/{project}", responses=refusals(404))
def get_project(request: Request, project: str, person: Annotator) -> FullAnnotationProject:
    """A project with its label schema."""
    with context(request).database.session() as session:
        return _full(session, enter(request, session, person, project, ANYBODY))


@router.patch("/projects/{project}", responses=refusals(403, 404, 409))
def change_project(request: Request, project: str, given: ProjectChange, person: Annotator) -> FullAnnotationProject:
    """Change settings. They hold for what is assigned later; what is done stays."""
    changes = given.model_dump(exclude_none=True)
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        if given.closed is None:
            store.check_open(access.project)
        for name, value in changes.items():
            setattr(access.project, name, value)
        session.flush()
        if given.body_parts is not None:
            screening.look_again(session, access.project)
        changed = _full(session, access)
    note(request, f"change annotation project ({', '.join(sorted(changes))})", project)
    return changed


@router.put("/projects/{project}/schema", responses=refusals(403, 404, 409, 422))
def put_label_schema(
    request: Request, project: str, given: NewSchemaVersion, person: Annotator
) -> FullAnnotationProject:
    """Give a project another version of its label schema; labels that are there keep their scope."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        schema = parse(given.label_schema)
        store.check_open(access.project)
        store.locked(session, access.project)
        schemas.add_version(session, access.project, schema, person.name)
        session.flush()
        changed = _full(session, access)
    note(request, f"change label schema (version {changed.schema_version})", project)
    return changed


@router.get("/projects/{project}/progress", responses=refusals(404))
def get_project_progress(request: Request, project: str, person: Annotator) -> ProjectProgress:
    """How far a project is; annotators get their own progress and nothing else."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, ANYBODY)
        if access.role is MemberRole.ANNOTATOR and access.member is not None:
            own = progress.of_reader(session, access.member.id, access.member.name)
            shown = ReaderProgress.model_validate(own)
            return ProjectProgress(items=None, ready=None, disputed=None, decided=None, to_screen=None, readers=[shown])
        found = progress.of_project(session, access.project)
        whole = ProjectProgress.model_validate(found)
        if access.role is MemberRole.ADJUDICATOR:  # who reads how much is for the lead
            return whole.model_copy(update={"readers": []})
        return whole


def _shown(session: Session, access: Access) -> AnnotationProject:
    project = store.record(session, access.project)
    blind = access.role is MemberRole.ANNOTATOR
    return AnnotationProject(
        id=project.id,
        name=project.name,
        role=access.role,
        schema_name=project.schema_name,
        schema_version=project.schema_version,
        closed=project.closed,
        created=project.created,
        readers_per_study=None if blind else project.readers_per_study,
        repeat_share=None if blind else project.repeat_share,
        seed=None if blind else project.seed,
        order=None if blind else project.order,
        arm=None if blind else project.arm,
        box_iou=None if blind else project.box_iou,
        body_parts=None if blind else [BodyPart(part) for part in project.body_parts or ()],
    )


def _full(session: Session, access: Access) -> FullAnnotationProject:
    schema = schemas.schema_of(session, access.project.id, access.project.schema_version)
    return FullAnnotationProject(**_shown(session, access).model_dump(), label_schema=schema)
