"""Tables of predictions survive a round through CSV and Parquet; what is wrong in one is said with its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.evaluation.predictions.predictions import Predictions, predictions, read_predictions, write_predictions


@pytest.fixture
def table() -> Predictions:
    return predictions(
        ["a.jpg", "b, c.jpg", "d.jpg"],
        [1, 0, -1],
        [0.1 + 0.2, np.nan, 1.0],
        study=["s", "s", "t"],
        cluster=["p1", "p1", "p2"],
        attributes={"body_part": ["hand", None, "leg"]},
    )


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_round_trip(table: Predictions, tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("polars")
    write_predictions(table, tmp_path / f"predictions{suffix}")
    again = read_predictions(tmp_path / f"predictions{suffix}")
    for name in ("image", "study", "cluster", "label", "probability"):
        np.testing.assert_array_equal(getattr(again, name), getattr(table, name))
    assert again.attributes["body_part"].tolist() == ["hand", "", "leg"]
    assert again.complete().image.tolist() == ["a.jpg"]


def test_study_and_cluster_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("\ufeffimage,label,probability,study\na,1,0.5,s\nb,0,.25,\n", encoding="utf-8")
    found = read_predictions(path)
    assert found.study.tolist() == ["s", "b"]
    assert found.cluster.tolist() == ["s", "b"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("image,label,probability\n", "no predictions"),
        ("image,label\na,1\n", "lack the column probability"),
        ("image,label,label,probability\na,1,1,0.5\n", "same name"),
        ("image,label,probability\na,1\n", "row 1"),
        ("image,label,probability\na,2,0.5\n", "'2' in row 1"),
        ("image,label,probability\na,1,high\n", "not a number"),
        ("image,label,probability\na,1,0.2\nb,1,7.5\n", "7.5 in row 2"),
        ("image,label,probability\na,1,inf\n", "outside"),
        ("image,label,probability\na,1,0.2\na,0,0.3\n", "occurs twice"),
        ("image,label,probability\n,1,0.2\n", "empty names"),
        ("image,label,probability,study,cluster\na,1,0.2,s,1\nb,1,0.2,s,2\n", "two clusters"),
        ('image,label,probability\n"a,1,0.2\n', "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=word):
        read_predictions(path)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_predictions(tmp_path / "absent.csv")
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\x00image")
    with pytest.raises(DataError, match="UTF-8"):
        read_predictions(tmp_path / "p.csv")
    pytest.importorskip("polars")
    (tmp_path / "p.parquet").write_bytes(b"not parquet")
    with pytest.raises(DataError, match="Parquet"):
        read_predictions(tmp_path / "p.parquet")


def test_nothing_left_is_an_error(table: Predictions) -> None:
    with pytest.raises(DataError, match="no predictions"):
        table.select(np.array([1, 2])).complete()
