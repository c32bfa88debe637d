"""Intervals keep together what the dataset's card says belongs together."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteon.cli.evaluating import with_groups
from osteon.core.errors import DataError
from osteon.core.labels import BodyPart
from osteon.data.datasets import read
from osteon.data.splits.leakage import known_groups
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.inference.run_reader import clusters
from osteon.evaluation.report.context import groups, unnamed_patients
from osteon.phantom.layouts import write


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Table]:
    """Eight simulated hands in the layout of FracAtlas, of the same stated part, some of them with neighbouring numbers."""
    root = tmp_path_factory.mktemp("fracatlas")
    write("hand", "fracatlas", 8, 3, root, size=96)
    return root, read("fracatlas", root)


def test_runs_of_numbers_are_kept_together_in_fracatlas(hands: tuple[Path, Table]) -> None:
    root, table = hands
    grouped = with_groups(table, root)
    assert known_groups(grouped) == ("cluster", "run")
    assert len(set(clusters(grouped))) < len(set(clusters(with_groups(table, root, ["cluster"]))))
    assert len(set(clusters(grouped))) <= grouped.frame["run"].n_unique()
    assert groups(grouped) == {
        "Groups": "images are kept together by near-duplicates and runs of image numbers of one body part"
    }
    assert "groups of near-duplicates and runs of image numbers" in unnamed_patients(grouped)[0]


def test_another_group_can_be_chosen(hands: tuple[Path, Table]) -> None:
    root, table = hands
    grouped = with_groups(table, root, ["cluster"])
    assert known_groups(grouped) == ("cluster",)
    assert len(set(clusters(grouped))) > 1
    with pytest.raises(DataError, match="no such group"):
        with_groups(table, root, ["side"])


def test_runs_are_left_alone_where_the_card_does_not_name_them(hands: tuple[Path, Table]) -> None:
    root, _ = hands
    assert known_groups(with_groups(read("folder", root / "images"), root / "images")) == ("cluster",)


def test_a_study_is_a_group_where_it_holds_several_images() -> None:
    def table(studies: int) -> Table:
        facts = FileFacts(10, 10, "L", "PNG", 1)
        cases = [
            Case(
                image=f"{i}.png", facts=facts, study=f"s{i % studies}", body_part=BodyPart.HAND, labels={"fracture": 0}
            )
            for i in range(4)
        ]
        return from_cases(cases, dataset="cases", licence="CC0-1.0")

    assert (known_groups(table(4)), known_groups(table(2))) == ((), ("study",))
    assert groups(table(4)) == {}
    assert (len(set(clusters(table(4)))), len(set(clusters(table(2))))) == (4, 2)
    assert "single images" in unnamed_patients(table(4))[0]
