"""Sources to a table: the same values as ``osteon read``, one row for each image, whatever happens."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.bulk.test_sources import pack_tar, pack_zip
from tests.command import osteon
from typer.testing import CliRunner

from osteon.bulk.local import LocalReaders
from osteon.bulk.read_unit import Done
from osteon.bulk.run import Progress, Readers, job_of, read_to_table
from osteon.bulk.summary import summarise
from osteon.bulk.table import Table, scan
from osteon.bulk.unit import Unit
from osteon.bundle.archive import Bundle
from osteon.cli import application
from osteon.core.errors import DataError
from osteon.inference.engine import InferenceEngine


def run(engine: InferenceEngine, bundle: Bundle, sources: list[str], out: Path, unit: int = 2) -> Progress:
    table = Table(out)
    return read_to_table(
        job_of(bundle, sources, None, unit),
        table,
        LocalReaders(engine, table, None, 1),
        bundle.manifest.views,
        lambda _: None,
    )


def table_of(out: Path, root: str) -> pl.DataFrame:
    """Without times and the folder."""
    rows = scan(out).collect().drop("milliseconds").sort("source", "frame")
    return rows.with_columns(pl.col("source").str.strip_prefix(root))


def test_values_are_those_of_the_command_line(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path
) -> None:
    progress = run(engine, bundle, [str(archive)], tmp_path / "out")
    assert progress.images == {"read": 5, "failed": 1}
    assert progress.skipped == 1
    rows = {row["source"]: row for row in scan(tmp_path / "out").collect().to_dicts()}
    assert rows.pop(str(archive / "broken.png"))["fault"] == "raster_damaged"
    told = CliRunner().invoke(application("read"), ["read", str(archive), "--json"])
    records = {record["source"]: record for record in map(json.loads, told.stdout.splitlines())}
    assert records.keys() == rows.keys()
    for source, record in records.items():
        row = rows[source]
        assert (row["call"], row["study"]) == (record["call"], record["study"])
        assert row["probability"] == pytest.approx(record["probability"], rel=1e-6)
        assert row["image_probability"] == pytest.approx(record["image_probability"], rel=1e-6)
        assert [finding["score"] for finding in row["findings"]] == pytest.approx(
            [finding["score"] for finding in record["findings"]], rel=1e-6
        )
        assert row["images"] == (2 if "patient" in source else 1)


def test_containers_give_the_rows_of_their_folder(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path
) -> None:
    run(engine, bundle, [str(archive)], tmp_path / "folder", 100)
    wanted = table_of(tmp_path / "folder", f"{archive}/")
    for packed in (pack_zip(archive, tmp_path / "a.zip"), pack_tar(archive, tmp_path / "a.tar")):
        run(engine, bundle, [str(packed)], tmp_path / packed.suffix, 100)
        found = table_of(tmp_path / packed.suffix, f"{packed}!")
        assert found.with_columns(pl.col("source").str.strip_prefix("./")).sort("source").equals(wanted)


def test_a_damaged_container_is_a_row(engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path) -> None:
    (archive / "damaged.zip").write_bytes(b"no container")
    run(engine, bundle, [str(archive)], tmp_path / "out")
    rows = scan(tmp_path / "out").collect()
    assert rows.filter(pl.col("fault") == "container_unlisted")["source"].to_list() == [str(archive / "damaged.zip")]
    assert len(rows) == 7


def test_only_what_changed_is_read_again(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path
) -> None:
    run(engine, bundle, [str(archive)], tmp_path / "out", 1)
    (archive / "picture.jpg").write_bytes((archive / "picture.jpg").read_bytes() + b"\0")
    again = run(engine, bundle, [str(archive)], tmp_path / "out", 1)
    assert (again.before, again.images.total()) == (3, 1)
    assert len(list((tmp_path / "out").glob("part-*"))) == 4
    assert len(scan(tmp_path / "out").collect()) == 6


class Stopping:
    """Reads one unit and stops."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def read(self, units: Iterator[Unit]) -> Iterator[Done]:
        """Read the first unit."""
        for done in self._readers.read(units):
            yield done
            raise KeyboardInterrupt


def test_it_goes_on_where_it_was_stopped(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path
) -> None:
    run(engine, bundle, [str(archive)], tmp_path / "whole")
    table = Table(tmp_path / "out")
    readers = LocalReaders(engine, table, None, 1)
    job = job_of(bundle, [str(archive)], None, 2)
    with pytest.raises(KeyboardInterrupt):
        read_to_table(job, table, Stopping(readers), bundle.manifest.views, lambda _: None)
    assert not table.manifest["complete"]
    assert 0 < len(scan(tmp_path / "out").collect()) < 6
    assert run(engine, bundle, [str(archive)], tmp_path / "out").before == 1
    assert table_of(tmp_path / "out", "").equals(table_of(tmp_path / "whole", ""))


def test_another_job_and_another_folder_are_refused(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path
) -> None:
    run(engine, bundle, [str(archive)], tmp_path / "out")
    with pytest.raises(DataError, match="unit: 2"):
        run(engine, bundle, [str(archive)], tmp_path / "out", 3)
    with pytest.raises(DataError, match="holds no table"):
        run(engine, bundle, [str(archive)], archive)
    with Table(tmp_path / "out").locked(), pytest.raises(DataError, match="another process"):
        run(engine, bundle, [str(archive)], tmp_path / "out")


def test_studies_that_lie_far_apart_are_told_of(
    engine: InferenceEngine, bundle: Bundle, archive: Path, tmp_path: Path
) -> None:
    run(engine, bundle, [str(pack_tar(archive, tmp_path / "a.tar"))], tmp_path / "out", 1)
    assert summarise(tmp_path / "out").divided == 2
    run(engine, bundle, [str(archive)], tmp_path / "folder", 1)
    summary = summarise(tmp_path / "folder")
    assert (summary.divided, summary.images, sum(summary.probabilities)) == (0, 6, 5)
    assert summary.faults == {"raster_damaged": 1}
    assert sum(summary.calls.values()) == summary.outcomes["read"] == 5


def test_command_line(archive: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(
        application("read"), ["read", str(archive), "--out", str(tmp_path / "out"), "--format", "parquet"]
    )
    assert told.exit_code == 1, told.output  # one image is broken
    assert "6 images: 5 read, 0 refused, 1 failed; 1 other files skipped" in told.output
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    assert "<h1" in page
    assert "6 images" in page
    for wrong in (["--format", "csv"], ["--json"]):
        refused = CliRunner().invoke(
            application("read"), ["read", str(archive), "--out", str(tmp_path / "x"), "--format", "parquet", *wrong]
        )
        assert refused.exit_code == 2
    assert CliRunner().invoke(application("read"), ["read", str(archive), "--ray", "local"]).exit_code == 2


PROGRAM = """
import sys
from pathlib import Path
from osteon.bulk.local import LocalReaders
from osteon.bulk.run import job_of, read_to_table
from osteon.bulk.table import Table
from osteon.bundle.archive import open_bundle
from osteon.inference.engine import InferenceEngine
bundle = open_bundle("fracatlas")
table = Table(Path(sys.argv[2]))
print("go", flush=True)
readers = LocalReaders(InferenceEngine(bundle, 1), table, None, 1)
read_to_table(job_of(bundle, [sys.argv[1]], None, 1), table, readers, (), lambda _: None)
"""


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_anywhere_each_image_has_one_row(archive: Path, tmp_path: Path) -> None:
    picture = (archive / "picture.jpg").read_bytes()
    for index in range(20):
        (archive / f"more{index}.jpg").write_bytes(picture + bytes(index))
    out = tmp_path / "out"
    chance, kills = random.Random(1), 0
    ended = False
    while not ended:
        command = [sys.executable, "-c", PROGRAM, str(archive), str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            if kills < 3:
                time.sleep(chance.uniform(0.05, 0.5))
                process.send_signal(signal.SIGKILL)
                kills += 1
            code = process.wait(120)
            assert code in (0, -signal.SIGKILL)
            ended = code == 0
    rows = scan(out).collect()
    assert len(rows) == 26
    assert rows["source"].n_unique() == 26


def test_killed_before_there_is_a_manifest(archive: Path, tmp_path: Path) -> None:
    """What a kill leaves of the first manifest does not keep the command from beginning again; other files do."""
    out = tmp_path / "out"
    out.mkdir()
    (out / ".lock").touch()
    (out / ".manifest-7d9a9398.json").write_text("{", "utf-8")
    words = ["read", str(archive), "--out", str(out), "--format", "parquet"]
    assert osteon(*words).returncode in (0, 1)
    assert len(scan(out).collect()) == 6
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "notes.json").write_text("{}", "utf-8")
    assert osteon("read", str(archive), "--out", str(strange), "--format", "parquet").returncode == 2
