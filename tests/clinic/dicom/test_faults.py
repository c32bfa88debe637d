"""A short trial of faults: the node is killed, its archive, disk and clock fail, and nothing that was acknowledged is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.pacs, pytest.mark.slow]


def test_nothing_is_lost(boxes_file: Path) -> None:
    command = [sys.executable, ROOT / "scripts" / "pacs_faults.py", "--studies", "8", "--kills", "4"]
    done = subprocess.run(
        [*command, "--bundle", boxes_file], check=False, capture_output=True, text=True, timeout=900, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "studies with one current SR and text SR in the archive | 8 |" in done.stdout
