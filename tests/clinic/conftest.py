"""Stores for tests: on SQLite, and on a real PostgreSQL server that is started for them."""

from __future__ import annotations

import io
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("sqlalchemy")

from sqlalchemy import create_engine, text

from osteon.bundle.archive import Bundle, open_bundle
from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake
from osteon.clinic.reading.worker import Worker
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.inference.engine import InferenceEngine

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The sample films."""
    return SAMPLES


@pytest.fixture(scope="session")
def boxes_file(blobs: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that reads within milliseconds, with a classifier and a detector."""
    return blobs.make(tmp_path_factory.mktemp("boxes") / "boxes.osteon", blobs.both())


@pytest.fixture(scope="session")
def small_bundle(boxes_file: Path) -> Bundle:
    """That bundle, open."""
    return open_bundle(boxes_file)


@pytest.fixture(scope="session")
def picture(blobs: Any) -> Callable[..., bytes]:
    """A PNG of a simulated film, another for each seed; every third has no fracture: ``picture(seed, rows, columns)``."""

    def make(seed: int, rows: int = 96, columns: int = 80) -> bytes:
        bright = (0.0, 0.75, 0.95)[seed % 3]
        film = blobs.film(bright, shape=(rows, columns), at=(0.3 + 0.05 * (seed % 8), 0.5))
        grain = np.random.default_rng(seed).normal(0, 0.004, film.shape)
        grey = np.rint(np.clip(film + grain, 0, 1) * 255).astype(np.uint8)
        return cv2.imencode(".png", grey)[1].tobytes()

    return make


@pytest.fixture(scope="session")
def dicom() -> Callable[..., bytes]:
    """A DICOM film: ``dicom(words, PatientID="7", ...)``."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

    def make(words: Any, *, bits: int = 12, **elements: Any) -> bytes:
        header = Dataset()
        header.SOPClassUID = ComputedRadiographyImageStorage
        header.SOPInstanceUID, header.StudyInstanceUID, header.SeriesInstanceUID = (generate_uid() for _ in range(3))
        header.Modality = "CR"
        header.PatientName, header.PatientID = "Secret^Name", "SECRET7"
        header.Rows, header.Columns = words.shape
        header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
        header.BitsAllocated, header.BitsStored, header.HighBit = 16, bits, bits - 1
        header.PixelRepresentation = 0
        header.PixelData = words.astype("<u2").tobytes()
        for keyword, value in elements.items():
            setattr(header, keyword, value)
        header.file_meta = FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        stream = io.BytesIO()
        header.save_as(stream, enforce_file_format=True, little_endian=True, implicit_vr=False)
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def small_reader(small_bundle: Bundle) -> InferenceEngine:
    """The reader of that bundle."""
    return InferenceEngine(small_bundle, 1)


class Postgres:
    """A PostgreSQL server of its own, without a database yet; needs its programs, and a user where this one is root.

    Attributes:
        url: as ``postgresql+psycopg://...`` with ``%s`` for the name of a database.
    """

    def __init__(self, folder: str) -> None:
        found = shutil.which("initdb")
        programs = Path(found).parent if found else next(iter(PROGRAMS), None)
        if programs is None or not (programs / "pg_ctl").exists():
            pytest.skip("needs a PostgreSQL server's programs: initdb and pg_ctl are not there")
        pytest.importorskip("psycopg")
        self._programs = programs
        self._user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        if self._user is not None:
            try:
                pwd.getpwnam(self._user)
            except KeyError:
                pytest.skip("needs a user named postgres: the server refuses to run as root")
            shutil.chown(folder, self._user)
        self._folder = folder
        self.url = f"postgresql+psycopg://osteon@/%s?host={folder}"
        self._run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "osteon", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start it."""
        options = f"-k {self._folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200"
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-o", options, "-l", f"{self._folder}/log", "-w", "start")

    def stop(self) -> None:
        """End it at once."""
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, user=self._user, cwd=self._folder, check=True, stdout=subprocess.DEVNULL, timeout=60)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server, which ends with the session."""
    # Its socket's path must be short, so this is not below pytest's folder.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Postgres(folder)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that may be stopped and started."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file of the newest schema without rows: to migrate one for each test would take half of their time."""
    file = tmp_path_factory.mktemp("migrated") / "osteon.db"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The name of such a database on the server."""
    engine = create_engine(postgres % "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE migrated"))
    engine.dispose()
    open_database(postgres % "migrated").close()
    return "migrated"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of both kinds; its schema is there where the test asks for ``database``, too."""
    migrated = "database" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "osteon.db"
        if migrated:
            shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"t{abs(hash(request.node.nodeid)):x}"
    template = f" TEMPLATE {request.getfixturevalue('migrated_postgres')}" if migrated else ""
    engine = create_engine(server % "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{template}"))
    yield server % name
    # Each has 300 files: to remove those of all tests together at the end took a minute.
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database."""
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The files of an empty store."""
    return Files(tmp_path / "store")


class Store(SimpleNamespace):
    """A store with all that works on it; the worker is not started."""

    database: Database
    files: Files
    hub: Hub
    intake: Intake
    worker: Worker


@pytest.fixture
def stores(
    database: Database, files: Files, small_bundle: Bundle, small_reader: InferenceEngine
) -> Iterator[Callable[..., Store]]:
    """Makes stores on the same database and files; their workers are stopped at the end."""
    made: list[Store] = []

    def make(*, jobs: int = 1, most: int = 500) -> Store:
        hub = Hub()
        identity, digest = small_bundle.manifest.identity, small_bundle.digest
        intake = Intake(database, files, hub, bundle=identity, digest=digest, most=most)
        worker = Worker(database, files, small_reader, hub, jobs)
        made.append(Store(database=database, files=files, hub=hub, intake=intake, worker=worker))
        return made[-1]

    yield make
    for one in made:
        one.worker.stop()
    files.release()


@pytest.fixture
def store(stores: Callable[..., Store]) -> Store:
    """A store."""
    return stores()
