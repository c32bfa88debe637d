"""Where the data of before and the locked test set of a round come from."""

from __future__ import annotations

from pathlib import Path

from osteon.bundle.archive import Bundle
from osteon.core.errors import DataError
from osteon.core.locked import LOCK_FILE, Lock
from osteon.data.datasets import read
from osteon.data.files.atomic import write_text
from osteon.data.splits.record import load_split, parse_split
from osteon.data.splits.split import official_split
from osteon.learning.improve.request import Request, Room
from osteon.learning.improve.sets import Old
from osteon.learning.recipes import find
from osteon.learning.runs.run import open_run


def old_data(request: Request, live: Bundle) -> Old | None:
    """The dataset of before: that which was named, else that of the run."""
    run = open_run(Path(request.runs[0])) if request.runs else None
    if not request.old and run is None:
        return None
    root = Path(request.old or (run.data if run is not None else ""))
    names = live.manifest.provenance.recipe.split(" and ")
    kind = request.old_kind or (run.recipe.dataset if run is not None else find(request.recipe or names[0]).dataset)
    table = read(kind, root)
    record = live.parts.get("split.json")
    if request.old_split:
        split = load_split(Path(request.old_split))
    elif run is not None and not request.old:
        split = load_split(run.split_file)
    elif record is not None and set(parse_split(record, "split.json").parts.get("test", ())) & set(table.images):
        split = parse_split(record, "split.json")
    else:
        split = official_split(table)
    return Old(table, root, split)


def lock_of(folder: Path, request: Request, room: Room | None) -> Lock | None:
    """The locked test set: of the project, else of the file; None where nothing is locked yet."""
    if room is not None and _in_store(request):
        return room.lock(request)
    path = Path(request.lock or folder / LOCK_FILE)
    return Lock.model_validate_json(path.read_bytes()) if path.is_file() else None


def keep_lock(folder: Path, request: Request, room: Room | None, lock: Lock) -> None:
    """Keep a lock with the project before anything is trained; the copy in the folder is for reading.

    Raises:
        DataError: another round locked a test set meanwhile.
    """
    text = lock.model_dump_json(indent=1) + "\n"
    if room is not None and _in_store(request):
        if room.keep_lock(request, lock) != lock:
            raise DataError("another round locked a test set meanwhile", hint="Go on with the same command.")
    else:
        write_text(Path(request.lock or folder / LOCK_FILE), text)
    write_text(folder / LOCK_FILE, text)


def _in_store(request: Request) -> bool:
    """Whether the lock is kept with a project."""
    return not request.lock and bool(request.source) and not request.is_folder
