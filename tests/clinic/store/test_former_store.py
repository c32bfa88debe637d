"""A store that an Osteon before versions wrote opens, keeps what it holds, and takes further images of its studies."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake, Upload
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.migrations import SCRIPTS
from osteon.clinic.store.studies import studies, versions
from osteon.clinic.store.studies.adopt import adopt, adopt_headers
from osteon.clinic.store.tables.studies import Original, Study

UID = "1.2.826.0.1.3680043.8.498.9"
RECEIVED = "2025-02-03 09:41:07.120000"


@pytest.fixture
def former(database_url: str, files: Files) -> Iterator[Callable[[str, list[bytes]], str]]:
    """Adds a study to a database of the former schema, with its children, as the former code wrote it."""
    settings = Config()
    settings.set_main_option("script_location", SCRIPTS)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0002")

    def add(moment: str, films: list[bytes]) -> str:
        study = secrets.token_hex(10)
        row = {"id": study, "key": secrets.token_hex(32), "received": moment, "views": len(films), "age": 46.8856947296}
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.execute(text("PRAGMA foreign_keys=ON"))
            connection.execute(
                text(
                    "INSERT INTO studies (id, key, state, received, read, bundle, pseudonym, age, view_count, reason, "
                    "urgency, falling, attempts) VALUES (:id, :key, 'done', :received, :received, 'b@1', 'P-TLGMNA', "
                    ":age, :views, '', 4, 0.9, 1)"
                ),
                row,
            )
            for place, film in enumerate(films):
                connection.execute(
                    text(
                        "INSERT INTO originals (study_id, place, digest, size, format) "
                        "VALUES (:study, :place, :digest, :size, 'DICOM')"
                    ),
                    {"study": study, "place": place, "digest": files.put(film), "size": len(film)},
                )
            connection.execute(
                text("INSERT INTO readings (study_id, content) VALUES (:study, :content)"),
                {"study": study, "content": json.dumps({"version": 1})},
            )
            connection.execute(
                text(
                    "INSERT INTO opinions (id, study_id, author, agrees, note, created, bundle) "
                    "VALUES (:id, :study, 'r', :yes, 'n', :moment, 'b@1')"
                ),
                {"id": secrets.randbelow(1 << 30), "study": study, "yes": True, "moment": moment},
            )
        return study

    yield add
    engine.dispose()


@pytest.fixture
def film(dicom: Any) -> Callable[..., bytes]:
    """DICOM films of one study."""

    def make(seed: int, **elements: Any) -> bytes:
        words = np.random.default_rng(seed).integers(0, 4095, (80, 60))
        about = {"StudyInstanceUID": UID, "SOPInstanceUID": f"{UID}.{seed}", "AccessionNumber": "ACC5"}
        return dicom(words, **{**about, **elements})

    return make


def intake(database: Database, files: Files) -> Intake:
    return Intake(database, files, Hub(), bundle="b@1", digest="d")


def test_one_examination_of_several_rows(
    former: Callable[..., str], film: Callable[..., bytes], database_url: str, files: Files
) -> None:
    """Front, side, then both, which were three rows: one examination, whose newest version has both."""
    front, side, third = (film(seed) for seed in range(3))
    both = former("2025-02-03 09:43:00.000000", [front, side])
    first = former("2025-02-03 09:41:00.000000", [front])
    second = former("2025-02-03 09:42:00.000000", [side])
    other = former("2025-02-03 09:44:00.000000", [film(7, PatientID="OTHER")])
    database = open_database(database_url)
    assert adopt(database, files) == 4
    assert adopt(database, files) == 0
    with database.session() as session:
        page = studies.listed(session, studies.Filter(), "time", 9)
        assert [one.id for one in page.studies] == [other, both]
        chain = versions.versions(session, page.studies[1].examination)
        assert [one.id for one in chain] == [first, second, both]
        row = page.studies[1]
        assert (row.uid, row.accession, row.patient, row.age) == (UID, "ACC5", "SECRET7", 46.0)
        assert all(len(studies.opinions(session, one.id)) == 1 for one in chain)
        assert all(studies.content(session, one.id) == {"version": 1} for one in chain)
        assert versions.shared_uids(session, page.studies) == {UID}
        held = studies.originals(session, both)
        assert [(one.instance, one.pixels) for one in held] == [(f"{UID}.0", 4800), (f"{UID}.1", 4800)]
    arrival = intake(database, files).take([Upload("x", io.BytesIO(third))]).arrivals[0]
    assert arrival.replaces == both
    database.close()


def test_pseudonyms_of_before_are_found(
    former: Callable[..., str], film: Callable[..., bytes], database_url: str, files: Files
) -> None:
    """The same patient's pseudonym was the beginning of the one of today: each finds both."""
    long = files.pseudonym("SECRET7")
    old = former(RECEIVED, [film(1)])
    database = open_database(database_url)
    adopt(database, files)
    with database.session() as session:
        row = session.get(Study, old)
        assert row is not None
        row.pseudonym = long[:8]
    new = intake(database, files).take([Upload("x", io.BytesIO(film(2, StudyInstanceUID=f"{UID}.5")))]).arrivals[0]
    with database.session() as session:
        for words in (long, long[:8], long.lower()):
            found = studies.listed(session, studies.Filter(words=words), "time", 9).studies
            assert {one.id for one in found} == {old, new.study}
    database.close()


def test_file_that_is_gone_stops_nothing(
    former: Callable[..., str], film: Callable[..., bytes], database_url: str, files: Files, tmp_path: Path
) -> None:
    del tmp_path
    study = former(RECEIVED, [film(1)])
    for group in files.digests():
        for digest in group:
            files.remove(digest)
    database = open_database(database_url)
    assert adopt(database, files) == 1
    with database.session() as session:
        row = session.get(Study, study)
        assert row is not None
        assert (row.uid, row.version, row.examination) == (None, 1, study)
        assert session.get(Original, (study, 0)) is not None
    database.close()


def test_dates_and_names_are_filled_from_the_files(
    former: Callable[..., str],
    film: Callable[..., bytes],
    database_url: str,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What DICOMweb is searched by is read from the files of an old store, once; a process that ends in between goes on."""
    from osteon.clinic.store.studies import adopt as adopting

    about = {
        "StudyDate": "20240506",
        "StudyTime": "0708",
        "PatientName": "Müller^Jörg",
        "SpecificCharacterSet": "ISO_IR 100",
    }
    dated = former(RECEIVED, [film(1, **about), film(2, **about)])
    undated = former(RECEIVED, [film(3, StudyInstanceUID=f"{UID}.9", PatientID="OTHER")])
    gone = former(RECEIVED, [film(4, StudyInstanceUID=f"{UID}.8", PatientID="GONE")])
    database = open_database(database_url)
    adopt(database, files)
    with database.session() as session:
        lost = session.get(Original, (gone, 0))
        assert lost is not None
        files.remove(lost.digest)
    monkeypatch.setattr(adopting, "_AT_ONCE", 1)
    assert adopt_headers(database, files) == 3
    assert adopt_headers(database, files) == 0
    with database.session() as session:
        rows = {study: session.get(Study, study) for study in (dated, undated, gone)}
        row = rows[dated]
        assert row is not None
        assert (row.date, row.time, row.name) == ("20240506", "070800", "=muller^jorg=")
        assert [session.get(Original, (dated, place)).modality for place in (0, 1)] == ["CR", "CR"]  # type: ignore[union-attr]
        assert [rows[one].date for one in (undated, gone)] == [None, None]  # type: ignore[union-attr]
    database.close()
