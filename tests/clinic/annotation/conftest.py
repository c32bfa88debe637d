"""A project of spine radiographs with its files, as records; and studies in a database, without their files."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from tests.clinic.annotation import contents

from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.snapshots.take import take
from osteon.clinic.role import Role
from osteon.clinic.state import State
from osteon.clinic.store.access import accounts
from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, Original, StoredReading, Study
from osteon.core.instance import InstanceRef

_NUMBERS = itertools.count()
BOX = (10.25, 20.5, 60.75, 90.0)
OTHER = (5.0, 100.0, 40.0, 150.0)
STUDIES = 15


@pytest.fixture(scope="session")
def spine(dicom: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> tuple[ProjectContent, Path]:
    """A project of fifteen studies of two views with their files: DICOM, and every fifth study PNG."""
    folder = tmp_path_factory.mktemp("store")
    items, reads = [], []
    for number in range(1, STUDIES + 1):
        item = contents.item(number)
        images = []
        for image in item.images:
            words = np.random.default_rng(100 * number + image.position).integers(0, 4000, (200, 100), np.uint16)
            if number % 5 == 0:
                stream = io.BytesIO()
                Picture.fromarray(words).save(stream, "PNG")
                data, form, uid = stream.getvalue(), "PNG", ""
            else:
                form, uid = "DICOM", image.instance.sop_instance_uid
                data = dicom(words, SOPInstanceUID=uid, StudyInstanceUID=item.uid, SeriesInstanceUID=image.series)
            digest = hashlib.sha256(data).hexdigest()
            (folder / digest).write_bytes(data)
            images.append(replace(image, digest=digest, format=form, instance=InstanceRef(uid, 1)))
        items.append(replace(item, images=tuple(images)))
        for reader in (1, 2):
            marks: list[Any] = [("osteophytes", 0, BOX)] if number % 2 else []
            marks += [("fracture", 1, OTHER)] if number % 3 == 0 else []
            normal = {("no_finding", place): 1 for place in (0, 1) if place not in {image for _, image, _ in marks}}
            reads.append(contents.read(len(reads) + 1, reader, number, normal, marks))
    return contents.content(items, reads), folder


def written(spine: tuple[ProjectContent, Path], out: Path, to: str = "listed", pictures: str = "png") -> Any:
    """Write a snapshot of the project, its studies decided by majority; the table that was written."""
    from osteon.data.snapshots.write import write_snapshot

    content, folder = spine
    snapshot = take(content, contents.START, ConsensusRule.MAJORITY)
    return write_snapshot(snapshot, lambda digest: folder / digest, out, to=to, pictures=pictures)


@pytest.fixture
def studies(database: Database) -> Callable[..., list[str]]:
    """Makes studies of two images that are read: ``studies(3, probability=0.4)``."""

    def make(count: int, probability: float | None = 0.5) -> list[str]:
        made: list[str] = []
        with database.session() as session:
            for _ in range(count):
                name = f"{next(_NUMBERS):020x}"
                session.add(
                    Study(
                        id=name,
                        key=name,
                        state=State.DONE,
                        received=now(),
                        bundle="boxes@1.0.0",
                        examination=name,
                        age=48.5,
                        sex="F",
                        probability=probability,
                        pseudonym=f"P-{name[-4:]}",
                    )
                )
                session.flush()
                for position in range(2):
                    session.add(
                        Original(study_id=name, position=position, digest=f"{name}{position}", size=1, format="PNG")
                    )
                    session.add(picture_of(name, position, probability))
                findings = [{"label": "fracture", "image": 0, "box": [10, 20, 60, 90], "score": 0.9, "definite": True}]
                session.add(StoredReading(study_id=name, content={"findings": findings}))
                made.append(name)
        return made

    return make


def picture_of(study: str, position: int, probability: float | None) -> Image:
    """A row of an image."""
    return Image(
        study_id=study,
        position=position,
        original=position,
        frame=0,
        rows=400,
        columns=300,
        row_spacing=None,
        column_spacing=None,
        bits=8,
        view="frontal" if position == 0 else "lateral",
        laterality=None,
        body_part=None,
        format="PNG",
        notes=(),
        probability=None if probability is None else probability / (position + 1),
        refusals=(),
        heat=False,
        window_low=None,
        window_high=None,
        thumbnail=b"",
    )


@pytest.fixture
def people(database: Database) -> Callable[..., list[User]]:
    """Makes accounts of annotators, of the names that are given."""

    def make(*names: str) -> list[User]:
        with database.session() as session:
            return [accounts.create(session, name, Role.ANNOTATOR, None) for name in names]

    return make
