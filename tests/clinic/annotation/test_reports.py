"""DICOM reports of reads keep to the standard, are the reader's, and read back as they were."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from tests.clinic.annotation import contents
from tests.orthanc import free_port, orthanc
from tests.outputs.dicom.test_conformance import remarks

from osteon.cli.annotate_exchange import imported_images, write_reports
from osteon.cli.annotate_send import send_reports
from osteon.clinic.annotation.exchange.incoming import plan_import
from osteon.clinic.annotation.exchange.reports import person_name
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Region
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RegionKind
from osteon.clinic.dicom.settings import Dicom
from osteon.core.errors import DataError
from osteon.core.labels import Code
from osteon.outputs.dicom import parse_report

SCHEMA = LabelSchema(
    "elbow",
    "Elbow",
    (
        Label("no_finding", "No finding", LabelScope.IMAGE, Code("1149217004", "No abnormality detected")),
        Label("operated", "Operated", LabelScope.STUDY),
        Label(
            "fracture", "Fracture", LabelScope.REGION, Code("125605004", "Fracture of bone"),
            kinds=(RegionKind.BOX, RegionKind.POLYGON),
        ),
        Label("a_long_name_of_a_line", "Line", LabelScope.REGION, kinds=(RegionKind.POLYLINE, RegionKind.ANGLE)),
        Label("tip", "Tip", LabelScope.REGION, kinds=(RegionKind.POINT,)),
    ),
)  # fmt: skip


@pytest.fixture
def project(dicom: Callable[..., bytes], tmp_path: Path) -> tuple[ProjectContent, Path]:
    """One study of two DICOM images that two readers read; the second found nothing."""
    item = contents.item(1)
    images = []
    for image in item.images:
        words = np.full((200, 100), 100 + image.position, np.uint16)
        data = dicom(
            words, SOPInstanceUID=image.instance.sop_instance_uid, StudyInstanceUID="1.2.1.0", SeriesInstanceUID="1.2.1",
            StudyDate="20260301", StudyTime="101112", PatientBirthDate="19700101", PatientSex="F", AccessionNumber="A1",
            StudyID="1", ReferringPhysicianName="", SeriesNumber=1, InstanceNumber=image.position + 1,
        )  # fmt: skip
        digest = hashlib.sha256(data).hexdigest()
        (tmp_path / digest).write_bytes(data)
        images.append(replace(image, digest=digest))
    drawn = (
        contents.region(1, "fracture", 0, (10.25, 20.5, 60.75, 90)),
        Region("r2", "fracture", 1, RegionKind.POLYGON, ((5, 5), (50, 8), (40.5, 60), (8, 55), (6, 30))),
        Region("r3", "a_long_name_of_a_line", 1, RegionKind.ANGLE, ((5, 5), (50, 50), (90, 20))),
        Region("r4", "a_long_name_of_a_line", 0, RegionKind.POLYLINE, ((5, 5), (50, 50), (90, 20), (90, 90))),
        Region("r5", "tip", 0, RegionKind.POINT, ((33, 44.5),)),
    )
    answers = {("no_finding", 0): 0, ("operated", None): 1, ("no_finding", 1): 0}
    first = replace(contents.read(1, 1, 1, answers), regions=drawn, question="Old or new?", reader_name="Doe^Jane")
    second = contents.read(2, 2, 1, {("no_finding", 0): 1, ("no_finding", 1): 1, ("operated", None): 0})
    skipped = contents.read(3, 3, 1, {}, skip_reason="dark")
    return contents.content([replace(item, images=tuple(images))], [first, second, skipped], schema=SCHEMA), tmp_path


def test_a_report_for_each_read_that_says_what_its_reader_said(
    project: tuple[ProjectContent, Path], tmp_path: Path
) -> None:
    content, folder = project
    out = tmp_path / "reports"
    assert write_reports(content, lambda digest: folder / digest, out) == (2, [])
    first, second = (dcmread(path) for path in sorted(out.iterdir()))
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert (first.Modality, first.StudyInstanceUID, first.PatientID) == ("SR", "1.2.1.0", "SECRET7")
    assert "ContributingEquipmentSequence" not in first, "no model had a part in it"
    (out / "x.dcm").write_bytes(b"no report")
    unreadable: list[str] = []
    assert len(list(imported_images("dicom-sr", out, SCHEMA, unreadable))) == 4
    assert [line.partition(":")[0] for line in unreadable] == ["x.dcm"]
    (out / "x.dcm").unlink()
    told = parse_report(first)
    assert (told.reader, len(told.regions), told.given) == ("Doe^Jane", 5, content.reads[0].finished)
    plan = plan_import(content, imported_images("dicom-sr", out, SCHEMA))
    assert (plan.unmatched, plan.unfit, plan.unknown) == (0, 0, {})
    payloads = plan.events[1]
    regions = [payload for kind, payload in payloads if kind is EventKind.REGION]
    ours = sorted((one.label, one.image, str(one.kind), one.points) for one in content.reads[0].regions)
    theirs = sorted(
        (one["label"], one["image"], one["kind"], tuple(tuple(point) for point in one["points"])) for one in regions
    )
    assert theirs == ours
    again = tmp_path / "again"
    write_reports(content, lambda digest: folder / digest, again)
    assert [path.read_bytes() for path in sorted(again.iterdir())] == [
        path.read_bytes() for path in sorted(out.iterdir())
    ]


def test_answers_read_back(project: tuple[ProjectContent, Path], tmp_path: Path) -> None:
    content, folder = project
    alone = replace(content, reads=content.reads[:1])
    write_reports(alone, lambda digest: folder / digest, tmp_path / "reports")
    plan = plan_import(content, imported_images("dicom-sr", tmp_path / "reports", SCHEMA))
    answers = {(one["label"], one["image"]): one["value"] for kind, one in plan.events[1] if kind is EventKind.ANSWER}
    assert answers == {("no_finding", 0): 0, ("operated", None): 1, ("no_finding", 1): 0}


def test_reports_keep_to_the_standard(project: tuple[ProjectContent, Path], tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs dciodvfy")
    content, folder = project
    write_reports(content, lambda digest: folder / digest, tmp_path / "reports")
    for path in sorted((tmp_path / "reports").iterdir()):
        ended = subprocess.run(["dciodvfy", path], capture_output=True, timeout=60, check=False)
        said = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        # The program knows no private scheme; ours is named in the object, as it must be.
        assert [line for line in remarks(said) if "<99OSTEON>" not in line] == [], said
        scheme = dcmread(path).CodingSchemeIdentificationSequence[0]
        assert scheme.CodingSchemeDesignator == "99OSTEON"


def test_pictures_have_no_report(project: tuple[ProjectContent, Path], tmp_path: Path) -> None:
    content, folder = project
    picture = tmp_path / ("0" * 64)
    picture.write_bytes(b"no DICOM")
    item = content.items[0]
    images = tuple(replace(image, digest="0" * 64) for image in item.images)
    broken = replace(content, items=(replace(item, images=images),))
    written, refused = write_reports(broken, lambda digest: folder / digest, tmp_path / "reports")
    assert written == 0
    assert len(refused) == 2
    assert "SECRET" not in " ".join(refused)


def test_another_object_is_refused(project: tuple[ProjectContent, Path]) -> None:
    content, folder = project
    other = dcmread(BytesIO((folder / content.items[0].images[0].digest).read_bytes()))
    with pytest.raises(DataError, match="no report of measurements"):
        parse_report(other)


@pytest.mark.pacs
@pytest.mark.parametrize("way", ["dicom", "dicomweb"])
def test_reports_go_back_into_the_pacs(project: tuple[ProjectContent, Path], way: str, tmp_path: Path) -> None:
    pytest.importorskip("pynetdicom")
    content, folder = project
    out = tmp_path / "reports"
    write_reports(content, lambda digest: folder / digest, out)
    with orthanc(tmp_path / "pacs", peers={"OSTEON": ("127.0.0.1", free_port())}) as pacs:
        address = {"url": f"{pacs.dicomweb}/studies"}
        if way == "dicom":
            address = {"aet": pacs.aet, "host": "127.0.0.1", "port": pacs.port, "commitment": False}
        settings = Dicom.model_validate({"destinations": {"pacs": {**address, "outputs": ["sr"]}}})
        files = sorted(out.iterdir())
        assert send_reports(files, settings, "pacs") == (2, [])
        stored = pacs.instances()
        for path in files:
            sent = dcmread(path)
            assert parse_report(dcmread(BytesIO(pacs.file(sent.SOPInstanceUID)))) == parse_report(sent)
        assert len(stored) == 2
        with pytest.raises(DataError, match="no such destination"):
            send_reports(files, settings, "elsewhere")


def test_names_of_accounts_are_names_of_persons() -> None:
    assert [person_name(name) for name in ("ann", "Doe^Jane", "Nguyễn Thị Hoa", "a\\b=c\n")] == [
        "ann", "Doe^Jane", "Nguyễn Thị Hoa^", "a b c^"
    ]  # fmt: skip
