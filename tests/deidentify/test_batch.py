"""One file never ends the batch: names of any kind, and files for which there is not enough memory."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteon.deidentify import Options, Secret
from osteon.deidentify.batch import run
from osteon.deidentify.paths import find_sources

NAMES = (
    b"r\xf6ntgen.dcm", b"\xff\xfe", "頭部.dcm".encode(), b"two\nlines.dcm", b"bell\x07\x1b[31m.dcm", b"a" * 250,
    b"comma, quote\".dcm", b"back\\slash.dcm", b" .dcm",
)  # fmt: skip


def put(folder: Path, data: bytes, name: bytes) -> None:
    folder.mkdir(exist_ok=True)
    with open(os.path.join(os.fsencode(folder), name), "wb") as file:  # noqa: PTH123, PTH118 - bytes are no Path
        file.write(data)


@pytest.mark.parametrize("form", ["dicom", "jpeg"])
@pytest.mark.parametrize("name", NAMES)
def test_files_of_any_name(name: bytes, form: Any, write_dicom: Any, secret: Secret, tmp_path: Path) -> None:
    put(tmp_path / "in", write_dicom(np.zeros((16, 16), np.uint16)), name)
    put(tmp_path / "in", write_dicom(np.ones((16, 16), np.uint16)), b"zz.dcm")
    table = tmp_path / "mapping.csv"
    sources = find_sources([tmp_path / "in"])
    done = list(run(sources, tmp_path / "out", Options(), secret, form=form, mapping=table))
    assert [one.problem for one in done] == ["", ""]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["file"] for row in rows) == sorted([name.decode("utf-8", "backslashreplace"), "zz.dcm"])


def test_names_on_a_terminal_stay_on_their_line() -> None:
    from osteon.core.filenames import printable

    assert printable(os.fsdecode(b"r\xf6\n\x1b[31m")) == r"r\xf6\n\x1b[31m"
    assert printable("頭部 1.dcm") == "頭部 1.dcm"


LIMITED = """
import resource
import sys
from pathlib import Path
from osteon.deidentify import Options, Secret
from osteon.deidentify.batch import run
from osteon.deidentify.paths import find_sources
import osteon.deidentify.dicom
folder = Path(sys.argv[1])
secret = Secret(bytes(32))
list(run(find_sources([folder / "warm"]), folder / "out", Options(), secret))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 60 * 2**20, used + 60 * 2**20))
for one in run(find_sources([folder / "in"]), folder / "out", Options(), secret):
    print(one.problem or "done")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
def test_a_file_too_large_for_the_memory_does_not_end_the_batch(write_dicom: Any, tmp_path: Path) -> None:
    put(tmp_path / "warm", write_dicom(np.zeros((64, 64), np.uint16)), b"0.dcm")
    put(tmp_path / "in", write_dicom(np.zeros((5000, 5000), np.uint16)), b"1.dcm")
    put(tmp_path / "in", write_dicom(np.ones((64, 64), np.uint16)), b"2.dcm")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines() == ["there is not enough memory for the file", "done"], done.stderr
