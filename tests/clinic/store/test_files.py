"""Originals are kept once, by their content; pseudonyms belong to one store."""

from __future__ import annotations

import hashlib
import io
import stat
import threading
from pathlib import Path

import pytest

from osteon.clinic.store.files import Files
from osteon.core.errors import StoreError


def test_same_content_is_kept_once(files: Files) -> None:
    digest = files.put(b"film")
    assert digest == hashlib.sha256(b"film").hexdigest()
    assert files.put_stream(io.BytesIO(b"film")) == (digest, 4)
    assert files.read(digest) == b"film"
    assert [name for group in files.digests() for name in group] == [digest]
    assert not list((files.folder / "files" / "new").iterdir())
    files.remove(digest)
    files.remove(digest)
    with pytest.raises(StoreError):
        files.read(digest)


def test_many_threads_put_the_same(files: Files) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(files.put(b"x" * 100_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert files.read(found[0]) == b"x" * 100_000


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "ABC", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_only_digests_name_files(files: Files, name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        files.path(name)


def test_pseudonyms(tmp_path: Path) -> None:
    one, other = Files(tmp_path / "one"), Files(tmp_path / "other")
    name = one.pseudonym("12345")
    assert len(name) == 15
    assert name.startswith("P-")
    assert name == Files(tmp_path / "one").pseudonym("12345")
    assert name not in (other.pseudonym("12345"), one.pseudonym("12346"))
    assert stat.S_IMODE((tmp_path / "one" / "key").stat().st_mode) == 0o600


def test_damaged_secret_is_refused(tmp_path: Path) -> None:
    Files(tmp_path)
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        Files(tmp_path)


def test_one_process_holds(tmp_path: Path) -> None:
    first, second = Files(tmp_path), Files(tmp_path)
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    first.release()
    assert second.hold()
    second.release()


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="folder"):
        Files(tmp_path / "file" / "store")
