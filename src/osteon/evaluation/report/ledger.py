"""The ledger of evaluations: which test part was measured when, of what, and why. It is only ever appended to.

Each look at a test part may change what is done next. After several, its figures are no longer those of unseen data, though
no network was trained on it. The ledger counts the looks, so that a figure can be given with their number.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import osteon
from osteon.core.errors import DataError
from osteon.data.files.names import as_path
from osteon.evaluation.inference.overlap import sha256_of

MANY: Final = 3
"""The evaluation of one part from which on a warning is given."""

LONGEST: Final = 1 << 20
"""Bytes of a line that are read at once; a longer one is no entry."""

Basis = Literal["files", "names"]


@dataclass(frozen=True, slots=True)
class TestPart:
    """The cases of an evaluation, as the ledger tells them apart.

    Attributes:
        dataset: name of the dataset or table.
        split: name of the part.
        images: number of images.
        sha256: over the sorted SHA-256 of their files, or over their sorted names.
        basis: which of both.
    """

    dataset: str
    split: str
    images: int
    sha256: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Entry:
    """One evaluation.

    Attributes:
        when: UTC, ISO 8601.
        dataset: name of the dataset or table.
        split: name of the part.
        images: number of images.
        part: what identifies the part, ``TestPart.sha256``.
        basis: what that was computed from.
        system: what was evaluated: a bundle's identity, or the name of a file.
        sha256: of the bundle, or of the file.
        purpose: as stated by ``--purpose``; empty where nothing was.
        osteon: version that evaluated.
        figures: headline figures by name: value, lower and upper end of the interval.
    """

    when: str
    dataset: str
    split: str
    images: int
    part: str
    basis: Basis
    system: str
    sha256: str
    purpose: str = ""
    osteon: str = ""
    figures: Mapping[str, Sequence[float | None]] = field(default_factory=dict[str, Sequence[float | None]])


def identify(dataset: str, split: str, images: Sequence[str], root: Path | None) -> TestPart:
    """Identify a part by the content of its files where all are there, otherwise by their names.

    Args:
        dataset: name of the dataset or table.
        split: name of the part.
        images: paths below the root.
        root: folder of the images, if known.
    """
    paths = [] if root is None else [as_path(root, name) for name in images]
    if paths and all(path.is_file() for path in paths):
        digests = sorted(map(sha256_of, paths))
        basis: Basis = "files"
    else:
        digests, basis = sorted(images), "names"
    return TestPart(dataset, split, len(images), hashlib.sha256("\n".join(digests).encode()).hexdigest(), basis)


def default_ledger() -> Path:
    """The user's ledger: ``$OSTEON_LEDGER``, or else ``$XDG_DATA_HOME/osteon/evaluations.jsonl``."""
    if named := os.environ.get("OSTEON_LEDGER", ""):
        return Path(named)
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if home else Path.home() / ".local" / "share") / "osteon" / "evaluations.jsonl"


def make(
    part: TestPart,
    system: str,
    sha256: str,
    *,
    purpose: str,
    figures: Mapping[str, Sequence[float | None]],
    when: str = "",
) -> Entry:
    """An entry for an evaluation that was made now, or at ``when``."""
    return Entry(
        when or datetime.now(UTC).isoformat(timespec="seconds"),
        part.dataset,
        part.split,
        part.images,
        part.sha256,
        part.basis,
        system,
        sha256,
        purpose,
        osteon.__version__,
        figures,
    )


def read_ledger(path: Path) -> list[Entry]:
    """The entries of a ledger in their order; lines that are none are passed over. A missing file has none.

    Raises:
        DataError: the file cannot be read.
    """
    return list(_entries(path, ""))


def _entries(path: Path, part: str) -> Iterator[Entry]:
    """The entries of a ledger one by one, so that a long one takes no memory; of one part, where it is named."""
    known = {entry.name for entry in fields(Entry)}
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST):
                if part and part.encode() not in line:
                    continue
                try:
                    content = json.loads(line)
                    entry = Entry(**{name: value for name, value in content.items() if name in known})
                except (ValueError, TypeError, AttributeError):
                    continue
                if not part or entry.part == part:
                    yield entry
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(f"cannot read the ledger {path}", got=error.strerror or type(error).__name__) from error


def check_ledger(path: Path) -> None:
    """Make sure that a ledger can be appended to; its folder is made.

    Raises:
        DataError: it cannot.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise DataError(
            f"the ledger {path} cannot be written",
            got=error.strerror or type(error).__name__,
            hint="Name another with --ledger.",
        ) from error


def append(path: Path, entry: Entry) -> None:
    """Append an entry in one write, so that entries of several processes do not mix.

    Raises:
        DataError: the ledger cannot be written.
    """
    check_ledger(path)
    line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
    try:
        if not _ends_whole(path):
            line = "\n" + line
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise DataError(f"the ledger {path} cannot be written", got=error.strerror or type(error).__name__) from error


def _ends_whole(path: Path) -> bool:
    """Whether a file is empty or ends with a line break; only its last byte is read."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def earlier(path: Path, part: TestPart) -> list[Entry]:
    """The entries of a ledger on the same part.

    Raises:
        DataError: the ledger cannot be read.
    """
    return list(_entries(path, part.sha256))


def warning(before: Sequence[Entry]) -> str:
    """A caution from the third evaluation of a part on; empty before."""
    if len(before) < MANY - 1:
        return ""
    return (
        f"These {before[0].images:,} images were evaluated on {len(before):,} times before, first on {before[0].when[:10]} "
        "according to the ledger: decisions made in view of earlier figures make later ones too good. State the number with "
        "the figure, and confirm it on images that nobody has looked at."
    )
