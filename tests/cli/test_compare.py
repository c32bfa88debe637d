"""``osteon compare`` and ``osteon claims`` as a user runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from osteon.cli import application
from osteon.core.errors import DataError
from osteon.evaluation.predictions.predictions import predictions, write_predictions

LABELS = (np.random.default_rng(0).random(120) < 0.4).astype(int)


def write(path: Path, spread: float, seed: int, rows: int = 120) -> Path:
    random = np.random.default_rng(seed)
    logits = 2.0 * LABELS - 1 + spread * random.normal(size=120)
    table = predictions(
        [f"{i}.png" for i in range(rows)],
        LABELS[:rows],
        1 / (1 + np.exp(-logits[:rows])),
        cluster=[f"p{i // 2}" for i in range(rows)],
        attributes={"source": [f"s{i % 3}" for i in range(rows)]},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_predictions(table, path)
    return path


def osteon(*arguments: object) -> Result:
    return CliRunner().invoke(application(str(arguments[0])), list(map(str, arguments)), catch_exceptions=False)


def test_two_tables(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.csv", 1, 1), write(tmp_path / "b.parquet", 2, 2)
    done = osteon("compare", one, two, "--threshold", "0.5", "--resamples", "200", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "b minus a" in done.stdout
    assert "Accuracy, p ≥ 0.5" in done.stdout
    found = json.loads((tmp_path / "out" / "compare.json").read_text(encoding="utf-8"))
    assert found["cases"] == {
        "n": 120,
        "positive": int(LABELS.sum()),
        "clusters": 60,
        "left_out": {},
        "incomplete": 0,
    }
    assert [one["name"] for one in found["systems"]] == ["a", "b"]
    assert {one["figure"] for one in found["differences"] if one["test"]} == {
        "classification.auroc",
        "classification.p>=0.5.accuracy",
    }
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert page.count("data:image/svg+xml") == 3
    for name in ("differences", "roc", "precision_recall"):
        assert (tmp_path / "out" / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_seeds_by_pattern_folder_and_list(tmp_path: Path) -> None:
    for i in range(3):
        write(tmp_path / "a" / f"seed{i}" / "predictions.parquet", 1, i)
        write(tmp_path / "b" / f"{i}.csv", 2, 10 + i)
        write(tmp_path / f"c{i}.csv", 3, 20 + i)
    listed = "c=" + ",".join(str(tmp_path / f"c{i}.csv") for i in range(3))
    done = osteon(
        "compare", tmp_path / "a", f"b={tmp_path}/b/*.csv", listed, "--resamples", 200, "--out", tmp_path / "o"
    )
    assert done.exit_code == 0
    assert "Mean ranks over 3 blocks (seed)" in done.stdout
    found = json.loads((tmp_path / "o" / "compare.json").read_text(encoding="utf-8"))
    assert [(one["name"], one["seeds"]) for one in found["systems"]] == [("a", 3), ("b", 3), ("c", 3)]
    auroc = found["systems"][0]["figures"]["classification.auroc"]
    assert auroc["sd"] == pytest.approx(np.std(auroc["values"], ddof=1))
    assert (tmp_path / "o" / "plots" / "critical_difference.svg").is_file()
    assert (tmp_path / "o" / "plots" / "seeds.svg").is_file()


def test_folders_of_evaluate_bring_their_points(tmp_path: Path) -> None:
    validation = write(tmp_path / "validation.csv", 1, 9)
    for name, spread in (("a", 1), ("b", 2)):
        table = write(tmp_path / f"{name}.csv", spread, 3)
        done = osteon(
            "evaluate",
            table,
            "--validation",
            validation,
            "--resamples",
            100,
            "--figures-only",
            "--out",
            tmp_path / name,
        )
        assert done.exit_code == 0
    done = osteon("compare", tmp_path / "a", tmp_path / "b", "--resamples", 100, "--json")
    found = json.loads(done.stdout)
    assert found["operating_points"] == ["sensitive", "youden", "specific"]
    assert found["systems"][0]["thresholds"] == found["systems"][1]["thresholds"]
    bare = (f"b={tmp_path / 'b.csv'}", "--validation", f"b={validation}")
    mixed = json.loads(osteon("compare", tmp_path / "a", *bare, "--resamples", 100, "--json").stdout)
    assert mixed["differences"] == found["differences"]


def test_other_cases_need_common(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.csv", 1, 1), write(tmp_path / "b.csv", 2, 2, rows=100)
    with pytest.raises(DataError, match="different images"):
        osteon("compare", one, two)
    done = osteon("compare", one, two, "--common", "--resamples", 100)
    assert "20 images of a are left out" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("nowhere.csv", "a.csv"), "no such path"),
        (("x=", "a.csv"), "names no system"),
        (("none*.csv", "a.csv"), "no path is like this"),
        (("a.csv", "a.csv"), "named twice"),
        (("a.csv", "sub/a.csv", "--threshold", "2"), "no threshold"),
        (("a.csv", "sub/a.csv", "--validation", "z=a.csv"), "belong to no system"),
        (("a.csv", "empty"), "no predictions to compare"),
    ],
)
def test_wrong_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("a.csv"), 1, 1)
    write(Path("sub/a.csv"), 1, 2)
    Path("empty").mkdir()
    with pytest.raises(DataError, match=word):
        osteon("compare", *arguments)


def test_tables_of_one_name_stay_two_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("a.csv"), 1, 1)
    write(Path("sub/a.csv"), 2, 2)
    found = json.loads(osteon("compare", "a.csv", "sub/a.csv", "--json", "--resamples", 100).stdout)
    assert [one["name"] for one in found["systems"]] == ["a.csv", "sub/a.csv"]


@pytest.mark.learn
def test_claims_beside_an_evaluation(tmp_path: Path) -> None:
    table = write(tmp_path / "phantom.csv", 1, 1)
    for i in range(2):
        osteon("evaluate", table, "--resamples", 100, "--seed", i, "--figures-only", "--out", tmp_path / f"e{i}")
    done = osteon("claims", "fracatlas", tmp_path / "e0", tmp_path / "e1", "--out", tmp_path / "claims", "--json")
    found = json.loads(done.stdout)
    assert found["entries"][0]["ours"]["seeds"] == 2
    assert found["entries"][0]["data"] == {
        "name": "predictions of phantom.csv",
        "images": 120,
        "positive": int(LABELS.sum()),
        "simulated": True,
    }
    assert "**SYNTHETIC**" in (tmp_path / "claims" / "claims.md").read_text(encoding="utf-8")
    listed = json.loads(osteon("claims", "mobilenet_elbow", "--json").stdout)["entries"]
    stated = [entry for entry in listed if entry["paper"] is not None]
    assert len(stated) > 20
    assert all((entry["ours"] is None) == bool(entry["why_not"]) for entry in stated)
