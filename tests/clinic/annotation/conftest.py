"""Studies in a database, without their files: what the queries of annotation need of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from osteon.clinic.role import Role
from osteon.clinic.state import State
from osteon.clinic.store.access import accounts
from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, Original, StoredReading, Study

_NUMBERS = itertools.count()


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
