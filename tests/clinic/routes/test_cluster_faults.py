"""Two servers and three workers that are killed at random lose nothing; the long run is ``scripts/cluster_faults.py`` by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "cluster_faults.py"


@pytest.mark.slow
@pytest.mark.postgres
def test_nothing_acknowledged_is_lost(boxes_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    if not any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")) and shutil.which("pg_ctl") is None:
        pytest.skip("needs a PostgreSQL server's programs: initdb and pg_ctl are not there")
    table = tmp_path / "table.json"
    command = [sys.executable, str(SCRIPT), "--minutes", "0.5", "--rounds", "20", "--bundle", str(boxes_file)]
    done = subprocess.run([*command, "--json", str(table)], capture_output=True, text=True, timeout=900, check=False)
    assert table.exists(), done.stderr[-3000:]
    rows = {row["name"]: row for row in json.loads(table.read_text("utf-8"))}
    # How long a page waits hangs on what else the machine does: that promise is for the run by hand.
    broken = [
        row for row in rows.values() if row["most"] is not None and row["value"] > row["most"] and row["most"] != 5.0
    ]
    assert not broken, done.stdout
    assert rows["rounds of deleting while admitting"]["value"] == 20
    assert rows["studies acknowledged"]["value"] > 20
