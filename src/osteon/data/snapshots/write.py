"""A snapshot as a folder that trains: images, table, split, and the record with its hash."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from osteon.core.errors import DataError
from osteon.core.snapshot import SNAPSHOT_FILE, SNAPSHOT_VERSION, Snapshot, SnapshotImage
from osteon.data.convert import convert
from osteon.data.files.atomic import write_text
from osteon.data.snapshots.table import table_of
from osteon.data.splits.record import Split
from osteon.data.splits.split import split
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table

FRACTIONS: Final[Mapping[str, float]] = {"train": 0.8, "test": 0.2}
"""Four to one, as VinDr-SpineXR was divided (Nguyen et al., MICCAI 2021, section 2.2)."""

SUFFIXES: Final[Mapping[str, str]] = {"DICOM": ".dcm", "JPEG": ".jpg", "PNG": ".png", "TIFF": ".tiff"}
"""Of files by their format; those of the store have none."""

SUMS: Final = "SHA256SUMS"
MOST_STRATA: Final = 6
"""Labels that a split is stratified by at most: the rarest."""


def write_snapshot(
    snapshot: Snapshot,
    file_of: Callable[[str], Path],
    out: Path,
    *,
    to: str = "listed",
    pictures: str = "png",
    fractions: Mapping[str, float] | None = FRACTIONS,
) -> Table:
    """Write a snapshot into a new folder.

    Args:
        snapshot: to write.
        file_of: path of the file of a digest.
        out: the folder; it must be empty or absent.
        to: format, a target of ``osteon data convert``; ``listed`` is osteon's own table.
        pictures: ``png`` re-encodes in 16 bit, without any header; ``keep`` copies the files with all that they say of
            the patient.
        fractions: of the parts; None for no split.

    Returns:
        The table that was written, before its images got their new names.

    Raises:
        DataError: the folder is not empty, no image can be read, or there are too few patients for the parts.
        InputError: an image cannot be decoded.
    """
    with tempfile.TemporaryDirectory(prefix="osteon-") as folder:
        root = Path(folder)
        table = linked_table(snapshot, file_of, root, fractions)
        convert(table, root, out, to, pictures=pictures)
    write_text(out / SNAPSHOT_FILE, snapshot.model_dump_json(indent=1))
    _write_sums(out, snapshot)
    return table


def linked_table(
    snapshot: Snapshot, file_of: Callable[[str], Path], root: Path, fractions: Mapping[str, float] | None = FRACTIONS
) -> Table:
    """The table of a snapshot with its split; its files are linked into an empty folder under the images' own names.

    Raises:
        DataError: no image can be read, or there are too few patients for the parts.
    """
    table = table_of(snapshot, lambda image: _linked(root, file_of, image))
    return table if fractions is None else divided(table, snapshot.seed, fractions).applied(table)


def divided(table: Table, seed: int, fractions: Mapping[str, float]) -> Split:
    """A split by patient, and by study where patients are unknown, with labels spread evenly."""
    known = table.frame["patient"].null_count() < len(table)
    counts = {name: int((table.label(name) == 1).sum()) for name in table.labels}
    group = ("patient", "study") if known else ("study",)
    return split(table, fractions, seed=seed, group=group, stratify=_strata(counts, len(table)))


def _strata(counts: Mapping[str, int], images: int) -> list[str]:
    """Columns of the rarest labels, of which some images have each and some have it not."""
    several = [name for name, count in counts.items() if 1 < count < images]
    return [LABEL_PREFIX + name for name in sorted(several, key=lambda name: counts[name])[:MOST_STRATA]]


def read_snapshot(folder: Path) -> Snapshot:
    """The record of a folder that ``write_snapshot`` made.

    Raises:
        DataError: there is none, or it is of a newer version.
    """
    path = folder / SNAPSHOT_FILE
    try:
        content = json.loads(path.read_bytes())
        if content["version"] > SNAPSHOT_VERSION:
            raise DataError(f"{path.name} was written by a newer osteon", expected=f"version up to {SNAPSHOT_VERSION}")
        return Snapshot.model_validate(content)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise DataError(
            f"{folder} is no snapshot",
            expected=SNAPSHOT_FILE,
            got=type(error).__name__,
            hint="Take one with `osteon annotate snapshot`.",
        ) from error


def verify_snapshot(folder: Path) -> Snapshot:
    """Check that nothing in a folder was changed since it was written; its record.

    Raises:
        DataError: a file is missing or changed.
    """
    snapshot = read_snapshot(folder)
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{folder} has no {SUMS}", got=type(error).__name__) from error
    if not lines or lines[0] != f"# snapshot {snapshot.digest}":
        raise DataError("the record of the snapshot was changed", hint="Take it again.")
    stated = {name: digest for digest, _, name in (line.partition("  ") for line in lines[1:])}
    changed = [
        name for name, digest in stated.items() if not (folder / name).is_file() or _sum(folder / name) != digest
    ]
    if changed:
        raise DataError(
            "the snapshot was changed after it was taken",
            expected="the files as they were written",
            got=f"{len(changed)} files changed or missing, e.g. {changed[0]}",
            hint="Take it again.",
        )
    return snapshot


def training_settings(folder: Path, group: Sequence[str]) -> list[str]:
    """How a recipe has to be set for a snapshot: its format, and a split that divides no patient and spreads its labels.

    Args:
        folder: of the snapshot.
        group: what the recipe's own split keeps together.

    Raises:
        DataError: it is no snapshot.
    """
    snapshot = read_snapshot(folder)
    known = any(study.patient for study in snapshot.studies)
    present = Counter(
        name
        for study in snapshot.studies
        for image in study.images
        for name, value in image.labels.items()
        if value == 1
    )
    strata = _strata({name: present[name] for name in snapshot.labels}, snapshot.images)
    # What else recipes group by are runs of image numbers, which a snapshot does not have.
    kept = [name for name in group if name == "cluster"]
    columns = [*kept, *(["patient"] if known else []), "study"]
    return ["dataset=listed", f"split.group={','.join(columns)}", f"split.stratify={','.join(strata)}"]


def _linked(root: Path, file_of: Callable[[str], Path], image: SnapshotImage) -> Path:
    """The file of an image under the image's own name, which the new files are named by."""
    path = root / f"{image.name}{SUFFIXES.get(image.format, '')}"
    path.symlink_to(file_of(image.digest).resolve())
    return path


def _write_sums(out: Path, snapshot: Snapshot) -> None:
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    lines = [f"{_sum(out / name)}  {name}" for name in names]
    write_text(out / SUMS, "\n".join([f"# snapshot {snapshot.digest}", *lines]) + "\n")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
