"""Descriptive tables: the figures that papers print, and the published ones beside ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN, BodyPart, Sex, View
from osteon.data.datasets import find
from osteon.data.describe.page import as_json, figure_texts, write_folder
from osteon.data.describe.stats import Statistics, statistics
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.published import Figure, compare, figure
from osteon.data.table.table import Table, from_cases

FACTS = FileFacts(60, 80, "L", "PNG", 1 << 29)
MARK = LabelledBox(Box(1, 2, 30, 40), "osteophytes", "", ((1, 2, 30, 2, 30, 40),))


@pytest.fixture
def table() -> Table:
    """Four studies of two views: a boy of 3, a girl of 8.5, a woman of 80, one of whom nothing is known."""
    people = [
        (3.0, Sex.MALE, "train", 1),
        (8.5, Sex.FEMALE, "train", 0),
        (80.0, Sex.FEMALE, "test", 1),
        (None, None, "test", UNKNOWN),
    ]
    cases = [
        Case(
            f"{study}-{view}.png",
            replace(FACTS, width=60 + 20 * study),
            study=f"s{study}",
            patient=None if study == 3 else f"p{study // 2}",
            view=view,
            body_part=BodyPart.SPINE,
            age=age,
            sex=sex,
            labels={"abnormal": label},
            boxes=(MARK,) if label == 1 else (),
            split=split,
        )
        for study, (age, sex, split, label) in enumerate(people)
        for view in (View.FRONTAL, View.LATERAL)
    ]
    return from_cases(cases, dataset="tests", licence="CC0-1.0")


def lines(found: Statistics) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(line.section, line.name): line.values for line in found.lines}


def test_each_study_counts_once_for_age_and_sex(table: Table) -> None:
    found = statistics(table)
    assert found.columns == ("train", "test", "total")
    shown = lines(found)
    assert shown["Statistics", "Studies"] == ("2", "2", "4")
    assert shown["Statistics", "Patients"] == ("1", "1", "2")
    assert shown["Statistics", "Normal images (no label is 1)"] == ("2", "0", "2")
    assert shown["Statistics", "Abnormal images (a label is 1)"] == ("2", "2", "4")
    assert shown["Statistics", "Age (mean, years [range])"][2] == "30.5 [3 - 80]"
    assert shown["Statistics", "Male (%)"] == ("50.00", "0.00", "33.33")
    assert shown["Statistics", "Data size (GiB)"] == ("2.00", "2.00", "4.00")
    assert shown["Statistics", "Image size (mean, rows x columns)"][2] == "80 x 90"
    assert shown["Age (studies)", "3 to 5"] == ("1", "0", "1")
    assert shown["Age (studies)", "75 or more"] == ("0", "1", "1")
    assert shown["Age (studies)", "unknown"] == ("0", "1", "1")
    assert shown["Sex (studies)", "F"] == ("1", "1", "2")
    assert shown["Labels (images)", "abnormal: unknown"] == ("0", "2", "2")
    assert shown["Labels (studies)", "abnormal: yes"] == ("1", "1", "2")
    assert shown["Boxes", "with an outline"] == ("2", "2", "4")
    assert shown["View", "lateral"] == ("2", "2", "4")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("images", 8),
        ("images in train", 4),
        ("studies of abnormal", 2),
        ("images without abnormal", 2),
        ("images without abnormal in test", 0),
        ("boxes", 4),
        ("boxes of osteophytes in test", 2),
        ("boxes of fracture", 0),
        ("images of fracture", None),
        ("mean age", 30.5),
        ("female %", 200 / 3),
        ("GiB in train", 2.0),
        ("mean columns", 90),
        ("patients in test", 1),
    ],
)
def test_figures_by_name(table: Table, name: str, value: float | None) -> None:
    assert figure(table, name) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize("name", ["pictures", "images off abnormal", "boxes in holdout"])
def test_a_name_outside_the_grammar_is_a_mistake(table: Table, name: str) -> None:
    with pytest.raises(ValueError, match="not a figure"):
        figure(table, name)


def test_published_figures_stand_beside_ours(table: Table) -> None:
    card = replace(find("spinexr").card, expected={"images": 10, "male %": 37.83, "images of fracture": 5})
    images, male, fracture = compare(table, card)
    assert (images.here, images.difference) == (8, -2)
    assert male.difference == pytest.approx(33.33 - 37.83)
    assert fracture == Figure("images of fracture", 5, None)
    assert figure_texts(images) == ("10", "8", "-2")
    assert figure_texts(male) == ("37.83", "33.33", "-4.50")
    assert figure_texts(fracture) == ("5", "unknown", "")
    assert figure_texts(Figure("images", 8, 8.0))[2] == "="


def test_the_paper_adds_up() -> None:
    """Table 2 of VinDr-SpineXR: the parts make the whole."""
    figures = find("spinexr").card.expected
    for name in [name for name in figures if f"{name} in train" in figures and f"{name} in test" in figures]:
        assert figures[name] == pytest.approx(figures[f"{name} in train"] + figures[f"{name} in test"])


def test_a_folder_with_a_page_plots_and_figures(table: Table, tmp_path: Path) -> None:
    found = statistics(table, find("spinexr").card)
    written = write_folder(tmp_path / "out", found, table, find("spinexr").card)
    names = {path.name for path in written}
    assert {"stats.html", "stats.json"} <= names
    assert {
        f"{name}.{kind}" for name in ("ages", "labels", "boxes", "sizes", "kinds") for kind in ("png", "svg")
    } <= names
    page = (tmp_path / "out" / "stats.html").read_text()
    assert page.count("data:image/svg+xml") == 5
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "boxes of osteophytes" in page
    assert json.loads((tmp_path / "out" / "stats.json").read_text()) == json.loads(json.dumps(as_json(found)))
    with Image.open(tmp_path / "out" / "boxes.png") as image:
        assert min(image.size) > 300
    again = write_folder(tmp_path / "again", found, table, find("spinexr").card)
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in again]


def test_a_table_of_which_little_is_known_is_described_too(tmp_path: Path) -> None:
    bare = from_cases([Case("a.png", FACTS, study="a")], dataset="tests", licence="CC0-1.0")
    found = statistics(bare)
    assert lines(found)["Statistics", "Age (mean, years [range])"] == ("unknown",)
    names = {path.name for path in write_folder(tmp_path, found, bare, find("folder").card)}
    assert names == {"stats.html", "stats.json", "sizes.png", "sizes.svg"}
