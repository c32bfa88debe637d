"""``osteon monitor`` and ``osteon bundle reference`` as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from osteon.bundle.archive import open_bundle
from osteon.bundle.reference import reference_of


def osteon(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from osteon.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def radiographs(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("radiographs")
    for index in range(60):
        film = blobs.film((0.0, 0.75, 0.95)[index % 3], shape=(96, 80), at=(0.3 + 0.05 * (index % 8), 0.5))
        cv2.imwrite(str(folder / f"{index:03}.png"), np.rint(film * 255).astype(np.uint8))
    return folder


@pytest.fixture(scope="module")
def lines(bundle_file: Path, radiographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Readings of half a year, whose ages change at the end."""
    done = osteon("read", radiographs, "--bundle", bundle_file, "--json")
    assert done.returncode == 0, done.stderr
    readings = [json.loads(line) for line in done.stdout.splitlines()]
    generator = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("lines") / "readings.jsonl"
    with path.open("w") as stream:
        for day in range(180):
            for _ in range(6):
                line = dict(readings[int(generator.integers(len(readings)))])
                line["study"] = f"{day}-{generator.integers(1 << 40)}"
                line["time"] = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)).isoformat()
                line["age"] = float(generator.uniform(2, 12) if day >= 150 else generator.uniform(20, 90))
                stream.write(json.dumps(line) + "\n")
        stream.write("no reading\n")
        stream.write(json.dumps(readings[0] | {"study": "undated"}) + "\n")
    return path


def test_lines_are_watched_and_what_is_skipped_is_counted(lines: Path, tmp_path: Path) -> None:
    done = osteon("monitor", lines, "--baseline", "300", "--out", tmp_path / "report.html", "--exit-code")
    assert done.returncode == 1, done.stderr
    assert "Changed since about 2026-05-31: age." in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "skipped: 1 lines" in done.stderr
    assert "skipped: 1 studies without a time" in done.stderr
    assert "Share by week" in (tmp_path / "report.html").read_text()
    before = osteon("monitor", lines, "--baseline", "300", "--since", "2026-06-20", "--json")
    assert json.loads(before.stdout)["first"] == "2026-06-20"


def test_a_bundle_gets_a_reference_and_reads_as_before(
    bundle_file: Path, radiographs: Path, lines: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.osteon"
    done = osteon("bundle", "reference", bundle_file, radiographs, "--out", new, "--description", "blobs")
    assert done.returncode == 0, done.stderr
    before, after = open_bundle(bundle_file), open_bundle(new)
    assert after.graph == before.graph
    assert after.manifest.identity == before.manifest.identity
    assert reference_of(before) is None
    found = reference_of(after)
    assert found is not None
    assert (found.studies, found.data, found.bundle) == (60, "blobs", before.manifest.identity)
    assert sum(found.quantities["brightness"].counts) == 60
    watched = json.loads(osteon("monitor", lines, "--reference", new, "--json").stdout)
    assert watched["reference"]["studies"] == 60
    assert watched["estimated_performance"]["doubt"] is not None
    done = osteon("monitor", lines, "--reference", bundle_file)
    assert done.returncode == 2
    assert "has no reference" in done.stderr
    shipped = osteon("monitor", lines, "--reference", "fracatlas")
    assert shipped.returncode == 2  # another bundle read these
    assert "Traceback" not in shipped.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("monitor",),
        ("monitor", "nothing.jsonl"),
        ("monitor", "nothing.jsonl", "--store", "there"),
        ("monitor", "--store", "nowhere"),
        ("monitor", "nothing.jsonl", "--since", "yesterday"),
    ],
)
def test_wrong_usage_is_said_in_words(arguments: tuple[str, ...]) -> None:
    done = osteon(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
