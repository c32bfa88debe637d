"""Agreement of a project equals what is counted by hand; reads that do not count are left out and said."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from tests.clinic.annotation import contents

from osteon.clinic.annotation.agreement.compute import measure
from osteon.clinic.annotation.agreement.document import as_json
from osteon.clinic.annotation.agreement.page import render_agreement
from osteon.clinic.annotation.agreement.plots import agreement_plots
from osteon.clinic.annotation.agreement.records import Agreement, AgreementOptions, AgreementRow, Compared, Level
from osteon.clinic.annotation.records.project import ItemState
from osteon.clinic.annotation.records.read import Provenance, Region, Stage
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RegionKind
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.stats.agreement.measure import Resampling, Undefined

OPTIONS = AgreementOptions(resampling=Resampling(resamples=100), pair_resamples=100)
NOTHING = {("no_finding", 0): 1, ("no_finding", 1): 1}
BOX = (10.0, 10.0, 50.0, 50.0)
NEAR = (10.0, 10.0, 50.0, 42.0)  # IoU 0.8
FAR = (30.0, 10.0, 70.0, 50.0)  # IoU 1/3


def measured(content: contents.ProjectContent, options: AgreementOptions = OPTIONS) -> Agreement:
    return measure(content, options, contents.START)


def find(agreement: Agreement, compared: Compared, level: Level, variable: str, *readers: str) -> AgreementRow:
    (row,) = [
        row for row in agreement.select(compared, level) if row.variable == variable and row.readers == tuple(readers)
    ]
    return row


def value(row: AgreementRow, name: str) -> float:
    estimate = row.figures[name].estimate
    assert estimate is not None
    return estimate.value


def spine() -> contents.ProjectContent:
    """Eight studies of two images: both say osteophytes in 4, neither in 2, anna alone in 1, ben alone in 1."""
    reads = []
    for number in range(1, 9):
        for reader in (1, 2):
            marks = {
                1: [("osteophytes", 0, BOX)],
                2: [("osteophytes", 0, BOX if reader == 1 else NEAR)],
                3: [("osteophytes", 0, BOX if reader == 1 else FAR)],
                4: [("osteophytes", 1, BOX), ("fracture", 1, FAR)],
                5: [("osteophytes", 0, BOX)] if reader == 1 else [],
                6: [("osteophytes", 0, BOX)] if reader == 2 else [],
            }.get(number, [])
            answers = {key: 1 for key in NOTHING if key[1] not in {image for _, image, _ in marks}}
            reads.append(contents.read(len(reads) + 1, reader, number, answers, marks, day=35 * (number > 4)))
    decided = [contents.consensus(1, 1, {("no_finding", 1): 1}, [("osteophytes", 0, BOX)])]
    decided.append(contents.consensus(2, 5, {("no_finding", 1): 1}, [("osteophytes", 0, BOX)]))
    return contents.content([contents.item(number) for number in range(1, 9)], reads, decided)


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return measured(spine())


def test_studies_are_those_of_the_two_by_two_table(agreement: Agreement) -> None:
    row = find(agreement, Compared.PAIR, Level.STUDY, "osteophytes", "anna", "ben")
    # 4 both, 2 neither, 1 and 1 alone: agreement 6/8, chance (5*5 + 3*3)/64, kappa 0.466...
    assert row.cases == 8
    assert value(row, "observed") == pytest.approx(6 / 8)
    assert value(row, "kappa") == pytest.approx((6 / 8 - 34 / 64) / (1 - 34 / 64))
    assert value(row, "specific.present") == pytest.approx(2 * 4 / (2 * 4 + 2))
    assert value(row, "specific.absent") == pytest.approx(2 * 2 / (2 * 2 + 2))
    assert row.counts == {"absent": 6, "present": 10}
    estimate = row.figures["kappa"].estimate
    assert estimate is not None
    assert estimate.ends is not None


def test_images_are_compared_one_by_one(agreement: Agreement) -> None:
    row = find(agreement, Compared.ALL, Level.IMAGE, "osteophytes")
    assert row.cases == 16
    assert value(row, "observed") == pytest.approx(14 / 16)
    # "No finding" is denied by whoever marked something there, although nobody said so.
    assert value(find(agreement, Compared.ALL, Level.IMAGE, "no_finding"), "observed") == pytest.approx(14 / 16)
    nobody = find(agreement, Compared.ALL, Level.IMAGE, "ankylosis")
    assert nobody.figures["kappa"].undefined is Undefined.ONE_CATEGORY
    assert nobody.figures["specific.present"].undefined is Undefined.NOBODY


def test_boxes_match_by_overlap(agreement: Agreement) -> None:
    row = find(agreement, Compared.PAIR, Level.REGION, "osteophytes", "anna", "ben")
    # Five boxes each; studies 1, 2 and 4 match at 0.5, study 3 at 0.3 besides.
    assert value(row, "f1_50") == pytest.approx(6 / 10)
    assert value(row, "f1_30") == pytest.approx(8 / 10)
    assert value(row, "overlap_50") == pytest.approx((1 + 0.8 + 1) / 3)
    every = find(agreement, Compared.ALL, Level.REGION, "*")
    assert every.counts == {"first": 6, "second": 6}
    assert value(every, "f1_50") == pytest.approx(8 / 12)


def test_readers_are_compared_with_the_consensus(agreement: Agreement) -> None:
    anna, ben = (find(agreement, Compared.CONSENSUS, Level.REGION, "osteophytes", name) for name in ("anna", "ben"))
    assert (anna.cases, value(anna, "sensitivity_50"), value(anna, "false_per_image_50")) == (4, 1.0, 0.0)
    assert value(ben, "sensitivity_50") == 0.5
    estimate = ben.figures["sensitivity_50"].estimate
    assert estimate is not None
    assert estimate.ends is None, "two patients give no interval"
    labels = find(agreement, Compared.CONSENSUS, Level.STUDY, "osteophytes", "ben")
    assert value(labels, "observed") == 0.5


def test_months_are_compared_where_there_are_several(agreement: Agreement) -> None:
    rows = [row for row in agreement.select(Compared.PERIOD, Level.STUDY) if row.variable == "osteophytes"]
    assert [(row.period, row.cases) for row in rows] == [("2026-10", 4), ("2026-11", 4)]
    assert value(rows[0], "observed") == 1.0


def test_repeats_are_compared_with_the_first_read_only() -> None:
    base = spine()
    again = [
        contents.read(
            100 + number,
            1,
            number,
            {("no_finding", 0): 1, ("no_finding", 1): 1},
            assignment=f"{number:032x}",
            repeat_of=base.reads[2 * number - 2].assignment,
        )
        for number in (1, 7)
    ]
    found = measured(replace(base, reads=(*base.reads, *again)))
    row = find(found, Compared.REPEAT, Level.STUDY, "osteophytes", "anna")
    assert (row.cases, value(row, "observed")) == (2, 0.5)
    assert find(found, Compared.PAIR, Level.STUDY, "osteophytes", "anna", "ben").cases == 8
    reader = next(one for one in found.readers if one.reader == "anna")
    assert (reader.studies, reader.repeats, reader.minutes, reader.median_seconds) == (8, 2, 10.0, 60.0)
    assert reader.per_hour == pytest.approx(60)
    assert (reader.abnormal, reader.regions) == (5, 6)


def test_reads_that_do_not_count_are_said() -> None:
    items = [contents.item(number) for number in (1, 2, 3, 4)]
    items[1] = replace(items[1], state=ItemState.SCREENED_OUT, reason="hand")
    reads = [
        contents.read(1, 1, 1, NOTHING),
        contents.read(2, 2, 1, {}, [("fracture", 0, BOX)], round=1),
        contents.read(3, 2, 1, NOTHING, round=2),
        contents.read(4, 1, 2, NOTHING),
        contents.read(5, 1, 3, {}, skip_reason="dark"),
        contents.read(6, 2, 3, NOTHING, schema_version=0),
        contents.read(7, 1, 4, NOTHING, imported_from="coco"),
        contents.read(8, 2, 4, NOTHING),
        contents.read(9, 1, 1, {}, [("fracture", 0, BOX)], stage=Stage.AIDED),
    ]
    found = measured(contents.content(items, reads))
    assert found.left_out == {"sent_back": 1, "screened_out": 1, "skipped": 1, "other_schema": 1, "imported": 1}
    assert (found.studies, found.read_twice) == (3, 1)
    assert value(find(found, Compared.ALL, Level.STUDY, "fracture"), "observed") == 1.0
    imported = measured(contents.content(items, reads), replace(OPTIONS, imported=True))
    assert imported.read_twice == 2
    assert not measured(contents.content(items, reads), replace(OPTIONS, stage=Stage.AIDED)).read_twice


def test_grades_have_weighted_figures_and_headings_follow_their_children() -> None:
    grades = ["normal", "hairline", "displaced"]
    said = [("normal", "normal"), ("normal", "hairline"), ("hairline", "displaced"), ("displaced", "displaced")] * 2
    reads = []
    for number, both in enumerate(said, start=1):
        for reader, grade in enumerate(both, start=1):
            reads.append(contents.read(len(reads) + 1, reader, number, {(grade, 0): 1}))
    items = [contents.item(number, images=1) for number in range(1, len(said) + 1)]
    found = measured(contents.content(items, reads, schema=shipped("mobilenet_elbow")))
    row = find(found, Compared.PAIR, Level.IMAGE, "|".join(grades), "anna", "ben")
    assert value(row, "observed") == 0.5
    assert value(row, "kappa") < value(row, "kappa_linear") < value(row, "kappa_quadratic")
    every = find(found, Compared.ALL, Level.IMAGE, "|".join(grades))
    assert value(every, "alpha_ordinal") > value(every, "alpha")
    assert value(find(found, Compared.PAIR, Level.IMAGE, "fracture", "anna", "ben"), "observed") == 6 / 8


def test_names_without_an_order_have_no_weighted_figures() -> None:
    sites = ["proximal", "midshaft", "distal"]
    said = [("proximal", "proximal"), ("proximal", "distal"), ("midshaft", "midshaft"), ("distal", "distal")] * 2
    reads = []
    for number, both in enumerate(said, start=1):
        for reader, site in enumerate(both, start=1):
            reads.append(contents.read(len(reads) + 1, reader, number, {(site, None): 1}))
    items = [contents.item(number, images=1) for number in range(1, len(said) + 1)]
    found = measured(contents.content(items, reads, schema=shipped("pediurf")))
    pair = find(found, Compared.PAIR, Level.STUDY, "|".join(sites), "anna", "ben")
    # By hand: 6 of 8 agree; expected by chance (4*2 + 2*2 + 2*4) / 64 = 20 / 64.
    assert value(pair, "observed") == 0.75
    assert value(pair, "kappa") == pytest.approx((0.75 - 20 / 64) / (1 - 20 / 64))
    assert not {"kappa_linear", "kappa_quadratic"} & pair.figures.keys()
    assert "alpha_ordinal" not in find(found, Compared.ALL, Level.STUDY, "|".join(sites)).figures


def test_angles_are_compared_by_their_degrees() -> None:
    label = Label("flexion", "Flexion", LabelScope.REGION, kinds=(RegionKind.ANGLE,))
    schema = LabelSchema("angles", "Angles", (label,))
    reads = []
    for number, (first, second) in enumerate([(90, 90), (45, 45), (30, 33), (120, 118), (60, 61), (10, 14)], start=1):
        for reader, angle in ((1, first), (2, second)):
            end = (50 + 20 * math.cos(math.radians(angle)), 50 + 20 * math.sin(math.radians(angle)))
            drawn = Region("a", "flexion", 0, RegionKind.ANGLE, ((90, 50), (50, 50), end))
            reads.append(replace(contents.read(len(reads) + 1, reader, number, {}), regions=(drawn,)))
    found = measured(contents.content([contents.item(n, images=1) for n in range(1, 7)], reads, schema=schema))
    row = find(found, Compared.ALL, Level.REGION, "flexion")
    assert (row.cases, row.counts, found.not_compared) == (6, {"drawn": 12}, {})
    # Observed: 2 x sum of squared differences; expected over all pairs of the twelve numbers, computed with NumPy.
    numbers = np.array([[90, 90], [45, 45], [30, 33], [120, 118], [60, 61], [10, 14]], float)
    apart = (numbers.ravel()[:, None] - numbers.ravel()) ** 2
    observed = 2 * ((numbers[:, 0] - numbers[:, 1]) ** 2).sum() / 12
    assert value(row, "alpha_angle") == pytest.approx(1 - observed / (apart.sum() / (12 * 11)))


def test_what_became_of_proposals_is_counted() -> None:
    base = contents.read(1, 1, 1, {}, [("fracture", 0, BOX), ("fracture", 0, FAR)], rejected=(3,), stage=Stage.AIDED)
    ways = (Provenance.ACCEPTED, Provenance.EDITED)
    regions = tuple(replace(one, provenance=way) for one, way in zip(base.regions, ways, strict=True))
    (anna, *_) = measured(contents.content([contents.item(1)], [replace(base, regions=regions)])).readers
    assert (anna.accepted, anna.edited, anna.rejected) == (1, 1, 1)


def test_report_and_json_hold_all_of_it(agreement: Agreement) -> None:
    plots = agreement_plots(agreement)
    assert set(plots) == {"labels", "froc", "time"}
    page = render_agreement(agreement, plots)
    assert "All judgements are the same, so that only raw agreement has a value: Ankylosis, " in page
    assert "Only 8 studies were read by two readers" in page
    assert "anna and ben" in page
    assert "<script" not in page
    text = json.loads(json.dumps(as_json(agreement), allow_nan=False))
    assert len(text["rows"]) == len(agreement.rows)
    empty = measured(contents.content([contents.item(1)], []))
    assert "cannot be compared" in render_agreement(empty, agreement_plots(empty))
