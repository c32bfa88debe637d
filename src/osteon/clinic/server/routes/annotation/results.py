"""What comes out of annotation projects, and goes in: agreement, snapshots, imports; for leads."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Annotated, Final

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from osteon.clinic.annotation.agreement.records import Agreement, AgreementOptions
from osteon.clinic.annotation.exchange.incoming import ImportedImage, ImportedRegion, plan_import
from osteon.clinic.annotation.exchange.reports import dicom_report
from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Stage
from osteon.clinic.server.access.access import about, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.annotation.entry import LEAD, Annotator, ItemNumber, Reader, enter
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.annotation.results import Imported, NewImport, NewSnapshot, SnapshotRow
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.annotation import items, reads
from osteon.clinic.store.annotation import snapshots as store
from osteon.clinic.store.annotation.importing import import_plan
from osteon.clinic.store.annotation.load import project_content
from osteon.clinic.store.annotation.schemas import schema_of
from osteon.clinic.store.tables.annotation import Snapshot as Row
from osteon.core.snapshot import SNAPSHOT_FILE, Snapshot
from osteon.stats.agreement.measure import Resampling

router: Final = api_router(prefix="/api/v1/projects/{project}", tags=["annotation"], responses=refusals(403, 404))

StageChoice = Annotated[Stage, Query(description="Reads before or after proposals of the model were seen.")]
Resamples = Annotated[int, Query(ge=100, le=10_000, description="Number of bootstrap resamples.")]


@router.get("/agreement")
def get_agreement(
    request: Request,
    project: str,
    person: Annotator,
    stage: StageChoice = Stage.UNAIDED,
    resamples: Resamples = 1000,
) -> Agreement:
    """How far the readers agree with each other, the consensus and themselves, with intervals."""
    return _measured(_content(request, person, project), stage, resamples)


@router.get("/agreement.html", response_class=HTMLResponse)
def get_agreement_report(
    request: Request,
    project: str,
    person: Annotator,
    stage: StageChoice = Stage.UNAIDED,
    resamples: Resamples = 1000,
) -> Response:
    """The same as a page; with plots where the server has matplotlib."""
    from osteon.clinic.annotation.agreement.page import render_agreement
    from osteon.clinic.annotation.agreement.plots import agreement_plots

    measured = _measured(_content(request, person, project), stage, resamples)
    plots = agreement_plots(measured) if find_spec("matplotlib") is not None else {}
    return HTMLResponse(render_agreement(measured, plots), headers={"Cache-Control": "no-store"})


@router.post("/imports", responses=refusals(409, 422))
def import_annotations(request: Request, project: str, given: NewImport, person: Annotator) -> Imported:
    """Give a reader annotations of files to go on from: drafts, which the reader finishes. Sent twice, they are there once."""
    images = [
        ImportedImage(
            tuple(image.keys),
            dict(image.answers),
            tuple(ImportedRegion(region.label, region.kind, tuple(region.points)) for region in image.regions),
        )
        for image in given.images
    ]
    plan = plan_import(_content(request, person, project), images)
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        done = import_plan(session, access.project, plan, given.reader)
    note(request, f"import annotations ({given.source or 'api'}) for {given.reader}", project)
    return Imported(
        studies=done.studies,
        kept=done.kept,
        known=done.known,
        busy=done.busy,
        unmatched=plan.unmatched,
        unfit=plan.unfit + done.refused,
        unknown=dict(plan.unknown),
    )


@router.get(
    "/reads/{read}/report.dcm",
    response_class=Response,
    responses={200: {"content": {"application/dicom": {}}}, **refusals(409)},
)
def get_read_report(request: Request, project: str, read: ItemNumber, person: Reader) -> Response:
    """A read as a DICOM report (TID 1500) of its reader; it names the patient as the images do."""
    here = context(request)
    with here.database.session() as session:
        access = enter(request, session, person, project, LEAD)
        found = next((one for one in reads.of_project(session, project, read - 1, 1) if one.id == read), None)
        if found is None or found.skip_reason:
            raise missing("finished read")
        row = items.find(session, project, found.item)
        if row is None:
            raise missing("study in the project")
        about(request, (row.study_id,))
        (item,) = items.to_records(session, [row])
        schema = schema_of(session, project, found.schema_version)
        name = access.project.name
    data = dicom_report(found, item, name, schema, here.files.path)
    headers = {"Content-Disposition": f'attachment; filename="read-{read}.dcm"', "Cache-Control": "no-store"}
    return Response(data, headers=headers, media_type="application/dicom")


@router.get("/snapshots")
def list_snapshots(request: Request, project: str, person: Annotator) -> list[SnapshotRow]:
    """The snapshots of a project, the oldest first."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        return [_shown(row) for row in store.of_project(session, access.project.id)]


@router.post("/snapshots", status_code=201, responses=refusals(422))
def take_snapshot(request: Request, project: str, given: NewSnapshot, person: Annotator) -> SnapshotRow:
    """Take an immutable snapshot of what is decided; where nothing has changed since the last, that one."""
    from osteon.clinic.annotation.snapshots.take import take

    content = _content(request, person, project)
    rule = None if given.rule is None else ConsensusRule(given.rule)
    taken = take(content, datetime.now(UTC), rule)
    with context(request).database.session() as session:
        row = store.keep(session, project, taken, person.name[:80], given.name)
        made = _shown(row)
    note(request, "take annotation snapshot", project, made.digest)
    return made


@router.get("/snapshots/{snapshot}/file", response_class=Response, responses={200: {"model": Snapshot}})
def get_snapshot_file(request: Request, project: str, snapshot: str, person: Annotator) -> Response:
    """The record of a snapshot: what was decided of each image. `osteon annotate snapshot` writes it with the pictures."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        row = store.find(session, access.project.id, snapshot)
        if row is None:
            raise missing("snapshot")
        data = store.content_of(row).model_dump_json()
    headers = {"Content-Disposition": f'attachment; filename="{SNAPSHOT_FILE}"', "Cache-Control": "no-store"}
    return Response(data, headers=headers, media_type="application/json")


def _content(request: Request, person: Annotator, project: str) -> ProjectContent:
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        return project_content(session, access.project.id)


def _measured(content: ProjectContent, stage: Stage, resamples: int) -> Agreement:
    from osteon.clinic.annotation.agreement.compute import measure

    options = AgreementOptions(stage, resampling=Resampling(resamples), pair_resamples=min(resamples, 500))
    return measure(content, options, datetime.now(UTC))


def _shown(row: Row) -> SnapshotRow:
    return SnapshotRow(
        id=row.id,
        name=row.name,
        created=row.created,
        author=row.author,
        digest=row.digest,
        studies=len(row.content.get("studies", ())),
    )
