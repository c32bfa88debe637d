"""Near duplicates among sources: as ``osteon data duplicates`` finds them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from PIL import Image, ImageOps
from tests.bulk.test_sources import pack_zip
from typer.testing import CliRunner

from osteon.cli import application

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Five images, a copy, a rescaled, a mirrored and a damaged one."""
    folder = tmp_path / "images"
    folder.mkdir()
    for path in sorted([*SAMPLES.glob("*.jpg"), *SAMPLES.glob("*.png")])[:5]:
        shutil.copy(path, folder)
    shutil.copy(SAMPLES / "hand-fracture.jpg", folder / "copy.jpg")
    image = Image.open(SAMPLES / "elbow-displaced.jpg").convert("L")
    image.resize((image.width // 2, image.height // 2)).save(folder / "smaller.png")
    ImageOps.mirror(image).save(folder / "mirrored.png")
    (folder / "broken.png").write_bytes((folder / "smaller.png").read_bytes()[:500])
    return folder


def found(*arguments: str) -> tuple[dict[str, int], set[tuple[str, str, str, bool]]]:
    done = CliRunner().invoke(application("data"), ["data", "duplicates", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    pairs = pl.read_parquet(facts["table"])
    assert pairs.height == facts["pairs"]
    rows = pairs.select("first", "second", "variant", "exact").rows()
    return facts, {(Path(one).name, Path(two).name, variant, exact) for one, two, variant, exact in rows}


def test_copies_are_found_in_folders_and_containers(planted: Path, tmp_path: Path) -> None:
    facts, pairs = found(str(planted), "--out", str(tmp_path / "out"))
    wanted = {
        ("copy.jpg", "hand-fracture.jpg", "unchanged", True),
        ("elbow-displaced.jpg", "smaller.png", "unchanged", False),
    }
    assert pairs == wanted
    assert (facts["failed"], facts["exact"]) == (1, 1)
    packed = pack_zip(planted, tmp_path / "images.zip")
    names = {
        (one.split("!")[-1], two.split("!")[-1], variant, exact)
        for one, two, variant, exact in found(str(packed), "--out", str(tmp_path / "zip"))[1]
    }
    assert {(Path(one).name, Path(two).name, variant, exact) for one, two, variant, exact in names} == wanted


def test_mirrored_copies_are_found_where_asked_for_and_prints_are_kept(planted: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _, plain = found(str(planted), "--out", str(out))
    made = {path: path.stat().st_mtime_ns for path in out.glob("prints-*.parquet")}
    _, pairs = found(str(planted), "--out", str(out), "--mirrored")
    assert made == {path: path.stat().st_mtime_ns for path in out.glob("prints-*.parquet")}
    assert pairs - plain == {
        ("elbow-displaced.jpg", "mirrored.png", "mirrored", False),
        ("mirrored.png", "smaller.png", "mirrored", False),
    }
    assert plain <= pairs


@pytest.mark.slow
def test_a_cluster_finds_the_same(planted: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    facts, pairs = found(str(planted), "--out", str(tmp_path / "out"), "--ray", "local")
    alone, wanted = found(str(planted), "--out", str(tmp_path / "here"))
    assert pairs == wanted
    assert facts["images"] == alone["images"]
