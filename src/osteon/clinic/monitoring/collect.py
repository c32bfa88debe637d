"""Observations of the studies of a store: from its tables, its thumbnails and the headers of its files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from osteon.clinic.state import State
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.pacs import Receipt
from osteon.clinic.store.tables.studies import Image, Opinion, Original, StoredReading, Study
from osteon.core.errors import StoreError
from osteon.core.labels import Call
from osteon.imaging.sniff import Kind
from osteon.monitoring.headers import header_facts
from osteon.monitoring.measure import measure
from osteon.monitoring.observation import Answer, Observation
from osteon.monitoring.observe import mean_quantities

BATCH: Final = 200
"""Studies whose thumbnails are in memory at once."""

_KEPT: Final = 100_000
"""Studies whose pictures and headers need not be looked at again."""

Facts = tuple[dict[str, str], dict[str, float]]


class Collector:
    """Collects observations; what it saw of pictures and headers it keeps, since they do not change.

    Args:
        database: of the store.
        files: of the store; None to leave headers out.
    """

    def __init__(self, database: Database, files: Files | None) -> None:
        self._database = database
        self._files = files
        self._facts: OrderedDict[str, Facts] = OrderedDict()
        self._stopping = False

    def stop(self) -> None:
        """Give up what is being collected, since the server stops."""
        self._stopping = True

    def bundles(self) -> list[str]:
        """Identities of the bundles that read studies, the one of the latest study first."""
        with self._database.session() as session:
            rows = session.execute(
                select(Study.bundle, Study.received).where(Study.state == State.DONE).order_by(Study.received.desc())
            )
            return list(dict.fromkeys(bundle for bundle, _ in rows))

    def observations(self, bundle: str, since: datetime | None = None) -> list[Observation]:
        """Observations of the studies that a bundle read, the oldest first; of an examination its latest version counts.

        Args:
            bundle: ``name@version``.
            since: received then or later; None for all.

        Raises:
            StoreError: it was stopped meanwhile.
        """
        condition = [Study.state == State.DONE, Study.bundle == bundle]
        if since is not None:
            condition.append(Study.received >= since)
        with self._database.session() as session:
            rows = session.scalars(select(Study).where(*condition).order_by(Study.examination, Study.version)).all()
        latest = {row.examination: row for row in rows}
        chosen = sorted(latest.values(), key=lambda row: (row.received, row.id))
        found: list[Observation] = []
        for start in range(0, len(chosen), BATCH):
            if self._stopping:
                raise StoreError("the server stops")
            with self._database.session() as session:
                found += self._batch(session, chosen[start : start + BATCH])
        return found

    def _batch(self, session: Session, rows: Sequence[Study]) -> list[Observation]:
        ids = [row.id for row in rows]
        boxes = _boxes(session, ids)
        answers = _answers(session, ids)
        sites = _sites(session, ids)
        facts = self._pictures(session, ids)
        paths = self._paths(session, ids)
        return [
            replace(
                _observation(row, facts[row.id], boxes.get(row.id), sites.get(row.id), answers.get(row.id)),
                file=paths.get(row.id),
            )
            for row in rows
        ]

    def _paths(self, session: Session, ids: Sequence[str]) -> dict[str, Path]:
        """The first file of each study."""
        if self._files is None:
            return {}
        query = select(Original.study_id, Original.digest).where(Original.study_id.in_(ids), Original.position == 0)
        return {str(study): self._files.path(str(digest)) for study, digest in session.execute(query)}

    def _pictures(self, session: Session, ids: Sequence[str]) -> dict[str, Facts]:
        """What images and files of studies show."""
        new = [study for study in ids if study not in self._facts]
        if new:
            images, originals = _by_study(session, Image, new), _by_study(session, Original, new)
            for study in new:
                self._facts[study] = self._look(images.get(study, []), originals.get(study, []))
            while len(self._facts) > _KEPT:
                self._facts.popitem(last=False)
        return {study: self._facts.get(study, ({}, {})) for study in ids}

    def _look(self, images: Sequence[Image], originals: Sequence[Original]) -> Facts:
        categories: dict[str, str] = {}
        each: list[Mapping[str, float]] = []
        files = {original.position: original for original in originals}
        for image in images:
            original = files.get(image.original)
            quantities = {"rows": float(image.rows), "columns": float(image.columns), "bits": float(image.bits)}
            if original is not None:
                quantities["bytes_per_pixel"] = original.size / (original.pixels or image.rows * image.columns)
                if self._files is not None and image.format == Kind.DICOM:
                    stated, exposure = header_facts(self._files.path(original.digest))
                    categories, quantities = stated | categories, quantities | exposure
            if image.view is not None:
                categories.setdefault("view", image.view)
            categories.setdefault("format", image.format)
            each.append(quantities | measure(image.thumbnail))
        return categories, mean_quantities(each)


def _observation(row: Study, facts: Facts, boxes: int | None, site: str | None, answer: Answer | None) -> Observation:
    categories, quantities = dict(facts[0]), dict(facts[1])
    stated = {"sex": row.sex, "body_part": row.body_part, "call": row.call}
    categories |= {name: value for name, value in stated.items() if value}
    categories["refusal"] = row.refusals[0].code.value if row.refusals else "none"
    numbers = {"age": row.age, "probability": row.probability, "images": float(row.view_count)}
    if boxes is not None and row.call != Call.ABSTAIN:
        numbers["boxes"] = float(boxes)
    quantities |= {name: value for name, value in numbers.items() if value is not None}
    return Observation(row.received, row.bundle, categories, quantities, site, answer)


def _boxes(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """Number of boxes of studies that a detector read; without the heat maps, which are large."""
    content = StoredReading.content
    rows: Any = session.execute(
        select(StoredReading.study_id, content["findings"], content["finding_labels"]).where(
            StoredReading.study_id.in_(ids)
        )
    )
    return {study: len(findings or ()) for study, findings, labels in rows if labels}


def _answers(session: Session, ids: Sequence[str]) -> dict[str, Answer]:
    """The latest opinion about each study."""
    rows = session.scalars(select(Opinion).where(Opinion.study_id.in_(ids)).order_by(Opinion.created, Opinion.id))
    return {row.study_id: Answer(row.created, row.agrees) for row in rows}


def _sites(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Who sent each study over DICOM."""
    rows = session.execute(
        select(Receipt.study_id, Receipt.peer).where(Receipt.study_id.in_(ids)).order_by(Receipt.id.desc())
    )
    return {str(study): str(peer) for study, peer in rows}


def _by_study(session: Session, table: type[Any], ids: Sequence[str]) -> dict[str, list[Any]]:
    query = select(table).where(table.study_id.in_(ids)).order_by(table.study_id, table.position)
    if table is Image:
        query = query.options(undefer(Image.thumbnail))
    found: dict[str, list[Any]] = {}
    for row in session.scalars(query):
        found.setdefault(row.study_id, []).append(row)
    return found
