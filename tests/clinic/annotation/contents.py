"""Projects as records, made without a store: what readers said is given as labels and boxes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from osteon.clinic.annotation.records.consensus import Consensus, ConsensusRule
from osteon.clinic.annotation.records.project import (
    Arm,
    Assignment,
    AssignmentState,
    Item,
    ItemImage,
    ItemState,
    Member,
    MemberRole,
    Order,
    Project,
)
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Answer, Read, Region, Stage
from osteon.clinic.annotation.schema.records import LabelSchema, RegionKind
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.core.instance import InstanceRef

START = datetime(2026, 10, 1, 9, tzinfo=UTC)

Marks = Sequence[tuple[str, int, tuple[float, float, float, float]]]
"""Label, image, and corners of a box."""


def region(number: int, label: str, image: int, box: tuple[float, float, float, float], **more: Any) -> Region:
    """A box."""
    points = ((box[0], box[1]), (box[2], box[3]))
    return Region(f"r{number}", label, image, RegionKind.BOX, points, **more)


def item(number: int, *, images: int = 2, **more: Any) -> Item:
    """A study of one woman or man each, of two views."""
    views = ("frontal", "lateral")
    pictures = tuple(
        ItemImage(
            position=place,
            instance=InstanceRef(f"1.2.{number}.{place + 1}", 1),
            digest=hashlib.sha256(f"{number} {place}".encode()).hexdigest(),
            rows=200,
            columns=100,
            view=views[place % 2],
            series=f"1.2.{number}",
            sop_class="1.2.840.10008.5.1.4.1.1.1",
        )
        for place in range(images)
    )
    known: dict[str, Any] = {
        "study": f"study{number}",
        "examination": f"examination{number}",
        "uid": f"1.2.{number}.0",
        "patient": f"P-{number}",
        "state": ItemState.INCLUDED,
        "age": 40.0 + number,
        "sex": "F" if number % 2 else "M",
        "year": 2015 + number % 5,
    }
    return Item(id=number, images=pictures, **{**known, **more})


def read(
    number: int,
    reader: int,
    study: int,
    answers: Mapping[tuple[str, int | None], int],
    marks: Marks = (),
    *,
    day: float = 0,
    **more: Any,
) -> Read:
    """A finished read of 60 active seconds."""
    finished = START + timedelta(days=day, minutes=number)
    known: dict[str, Any] = {
        "assignment": f"{reader:04x}{study:028x}",
        "reader_name": f"reader {reader}",
        "round": 1,
        "stage": Stage.UNAIDED,
        "arm": Arm.UNAIDED,
        "repeat_of": "",
        "schema_version": 1,
        "active_seconds": 60.0,
        "started": finished - timedelta(minutes=2),
        "finished": finished,
    }
    return Read(
        id=number,
        item=study,
        reader=reader,
        answers=tuple(Answer(label, value, image) for (label, image), value in answers.items()),
        regions=tuple(region(place, *mark) for place, mark in enumerate(marks)),
        **{**known, **more},
    )


def consensus(number: int, study: int, answers: Mapping[tuple[str, int | None], int], marks: Marks = ()) -> Consensus:
    """A signed consensus by a person."""
    return Consensus(
        id=number,
        item=study,
        rule=ConsensusRule.PERSON,
        answers=tuple(Answer(label, value, image) for (label, image), value in answers.items()),
        regions=tuple(region(place, *mark) for place, mark in enumerate(marks)),
        reads=(),
        author="head",
        created=START,
        signed=START,
    )


def content(
    items: Sequence[Item],
    reads: Sequence[Read],
    decided: Sequence[Consensus] = (),
    *,
    schema: LabelSchema | None = None,
    names: Sequence[str] = ("anna", "ben", "carla"),
) -> ProjectContent:
    """A project whose readers are numbered from 1."""
    chosen = schema or shipped("vindr_spinexr")
    project = Project("0" * 32, "spine", chosen.name, 1, 2, 0.1, 7, Order.RANDOM, Arm.UNAIDED, 0.5, START)
    assignments = tuple(
        Assignment(one.assignment, one.item, one.reader, one.arm, Order.RANDOM, place, AssignmentState.FINISHED)
        for place, one in enumerate(reads)
    )
    members = tuple(Member(number, name, MemberRole.ANNOTATOR) for number, name in enumerate(names, start=1))
    return ProjectContent(project, chosen, members, tuple(items), assignments, tuple(reads), tuple(decided))
