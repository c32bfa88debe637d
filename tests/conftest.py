"""What every test may ask for: the shared radiographs, where they are, and a small real bundle."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real radiographs; skips where it is absent."""
    folder = Path(os.environ.get("OSTEON_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"needs the shared radiographs: {folder} is not there (set OSTEON_TEST_DATA)")
    return folder.resolve()


@pytest.fixture(scope="session")
def blobs() -> ModuleType:
    """The module ``tests/bundle/blobs.py``; skips where onnx is absent."""
    pytest.importorskip("onnx")
    name, file = "osteon_tests_blobs", Path(__file__).parent / "bundle" / "blobs.py"
    if name not in sys.modules:
        spec = spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def bundle_file(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of one sigmoid label."""
    return blobs.make(tmp_path_factory.mktemp("bundle") / "blobs.osteon")
