"""What every test may ask for: the shared radiographs, where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real radiographs; skips where it is absent."""
    folder = Path(os.environ.get("OSTEON_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"needs the shared radiographs: {folder} is not there (set OSTEON_TEST_DATA)")
    return folder.resolve()
