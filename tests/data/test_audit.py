"""The audit finds each trap, and says nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageOps

from osteon.data.audit import HEADINGS, SEVERITIES, Problem, audit
from osteon.data.audit.checks.shortcuts import auc_of, shortcuts
from osteon.data.audit.page import write_page
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.datasets import find
from osteon.data.duplicates.duplicates import Variant
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table, from_cases


def test_every_kind_has_a_severity_and_a_heading() -> None:
    assert set(SEVERITIES) == set(HEADINGS) == set(Kind)


def test_the_traps_of_fracatlas(fracatlas: Path, tmp_path: Path) -> None:
    card = find("fracatlas").card
    found = audit(find("fracatlas").read(fracatlas), fracatlas, card)
    assert found.images == 24
    counts = found.counts()
    for kind in (
        Kind.TRUNCATED,
        Kind.UNREADABLE,
        Kind.CONTRADICTING_LABEL,
        Kind.SWAPPED_SIZE,
        Kind.EXACT_DUPLICATE,
        Kind.NO_PATIENT,
        Kind.PARTIAL_SPLIT,
        Kind.NO_RECORD,
        Kind.MISSING_FILE,
        Kind.OTHER_COUNT,
    ):
        assert counts[kind] >= 1, kind
    write_page(tmp_path / "page.html", found, card, fracatlas)
    page = (tmp_path / "page.html").read_text()
    assert page.count("data:image/jpeg;base64,") >= 4
    assert "IMG0000008.jpg" in page
    assert "http" not in page


def cases(count: int, **values: Callable[[int], object]) -> list[Case]:
    plain = FileFacts(64, 64, "L", "PNG", 5000)
    made = []
    for number in range(count):
        own = {name: value(number) for name, value in values.items()}
        facts = replace(plain, **{name: own.pop(name) for name in ("mode", "format") if name in own})
        made.append(Case(f"{number:04d}.png", facts, **{"study": f"s{number}", **own}))
    return made


def draw(root: Path, make_image: Callable[..., Image.Image], table: Table) -> None:
    for number, name in enumerate(table.images):
        make_image(number, 64, 64).save(root / name)


def test_leaks_contradictions_and_people(tmp_path: Path, make_image: Callable[..., Image.Image]) -> None:
    made = cases(
        24,
        patient=lambda n: f"p{n // 2}",
        study=lambda n: f"s{n // 2}",
        split=lambda n: "test" if n in {1, 2, 3} else "train",
        labels=lambda n: {"fracture": n % 2},
    )
    from osteon.core.labels import Sex, View

    made = [
        replace(case, view=(View.FRONTAL, View.LATERAL)[n % 2], age=5.0, sex=Sex.MALE) for n, case in enumerate(made)
    ]
    made[4] = replace(made[4], sex=Sex.FEMALE)
    made[6] = replace(made[6], age=40.0)
    made[23] = replace(made[23], view=View.FRONTAL)
    table = from_cases(made, dataset="folder", licence="CC0-1.0")
    draw(tmp_path, make_image, table)
    make_image(8, 64, 64).save(tmp_path / made[9].image)
    ImageOps.invert(make_image(2, 64, 64)).save(tmp_path / made[12].image)
    found = audit(table, tmp_path, find("folder").card)
    by_kind = {problem.kind: problem for problem in found.problems}
    assert by_kind[Kind.PATIENT_ACROSS_SPLITS].images == (made[0].image, made[1].image)
    assert by_kind[Kind.STUDY_ACROSS_SPLITS].images == (made[0].image, made[1].image)
    assert by_kind[Kind.DUPLICATE_LABELS].images == (made[8].image, made[9].image)
    assert by_kind[Kind.DUPLICATE_ACROSS_SPLITS].images == (made[2].image, made[12].image)
    assert by_kind[Kind.NEAR_DUPLICATE].values["variant"] == Variant.INVERTED
    assert by_kind[Kind.IMPLAUSIBLE_SEX].images == (made[4].image, made[5].image)
    assert by_kind[Kind.IMPLAUSIBLE_AGE].images == (made[6].image, made[7].image)
    assert by_kind[Kind.MISSING_VIEW].images == (made[22].image, made[23].image)


def test_a_shortcut_is_found_and_chance_is_not() -> None:
    random = np.random.default_rng(0)
    labels = (np.arange(400) % 4 == 0).astype(int).tolist()
    modes = [
        ("RGB" if value < 0.8 else "L") if label else ("RGB" if value < 0.3 else "L")
        for label, value in zip(labels, random.random(400), strict=True)
    ]
    sources = [str(value) for value in random.integers(0, 150, 400)]
    table = from_cases(cases(400, labels=lambda n: {"fracture": labels[n]}), dataset="folder", licence="CC0-1.0")
    found = shortcuts(table, {"colour mode": pl.Series(modes), "source": pl.Series(sources)})
    mode, source = found
    assert (mode.attribute, source.attribute) == ("colour mode", "source")
    assert 0.65 < mode.auc < 0.85
    assert 0.5 < mode.floor < mode.low < mode.auc < mode.high
    assert source.floor < 0.5
    assert mode.highest is not None
    assert mode.lowest is not None
    assert (mode.highest.value, mode.highest.share > mode.lowest.share) == ("RGB", True)


def test_what_two_views_of_a_patient_share_is_no_shortcut() -> None:
    """The size tells each patient, and so the label of its other view; folds and interval go by patient."""
    labels = np.random.default_rng(1).integers(0, 2, 60).tolist()
    made = cases(120, patient=lambda n: f"p{n // 2}", labels=lambda n: {"fracture": labels[n // 2]})
    table = from_cases(made, dataset="folder", licence="CC0-1.0")
    sizes = pl.Series([f"{n // 2}" for n in range(120)])
    (found,) = shortcuts(table, {"image size": sizes})
    assert found.floor <= 0.5


def test_the_interval_widens_where_images_come_in_groups() -> None:
    random = np.random.default_rng(2)
    positive = np.repeat(random.random(150) < 0.4, 2)
    scores = np.repeat(random.normal(size=150), 2) + positive
    alone, grouped = auc_of(scores, positive), auc_of(scores, positive, np.arange(300) // 2)
    assert alone[0] == grouped[0]
    assert grouped[2] - grouped[1] == pytest.approx(np.sqrt(2) * (alone[2] - alone[1]), rel=0.05)


def test_the_area_and_its_interval_are_delongs() -> None:
    random = np.random.default_rng(2)
    positive = random.random(300) < 0.3
    scores = np.round(random.normal(positive * 0.8, 1.0), 1)
    area, low, high = auc_of(scores, positive)
    wins = (scores[positive][:, None] > scores[~positive]) + 0.5 * (scores[positive][:, None] == scores[~positive])
    assert area == pytest.approx(wins.mean())
    resampled = []
    for _ in range(2000):
        rows = random.integers(0, 300, 300)
        resampled.append(auc_of(scores[rows], positive[rows])[0])
    assert (low, high) == pytest.approx(np.quantile(resampled, [0.025, 0.975]), abs=0.01)


@pytest.mark.real_data
@pytest.mark.slow
def test_the_real_fracatlas(shared_data: Path) -> None:
    root = shared_data / "fracatlas"
    found = audit(find("fracatlas").read(root), root, find("fracatlas").card)
    assert found.images == 3471
    counts = found.counts()
    by_kind: dict[Kind, list[Problem]] = {}
    for problem in found.problems:
        by_kind.setdefault(problem.kind, []).append(problem)
    assert counts[Kind.TRUNCATED] == 59
    assert all("Non_fractured" in problem.images[0] for problem in by_kind[Kind.TRUNCATED])
    assert [Path(one.images[0]).stem for one in by_kind[Kind.CONTRADICTING_LABEL]] == ["IMG0003298"]
    assert [Path(one.images[0]).stem for one in by_kind[Kind.SWAPPED_SIZE]] == ["IMG0002628"]
    assert sum(len(one.images) for one in by_kind[Kind.EXACT_DUPLICATE]) == 19
    assert counts[Kind.NEAR_DUPLICATE] >= 100
    assert counts[Kind.NO_PATIENT] == counts[Kind.PARTIAL_SPLIT] == 1
    assert by_kind[Kind.PARTIAL_SPLIT][0].values["constant"] == ("fracture",)
    assert by_kind[Kind.PARTIAL_SPLIT][0].values["constant_values"] == ("1",)
    assert {Path(one.images[0]).stem + Path(one.images[1]).stem for one in by_kind[Kind.DUPLICATE_LABELS]} == {
        "IMG0002886IMG0004243",
        "IMG0002998IMG0004280",
        "IMG0003034IMG0004314",
        "IMG0003034IMG0004341",
        "IMG0004262IMG0002952",
    }
    assert counts[Kind.DUPLICATE_ACROSS_SPLITS] >= 10
    assert ProblemCode.BROKEN_IN_ONE_FOLDER in {problem.code for problem in by_kind[Kind.SHORTCUT]}
    attributes = {problem.values.get("attribute") for problem in by_kind[Kind.SHORTCUT]}
    assert attributes >= {"colour mode", "image size", "hardware", "file size"}
    assert by_kind[Kind.SMALL_BOXES][0].values["share"] == pytest.approx(0.0039, abs=5e-5)
    assert {one.attribute for one in found.shortcuts} >= {"letters and markers", "JPEG quality", "white border"}
