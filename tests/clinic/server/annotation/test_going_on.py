"""What a project exports is imported in every format, by command and by program, as drafts that a reader finishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from tests.clinic.server.annotation.conftest import Desk
from typer import Typer
from typer.testing import CliRunner

from osteon.cli import annotate_results
from osteon.cli.annotate_exchange import imported_images
from osteon.clinic.annotation.client import Annotation, new_event
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.schema import shipped as schema_module
from osteon.clinic.annotation.schema.content import file_schema
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.client import Client
from osteon.clinic.role import Role
from osteon.core.errors import PeerError
from osteon.outputs.dicom import parse_report

FORMATS = ("coco", "yolo", "voc", "vindr", "listed", "dicom-sr")
BOX = [[10.0, 20.0], [60.0, 90.0]]


@pytest.fixture(scope="module")
def run(room: Any) -> Callable[..., Any]:
    """Runs a command of ``osteon annotate`` on the store of the room."""
    app = Typer()
    annotate_results.add(app)

    def start(name: str, *arguments: str) -> Any:
        given = [name, *arguments, "--set", f"store={room.context.settings.store}"]
        done = CliRunner().invoke(app, given, env={"COLUMNS": "80"})
        assert done.exit_code == 0, (done.output, done.exception)
        return done

    return start


@pytest.fixture(scope="module")
def spines(desks: Callable[..., Desk], dicom: Callable[..., bytes]) -> Desk:
    """Two DICOM studies of two images, read by one: osteophytes on the first image of the first, else nothing."""
    desk = desks("ann", studies=0, schema_name="vindr_spinexr")
    for study in range(2):
        files = []
        for number in range(2):
            words = np.random.default_rng(70 + 2 * study + number).integers(0, 4000, (200, 100), np.uint16)
            uid = f"1.2.9.{study}"
            about = {"StudyInstanceUID": uid, "SeriesInstanceUID": f"{uid}.1", "SOPInstanceUID": f"{uid}.1.{number}"}
            about |= {"ViewPosition": ("AP", "LL")[number], "StudyDate": "20260101", "StudyTime": "101112"}
            files.append(("files", (f"{study}{number}.dcm", dicom(words, PatientSex="F", StudyID="1", **about))))
        sent = desk.lead.post("/studies", files=files)
        assert sent.status_code == 200, sent.text
        desk.studies.append(sent.json()["studies"][0]["id"])
    assert desk.lead.post(f"{desk.path}/items", json={"studies": desk.studies}).json()["added"] == 2
    desk.assign()
    for number, entry in enumerate(sorted(desk.queue("ann"), key=lambda one: one["assignment"])):
        drawn: list[tuple[str, dict[str, Any]]] = []
        if number == 0:
            drawn.append(("region", {"id": "a", "label": "osteophytes", "image": 0, "kind": "box", "points": BOX}))
        clear = (1,) if number == 0 else (0, 1)
        drawn += [("answer", {"label": "no_finding", "value": 1, "image": image}) for image in clear]
        desk.finish("ann", entry["assignment"], *drawn)
    return desk


def name_of(desk: Desk) -> str:
    return desk.lead.get(desk.path).json()["name"]


def goes_on(desk: Desk, reader: str) -> None:
    """The reader finds what was imported, draws one more, and finishes all."""
    regions = 0
    for entry in desk.queue(reader):
        task = desk.people[reader].get(f"/assignments/{entry['assignment']}").json()
        for region in task["regions"]:
            assert (region["label"], region["image"], region["provenance"]) == ("osteophytes", 0, "imported")
            assert np.array(region["points"]) == pytest.approx(np.array(BOX), abs=0.01)
            regions += 1
        said = {(one["label"], one["image"]): one["value"] for one in task["answers"] if one["value"] == 1}
        assert said == {("no_finding", image): 1 for image in ((1,) if task["regions"] else (0, 1))}
        added = {"id": "more", "label": "disc_space_narrowing", "image": 0, "kind": "box", "points": BOX}
        none = {"label": "no_finding", "value": 0, "image": 0}
        desk.finish(reader, entry["assignment"], ("answer", none), ("region", added))
    assert regions == 1
    provenances = {
        region["provenance"]
        for read in desk.lead.get(f"{desk.path}/reads").json()["items"]
        for region in read["regions"]
    }
    assert provenances == {"imported", "own"}


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_goes_on_from_each_format(
    spines: Desk, desks: Callable[..., Desk], run: Callable[..., Any], form: str, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    run("export", name_of(spines), "--to", form, "--out", out, *(() if form == "dicom-sr" else ("--test", "0")))
    fresh = desks("dan", studies=0, schema_name="vindr_spinexr")
    fresh.lead.post(f"{fresh.path}/items", json={"studies": spines.studies})
    reader = next(one["name"] for one in fresh.lead.get(f"{fresh.path}/members").json() if one["role"] == "annotator")
    done = run("import", name_of(fresh), out, "--from", form, "--reader", reader)
    assert "2 studies" in done.stderr
    assert "left out" not in done.stderr, done.stderr
    again = run("import", name_of(fresh), out, "--from", form, "--reader", reader)
    assert " 0 annotations new" in again.stderr
    goes_on(fresh, "dan")


def test_a_program_gets_reports_of_readers(room: Any, spines: Desk) -> None:
    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    with Client(room.url, key) as client:
        projects = Annotation(client)
        read = next(one for one in projects.reads(spines.project) if one.regions)
        report = dcmread(BytesIO(projects.report(spines.project, read.id)))
        assert (report.Modality, report.StudyInstanceUID[:6]) == ("SR", "1.2.9.")
        assert len(parse_report(report).regions) == 1
        with pytest.raises(PeerError, match="no such finished read"):
            projects.report(spines.project, 10**6)
    ann = spines.people["ann"].get(f"{spines.path}/reads/{read.id}/report.dcm")
    assert ann.status_code == 403, "it names the patient"
    own = spines.lead.get(f"{spines.path}/reads/{read.id}/report.dcm")
    assert (own.status_code, own.headers["cache-control"]) == (200, "no-store")


def test_a_program_does_all_of_it(
    room: Any, spines: Desk, desks: Callable[..., Desk], run: Callable[..., Any], tmp_path: Path
) -> None:
    run("export", name_of(spines), "--to", "coco", "--out", str(tmp_path / "out"), "--test", "0")
    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    fresh = desks("eve", "fay", studies=0, schema_name="vindr_spinexr", readers_per_study=1)
    names = [one["name"] for one in fresh.lead.get(f"{fresh.path}/members").json() if one["role"] == "annotator"]
    eve = next(name for name in names if name.startswith("eve"))
    fay = next(name for name in names if name.startswith("fay"))
    images = list(imported_images("coco", tmp_path / "out", shipped("vindr_spinexr")))
    with Client(room.url, key) as client:
        projects = Annotation(client)
        here = projects.settings(fresh.project)
        assert here.label_schema == shipped("vindr_spinexr")
        projects.add_studies(here.id, studies=spines.studies)
        made = projects.import_images(here.id, eve, images, "coco")
        assert (made.studies, made.unmatched, made.unknown) == (2, 0, {})
        assert projects.import_images(here.id, eve, images, "coco").kept == 0
        goes_on(fresh, "eve")
        items = list(projects.items(here.id))
        assert [item.finished for item in items] == [1, 1]
        given = projects.add_reader(here.id, items[0].id, fay)
        assert [one.id for one in projects.assignments(here.id, reader=fay)] == [given.id]
        projects.withdraw(here.id, given.id)
        assert [one.state for one in projects.assignments(here.id, reader=fay)] == ["withdrawn"]
        assert [one.item for one in projects.adjudications(here.id, "ready")] == [item.id for item in items]
        case = projects.case(here.id, items[0].id)
        assert projects.send_back(here.id, items[0].id, [case.reads[0].id], "once more")
        (open_again,) = fresh.queue("eve", state="open")
        question = new_event(EventKind.QUESTION, text="Why?")
        body = {"events": [question, new_event(EventKind.FINISH)]}
        assert fresh.people["eve"].post(f"/assignments/{open_again['assignment']}/events", json=body).status_code == 200
        assert [one.text for one in projects.questions(here.id)] == ["Why?"]
        assert projects.decide_study(here.id, items[0].id, "weighted", weights={eve: 2.0}, sign=True).signed is not None
        assert [one.item for one in projects.adjudications(here.id, "signed")] == [items[0].id]
        assert projects.decide(here.id, "weighted", weights={eve: 2.0}) == 1
        agreement = projects.agreement(here.id, resamples=100)
        assert (agreement.studies, agreement.agreed) == (2, 2)
        kept = projects.snapshot(here.id, name="first")
        assert [one.digest for one in projects.snapshots(here.id)] == [kept.digest]
        record = projects.snapshot_record(here.id, kept.id)
        assert (record.digest, len(record.studies)) == (kept.digest, 2)
        folder = Path(schema_module.__file__).parent / "files"
        schema = file_schema(folder / "vindr_spinexr.yaml") | {"title": "Another title"}
        (tmp_path / "schema.json").write_text(json.dumps(schema))
        assert projects.put_schema(here.id, tmp_path / "schema.json").schema_version == 2


def test_repeats_show_how_far_a_reader_agrees_with_themselves(
    spines: Desk, desks: Callable[..., Desk], room: Any
) -> None:
    desk = desks("gil", studies=0, schema_name="vindr_spinexr", repeat_share=1.0)
    desk.lead.post(f"{desk.path}/items", json={"studies": spines.studies})
    assert desk.assign()["repeats"] == 2
    for number, entry in enumerate(desk.queue("gil")):
        # The last of the four reads differs from the first of the same study.
        value = int(number < 3)
        clear = [("answer", {"label": "no_finding", "value": value, "image": image}) for image in (0, 1)]
        drawn = ("region", {"id": "a", "label": "osteophytes", "image": 0, "kind": "box", "points": BOX})
        other = ("region", {"id": "b", "label": "osteophytes", "image": 1, "kind": "box", "points": BOX})
        desk.finish("gil", entry["assignment"], *clear, *(() if value else (drawn, other)))
    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    with Client(room.url, key) as client:
        found = Annotation(client).agreement(desk.project, resamples=100)
    (row,) = [
        row for row in found.rows if (row.compared, row.level, row.variable) == ("repeat", "study", "osteophytes")
    ]
    estimate = row.figures["observed"].estimate
    assert estimate is not None
    assert (row.cases, estimate.value) == (2, 0.5), "of two studies that were read twice one was read alike"
    (reader,) = found.readers
    assert (reader.studies, reader.repeats) == (2, 2)
