"""What a run writes is there whole or not at all, and what was damaged all the same is not gone on from."""

from __future__ import annotations

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.errors import DataError
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import canvases
from osteon.learning.runs.checkpoints import BEFORE, LAST, AtomicCheckpoints, is_intact, to_resume
from osteon.learning.runs.write import write_weights

pytestmark = pytest.mark.learn

HOW = Preprocessing(height=64, width=64, fit="letterbox", channels=1, mean=0.5, std=0.5)


@contextmanager
def no_file_beyond(size: int) -> Generator[None]:
    """As on a full disk, the system refuses to let a file grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def save(folder: Path, epoch: int, size: int = 1000) -> None:
    AtomicCheckpoints().save_checkpoint({"epoch": epoch, "weights": torch.zeros(size)}, folder / LAST)


def epoch_of(path: Path) -> int:
    return torch.load(path, weights_only=True)["epoch"]


def cases(root: Path, count: int = 6) -> Cases:
    for number in range(count):
        Image.fromarray(np.full((80, 60), 40 * number, np.uint8)).save(root / f"{number}.png")
    names = tuple(f"{number}.png" for number in range(count))
    none = tuple(np.zeros((0, 4), np.float32) for _ in names)
    rows = np.arange(count)
    kinds = tuple(np.zeros(0, np.intp) for _ in names)
    crowds = tuple(np.zeros(0, bool) for _ in names)
    return Cases(root, names, rows[:, None], np.zeros((count, 1), np.float32), rows < 0, none, kinds, crowds, names)


def test_a_full_disk_leaves_the_last_whole_checkpoint(tmp_path: Path) -> None:
    save(tmp_path, 0)
    with no_file_beyond(2000), pytest.raises(DataError, match=r"cannot write .* --resume"):
        save(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == [LAST]
    found = to_resume(tmp_path)
    assert found is not None
    assert epoch_of(found) == 0


@pytest.mark.parametrize("damage", ["cut off", "empty", "one byte changed", "gone"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(damage: str, tmp_path: Path) -> None:
    save(tmp_path, 0)
    save(tmp_path, 1)
    last = tmp_path / LAST
    content = last.read_bytes()
    if damage == "gone":
        last.unlink()
    else:
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        last.write_bytes({"cut off": content[:middle], "empty": b"", "one byte changed": changed}[damage])
    found = to_resume(tmp_path)
    assert found == tmp_path / BEFORE
    assert epoch_of(found) == 0
    found.write_bytes(b"PK")
    assert to_resume(tmp_path) is None or damage == "gone"


def test_whole_checkpoints_are_known(tmp_path: Path) -> None:
    save(tmp_path, 3)
    assert is_intact(tmp_path / LAST)
    assert to_resume(tmp_path) == tmp_path / LAST
    assert to_resume(tmp_path / "nowhere") is None
    save(tmp_path, 4)
    save(tmp_path, 5)
    assert sorted(path.name for path in tmp_path.iterdir()) == [BEFORE, LAST]
    assert (epoch_of(tmp_path / BEFORE), epoch_of(tmp_path / LAST)) == (4, 5)


def test_weights_are_not_half_written(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with no_file_beyond(2000), pytest.raises(DataError, match="--resume"):
        write_weights({"a": torch.zeros(10_000)}, path)
    assert not list(tmp_path.iterdir())
    write_weights({"a": torch.zeros(10)}, path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_cache_without_space_is_an_error_and_not_the_end_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    some = cases(tmp_path / "data")
    cache = tmp_path / "cache"
    with no_file_beyond(5000), pytest.raises(DataError, match=r"no space left for decoded images.*0\.0 MB.*--cache"):
        canvases(some, HOW, cache, lambda items, *_: items)
    assert not list(cache.iterdir())


@pytest.mark.parametrize("damage", ["array", "index", "both"])
def test_a_damaged_cache_is_made_anew(damage: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    some = cases(tmp_path / "data")
    cache = tmp_path / "cache"
    before = np.array(canvases(some, HOW, cache, lambda items, *_: items).pixels)
    (array,), (index,) = cache.glob("*.npy"), cache.glob("*.json")
    if damage in ("array", "both"):
        array.write_bytes(array.read_bytes()[:300])
    if damage in ("index", "both"):
        index.write_text("{")
    np.testing.assert_array_equal(canvases(some, HOW, cache, lambda items, *_: items).pixels, before)


def test_an_image_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    some = cases(tmp_path / "data")
    (tmp_path / "data" / "3.png").unlink()
    with pytest.raises(DataError, match=r"not there; expected 3\.png"):
        canvases(some, HOW, tmp_path / "cache", lambda items, *_: items)


def test_what_cannot_be_read_is_kept_as_a_code(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    some = cases(tmp_path / "data")
    (tmp_path / "data" / "2.png").write_bytes(b"")
    (tmp_path / "data" / "4.png").write_bytes(b"%PDF-1.4\n" + b"no image" * 60)
    expected = {2: Fault(FaultCode.EMPTY_FILE), 4: Fault(FaultCode.UNKNOWN_FORMAT, {"format": "pdf"})}
    for _ in range(2):  # decoded, and opened
        found = canvases(some, HOW, tmp_path / "cache", lambda items, *_: items)
        assert found.faults == expected
    assert list(found.readable(some).views[:, 0]) == [0, 1, 3, 5]
    # An earlier version kept sentences: the images are decoded anew.
    (index,) = (tmp_path / "cache").glob("*.json")
    index.write_text(index.read_text().replace("faults", "errors"))
    assert canvases(some, HOW, tmp_path / "cache", lambda items, *_: items).faults == expected
