"""Studies come from Orthanc and dcmtk by each way, whatever their characters; what is here is not fetched again."""

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from tests.clinic.dicom.retrieve.conftest import CHARACTERS, Archives, Content

from osteon.clinic.dicom.retrieve.landing import landing
from osteon.clinic.dicom.retrieve.opening import archive_settings, open_archive
from osteon.clinic.dicom.retrieve.pull import Outcome, find, missing, pull
from osteon.clinic.dicom.retrieve.query import Query
from osteon.clinic.dicom.retrieve.sink import FolderSink
from osteon.core.errors import OsteonError, PeerError

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]

WAYS = ("orthanc-get", "orthanc-move", "orthanc-web", "dcmtk-get", "dcmtk-move")


def fetched(archives: Archives, way: str, query: Query, folder: Path) -> tuple[list[Outcome], list[tuple[int, int]]]:
    """What became of what matches, and what was told of the images on the way."""
    chosen = archive_settings(archives.settings, way)
    archive, sink = open_archive(archives.settings, chosen), FolderSink(folder, 1 << 24)
    progress: list[tuple[int, int]] = []
    with landing(archives.settings, sink) if chosen.way == "move" else nullcontext():
        studies = find(archive, query)
        found = [*missing(query, studies), *pull(archive, sink, studies, lambda *told: progress.append(told))]
    sink.close()
    return found, progress


def wanted(content: Content, *names: str) -> dict[str, bytes]:
    uids = {content.studies[name] for name in names}
    return {one: data for one, data in content.files.items() if dcmread(io.BytesIO(data)).StudyInstanceUID in uids}


@pytest.mark.parametrize("way", WAYS)
def test_each_way(archives: Archives, content: Content, way: str, tmp_path: Path) -> None:
    own = wanted(content, *CHARACTERS)
    outcomes, progress = fetched(archives, way, Query(patient="Q1"), tmp_path)
    assert [(one.fetched, one.known, one.error) for one in outcomes] == [(1, 0, None)] * 3 + [(2, 0, None)], outcomes
    assert progress[-3:] == [(0, 2), (1, 2), (2, 2)]
    assert {path.name for path in tmp_path.iterdir()} == {f"{uid}.dcm" for uid in own}, (
        "nothing of patient Q11, no rest"
    )
    for uid, data in own.items():
        came, sent = dcmread(tmp_path / f"{uid}.dcm"), dcmread(io.BytesIO(data))
        assert (came.PixelData, came.PatientName, came.StudyDescription) == (
            sent.PixelData,
            sent.PatientName,
            sent.StudyDescription,
        )
        assert came.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    again, _ = fetched(archives, way, Query(patient="Q1"), tmp_path)
    assert [(one.fetched, one.known) for one in again] == [(0, 1)] * 3 + [(0, 2)]
    uid, _ = sorted(wanted(content, "latin"))
    (tmp_path / f"{uid}.dcm").unlink()
    rest, _ = fetched(archives, way, Query(studies=(content.studies["latin"],)), tmp_path)
    assert [(one.fetched, one.known, one.error) for one in rest] == [(1, 1, None)]
    assert (tmp_path / f"{uid}.dcm").exists()


@pytest.mark.parametrize("way", ["orthanc-get", "orthanc-web", "dcmtk-get"])
@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"dates": "20260102"}, {"japanese"}),
        ({"dates": "20260103-"}, {"chinese", "unicode", "other"}),
        ({"dates": "-20260102", "patient": "Q1"}, {"latin", "japanese"}),
        ({"accession": "A3"}, {"chinese"}),
        ({"patient": "Q1", "modalities": ("CR",), "dates": "20260101-20260101"}, {"latin"}),
        ({"patient": "Q1", "modalities": ("MR",)}, set[str]()),
        ({"patient": "q1"}, set[str]()),
        ({"patient": "Q"}, set[str]()),
    ],
)
def test_what_is_found(archives: Archives, content: Content, way: str, given: dict[str, Any], names: set[str]) -> None:
    archive = open_archive(archives.settings, archive_settings(archives.settings, way))
    found = find(archive, Query(**given))
    assert {study.uid for study in found} == {content.studies[name] for name in names}
    assert [study.date for study in found] == sorted((study.date for study in found), reverse=True)
    assert all(study.description.startswith("Wrist") for study in found)


def test_names_are_told_right(archives: Archives, content: Content) -> None:
    """Orthanc answers in Latin-1 unless told otherwise, so other letters are lost in its answers, and in no image."""
    archive = open_archive(archives.settings, archive_settings(archives.settings, "orthanc-web"))
    found = {study.uid: study.about.name for study in find(archive, Query(patient="Q1"))}
    assert found[content.studies["latin"]] == "Müller^Jörg"
    assert all("\n" not in name for name in found.values())


@pytest.mark.parametrize("way", ["orthanc-get", "orthanc-web"])
def test_a_study_that_is_not_there(archives: Archives, content: Content, way: str, tmp_path: Path) -> None:
    absent, there = generate_uid(), content.studies["chinese"]
    outcomes, _ = fetched(archives, way, Query(studies=(absent, there)), tmp_path)
    assert [(one.study, one.fetched, one.error is None) for one in outcomes] == [(absent, 0, False), (there, 1, True)]


def test_too_many(archives: Archives) -> None:
    for way in WAYS:
        archive = open_archive(archives.settings, archive_settings(archives.settings, way))
        with pytest.raises(OsteonError, match="too many"):
            find(archive, Query(patient="Q1"), limit=3)
        assert len(find(archive, Query(patient="Q1"), limit=4)) == 4


def changed(archives: Archives, **peers: dict[str, Any]) -> Archives:
    settings = archives.settings.model_copy(
        update={"peers": archives.settings.peers | archives.settings.model_validate({"peers": peers}).peers}
    )
    return Archives(archives.pacs, settings)


def test_why_an_archive_refuses(archives: Archives, tmp_path: Path) -> None:
    pacs = archives.pacs
    others = changed(
        archives, NOBODY={"address": "127.0.0.1", "port": pacs.port}, GONE={"address": "127.0.0.1", "port": 1}
    )
    for peer, cause in (("NOBODY", "another AE title"), ("GONE", "cannot be reached")):
        archive = open_archive(others.settings, archive_settings(others.settings, peer))
        with pytest.raises(PeerError, match=cause):
            find(archive, Query(patient="Q1"))
    stranger = archives.settings.model_copy(update={"aet": "STRANGER"})
    move = open_archive(stranger, archive_settings(stranger, "dcmtk-move"))
    sink = FolderSink(tmp_path, 1 << 24)
    (outcome,) = pull(move, sink, find(move, Query(accession="A3")))
    assert "does not know where to send" in str(outcome.error)
    assert "STRANGER" in str(outcome.error)
    web = archives.settings.archives["orthanc-web"].model_copy(update={"url": f"{pacs.url}/nothing"})
    with pytest.raises(PeerError, match="its address is another"):
        find(open_archive(archives.settings, web), Query(patient="Q1"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"patient": "Q*"},
        {"patient": "Q?"},
        {"accession": "a\\b"},
        {"studies": ("1.2/../3",)},
        {"dates": "yesterday"},
        {"dates": "20261301"},
        {"dates": "20260102-20260101"},
        {"dates": "-"},
        {"patient": "Q1", "modalities": ("cr*",)},
    ],
)
def test_what_cannot_be_asked(given: dict[str, Any]) -> None:
    with pytest.raises(OsteonError, match="expected"):
        Query(**given)
