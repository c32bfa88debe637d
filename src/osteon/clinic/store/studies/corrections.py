"""Opinions of readers in the reading room as a snapshot: what they said of a fracture, and the boxes that they drew.

Readers had seen what the bundle says before they answered, so that a snapshot of opinions may be trained on and is no test set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.project import ItemImage
from osteon.clinic.annotation.snapshots.take import snapshot_image
from osteon.clinic.marks.measure import MarkKind
from osteon.clinic.store.annotation.items import images
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.marks import Mark
from osteon.clinic.store.tables.studies import Opinion, State, Study
from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN, Call
from osteon.core.snapshot import Snapshot, SnapshotImage, SnapshotRegion, SnapshotStudy

LABEL: Final = "fracture"
SCHEMA: Final = "opinions"


def corrections(session: Session, since: datetime) -> Snapshot:
    """Studies of which a reader said since a moment whether there is a fracture; the latest opinion of a study counts.

    A reader who agrees says what the bundle called. Doubt says neither, and is left out and counted. Of a study with several
    images a fracture is known to be on those with a box of the reader; the others are unknown then.

    Args:
        session: of the store.
        since: moment from which opinions are taken.

    Raises:
        DataError: nobody said anything.
    """
    said: dict[str, Opinion] = {}
    moment = func.coalesce(Opinion.changed, Opinion.created)
    # The latest first: an image that several versions of an examination have is taken from there.
    for opinion in session.scalars(select(Opinion).where(moment >= since).order_by(moment.desc(), Opinion.id.desc())):
        said.setdefault(opinion.study_id, opinion)
    left_out: Counter[str] = Counter()
    found: list[SnapshotStudy] = []
    taken: set[str] = set()
    for study_id, opinion in said.items():
        study = session.get(Study, study_id)
        if study is None or study.state != State.DONE:
            left_out["not_read"] += 1
            continue
        truth = _truth(opinion, study)
        if truth is None:
            left_out["in_doubt"] += 1
            continue
        marks = session.scalars(select(Mark).where(Mark.study_id == study_id, Mark.author == opinion.author)).all()
        found.append(_study(study, truth, marks, images(session, [study_id])[study_id], taken, left_out))
    found = [study for study in found if study.images]
    if not found:
        raise DataError("no reader said whether there is a fracture since then", got=f"{len(said)} opinions")
    return Snapshot(
        project="opinions of readers",
        schema_name=SCHEMA,
        schema_version=1,
        labels=(LABEL,),
        created=now(),
        studies=tuple(found),
        left_out=dict(sorted(left_out.items())),
    )


def _truth(opinion: Opinion, study: Study) -> bool | None:
    """Whether the reader sees a fracture; None where that is not said."""
    call = opinion.call or (study.call if opinion.agrees else None)
    return {Call.FRACTURE.value: True, Call.NO_FRACTURE.value: False}.get(call or "")


def _study(
    study: Study,
    truth: bool,
    marks: Sequence[Mark],
    pictures: tuple[ItemImage, ...],
    taken: set[str],
    left_out: Counter[str],
) -> SnapshotStudy:
    files = Counter(image.digest for image in pictures)
    made: list[SnapshotImage] = []
    for image in pictures:
        if files[image.digest] > 1 or image.instance.frame > 1:
            left_out["images_of_several_frames"] += 1
            continue
        if image.digest in taken:
            left_out["images_in_several_studies"] += 1
            continue
        taken.add(image.digest)
        regions = (
            tuple(_region(mark) for mark in marks if mark.image == image.position and _boxes(mark)) if truth else ()
        )
        value = 1 if truth and (regions or len(pictures) == 1) else UNKNOWN if truth else 0
        made.append(snapshot_image(image, {LABEL: value}, regions))
    return SnapshotStudy(
        study=study.examination,
        patient=study.pseudonym or "",
        age=None if study.age is None else float(int(study.age)),
        sex=study.sex,
        year=study.received.year,
        decided="opinion",
        readers=1,
        images=tuple(made),
    )


def _boxes(mark: Mark) -> bool:
    """Whether a mark says that there is a fracture: a box that the network missed, or one of its own that was accepted."""
    return mark.kind == MarkKind.BOX or (mark.kind == MarkKind.VERDICT and bool(mark.accepted))


def _region(mark: Mark) -> SnapshotRegion:
    (x0, y0), (x1, y1) = mark.points
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return SnapshotRegion(label=LABEL, box=box, reader="reader")
