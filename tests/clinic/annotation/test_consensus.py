"""Matching of regions, disagreements, consensus by rule, and the replay of events: against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from osteon.clinic.annotation.decide import decide
from osteon.clinic.annotation.disagreement import counted, disagreement
from osteon.clinic.annotation.draft import replay
from osteon.clinic.annotation.matching import groups
from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.event import Event, EventKind
from osteon.clinic.annotation.records.project import Arm
from osteon.clinic.annotation.records.read import Answer, Proposal, Provenance, Read, Region, Stage
from osteon.clinic.annotation.schema.records import RegionKind
from osteon.clinic.annotation.schema.shipped import shipped

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def box(name: str, x0: float, y0: float, x1: float, y1: float, label: str = "fracture") -> Region:
    return Region(name, label, 0, RegionKind.BOX, ((x0, y0), (x1, y1)))


def read(reader: int, answers: tuple[Answer, ...] = (), regions: tuple[Region, ...] = (), **fields: Any) -> Read:
    made = Read(
        id=reader,
        assignment=f"a{reader}",
        item=1,
        reader=reader,
        reader_name=f"r{reader}",
        round=1,
        stage=Stage.UNAIDED,
        arm=Arm.UNAIDED,
        repeat_of="",
        schema_version=1,
        answers=answers,
        regions=regions,
        active_seconds=1.0,
        started=MOMENT,
        finished=MOMENT,
    )
    return replace(made, **fields)


def test_boxes_match_one_to_one_the_best_first() -> None:
    # IoU of (0..100) with (10..110) in x: 90/110 = 0.82; with (40..140): 60/140 = 0.43
    found = groups({1: [box("a", 0, 0, 100, 100)], 2: [box("b", 40, 0, 140, 100), box("c", 10, 0, 110, 100)]}, 0.4)
    assert [sorted(region.id for region in group.regions.values()) for group in found] == [["a", "c"], ["b"]]
    alone = groups({1: [box("a", 0, 0, 100, 100)], 2: [box("c", 10, 0, 110, 100)]}, 0.9)
    assert len(alone) == 2


def test_other_labels_and_shapes_do_not_match() -> None:
    point = Region("p", "fracture", 0, RegionKind.POINT, ((50.0, 50.0),))
    near = Region("q", "fracture", 0, RegionKind.POINT, ((52.0, 51.0),))
    far = Region("r", "fracture", 0, RegionKind.POINT, ((80.0, 51.0),))
    assert len(groups({1: [box("a", 0, 0, 9, 9)], 2: [box("b", 0, 0, 9, 9, "other")]}, 0.5)) == 2
    assert [len(group.regions) for group in groups({1: [point], 2: [near]}, 0.3)] == [2]
    assert len(groups({1: [point], 2: [far]}, 0.3)) == 2


def test_no_group_has_two_regions_of_one_reader() -> None:
    found = groups({1: [box("a", 0, 0, 10, 10), box("b", 0, 0, 10, 10)], 2: [box("c", 0, 0, 10, 10)]}, 0.5)
    assert sorted(len(group.regions) for group in found) == [1, 2]


def test_disagreements_are_those_and_no_others() -> None:
    schema = shipped("fractuvision")
    first = read(1, (Answer("fractured", 1), Answer("hardware", 0)), (box("a", 0, 0, 10, 10),))
    second = read(2, (Answer("fractured", 0),), (box("b", 0, 0, 10, 9), box("c", 50, 50, 60, 60)))
    found = disagreement(schema, [first, second], [0], 0.5)
    assert [(one.label, dict(one.values)) for one in found.labels] == [("fractured", {1: 1, 2: 0})]
    assert [(list(one.group.regions), one.missing) for one in found.regions] == [([2], (1,))]
    assert not disagreement(schema, [first, replace(first, id=3, reader=3)], [0], 0.5)


def test_the_last_read_of_each_reader_counts() -> None:
    first, again = read(1), read(1, id=5, round=2)
    aided, repeat = read(2, id=7, stage=Stage.AIDED), read(3, id=8, repeat_of="x")
    skipped = read(4, id=9, skip_reason="dark")
    assert [one.id for one in counted([again, first, read(2), aided, repeat, skipped])] == [5, 7]


@pytest.mark.parametrize(
    ("rule", "value", "boxes"),
    [
        (ConsensusRule.MAJORITY, 1, 1),
        (ConsensusRule.ANY, 1, 2),
        (ConsensusRule.ALL, 0, 0),
        (ConsensusRule.WEIGHTED, 0, 1),
    ],
)
def test_rules(rule: ConsensusRule, value: int, boxes: int) -> None:
    reads = [
        read(1, (Answer("fractured", 1),), (box("a", 0, 0, 10, 10),)),
        read(2, (Answer("fractured", 1),), (box("b", 0, 0, 12, 10),)),
        read(3, (Answer("fractured", 0),), (box("c", 50, 50, 60, 60),)),
    ]
    answers, regions = decide(reads, rule, 0.5, {3: 5.0})
    assert answers == (Answer("fractured", value),)
    assert len(regions) == boxes
    if rule is ConsensusRule.MAJORITY:
        assert regions[0].points == ((0.0, 0.0), (11.0, 10.0))


def test_a_tie_is_unknown_and_an_unknown_has_no_voice() -> None:
    tie = decide([read(1, (Answer("x", 1),)), read(2, (Answer("x", 0),))], ConsensusRule.MAJORITY, 0.5)
    assert tie[0] == (Answer("x", -1),)
    one = decide([read(1, (Answer("x", 1),)), read(2, (Answer("x", -1),))], ConsensusRule.MAJORITY, 0.5)
    assert one[0] == (Answer("x", 1),)


def event(number: int, kind: EventKind, /, **payload: Any) -> Event:
    return Event("a", number, str(number), "ann", kind, payload, MOMENT)


def test_replay_gives_the_state() -> None:
    offered = {4: Proposal(4, "fracture", 0, ((1.0, 2.0), (30.0, 40.0)), 0.8, "m@1")}
    region = {"label": "fracture", "image": 0, "kind": "box"}
    events = [
        event(1, EventKind.ANSWER, label="fractured", value=1, image=None),
        event(2, EventKind.ANSWER, label="fractured", value=None, image=None),
        event(3, EventKind.ANSWER, label="hardware", value=0, image=None),
        event(4, EventKind.REGION, id="r1", points=[[0, 0], [5, 5]], **region),
        event(5, EventKind.REGION, id="r1", points=[[1, 1], [6, 6]], **region),
        event(6, EventKind.REGION, id="r2", points=[[1, 1], [6, 6]], **region),
        event(7, EventKind.REGION_REMOVED, id="r2"),
        event(8, EventKind.REGION_REMOVED, id="r2"),
        event(9, EventKind.PROPOSAL, number=4, decision="accepted", id="p"),
        event(10, EventKind.ACTIVE, seconds=12.5),
        event(11, EventKind.ACTIVE, seconds=2.5),
    ]
    draft = replay(events, offered)
    assert draft.said() == (Answer("hardware", 0),)
    assert [(one.id, one.provenance) for one in draft.regions.values()] == [
        ("r1", Provenance.OWN),
        ("p", Provenance.ACCEPTED),
    ]
    assert draft.regions["r1"].points == ((1.0, 1.0), (6.0, 6.0))
    assert (draft.active_seconds, draft.sequence) == (15.0, 11)
    assert replay(events[5:], offered, replay(events[:5], offered)) == draft, "it can be gone on with"
    moved = event(12, EventKind.REGION, id="p", points=[[2, 2], [30, 40]], **region)
    assert replay([moved], offered, draft).regions["p"].provenance is Provenance.EDITED
    rejected = event(13, EventKind.PROPOSAL, number=4, decision="rejected", id=None)
    assert "p" not in replay([rejected], offered, draft).regions
    assert draft.rejected == {4}
    assert replay([event(14, EventKind.FINISH)], offered, draft).active_seconds == 0
