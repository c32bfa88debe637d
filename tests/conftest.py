"""What every test may ask for: the shared radiographs, where they are, and a small real bundle."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent

# Images for containers forbid Python to keep bytecode; each process of a test would then compile PyTorch anew, for 20 seconds.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Packages of the tests bring programs (dciodvfy, tid1500reader); they lie beside Python, which need not be on the path.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))

# There is a worker for each processor: threads of PyTorch would only wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says more of what else the machine does than of the code.
hypothesis.settings.register_profile("osteon", deadline=None)
hypothesis.settings.load_profile("osteon")

# No test may hang on weights that this machine happens to have, or that a hub may give it: a test that wants some makes them.
WEIGHTS = os.environ.get("OSTEON_WEIGHTS", "")
os.environ |= {"OSTEON_WEIGHTS": "", "HF_HUB_OFFLINE": "1"}
_NONE = tempfile.mkdtemp(prefix="osteon-no-weights-")
# Evaluations of tests are no entries of the user's ledger.
os.environ["OSTEON_LEDGER"] = str(Path(_NONE) / "evaluations.jsonl")
os.environ |= {"HF_HOME": _NONE, "HF_HUB_CACHE": _NONE, "TORCH_HOME": _NONE}
# An architecture is traced once in all tests; the workers of xdist have the folder of the process that started them.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["OSTEON_GRAPHS"] = str(Path(_NONE) / "graphs")
atexit.register(shutil.rmtree, _NONE, ignore_errors=True)


# A million objects of test modules and libraries live until the end. To look through them whenever rubbish is collected,
# which statsmodels does in each call of a function, took minutes.
def pytest_collectstart() -> None:
    """Collect no rubbish while modules are imported."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of the collection of rubbish."""
    gc.freeze()
    # What a test leaves is small; with Python's own numbers a twentieth of all time went into looking for it.
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


LONG = ("learning", "contracts", "cli", "evaluation", "clinic")
"""Folders with files that take minutes: these begin first, so that short ones fill the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files for several workers: those with browsers, which wait, spread over those that compute."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    folders = {path: Path(os.path.relpath(path, ROOT / "tests")).parts[0] for path in files}
    computing = sorted(
        (path for path in files if folders[path] != "browser"),
        key=lambda path: LONG.index(folders[path]) if folders[path] in LONG else len(LONG),
    )
    waiting = [path for path in files if folders[path] == "browser"]
    # A place among the first two thirds of the others, counted in files.
    gap = 2 * len(computing) / (3 * len(waiting) or 1)
    places = {path: place * gap - 0.5 for place, path in enumerate(waiting)}
    places |= {path: float(place) for place, path in enumerate(computing)}
    items[:] = [item for path in sorted(places, key=places.__getitem__) for item in files[path]]


def pytest_unconfigure() -> None:
    """Let libraries take their things down; some complain of what is left."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real radiographs; skips where it is absent."""
    folder = Path(os.environ.get("OSTEON_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"needs the shared radiographs: {folder} is not there (set OSTEON_TEST_DATA)")
    return folder.resolve()


@pytest.fixture(scope="session")
def published_weights() -> Path:
    """The folder of published weights that the user names; skips where there is none. Other tests do without any."""
    if not WEIGHTS or not Path(WEIGHTS).is_dir():
        pytest.skip("needs published weights (set OSTEON_WEIGHTS to their folder)")
    return Path(WEIGHTS).resolve()


@pytest.fixture(scope="session")
def blobs() -> ModuleType:
    """The module ``tests.bundle.blobs``; skips where onnx is absent."""
    pytest.importorskip("onnx")
    from tests.bundle import blobs

    return blobs


@pytest.fixture(scope="session")
def bundle_file(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of one sigmoid label."""
    return blobs.make(tmp_path_factory.mktemp("bundle") / "blobs.osteon")
