"""What a round of improvement was asked for; kept in its folder, so that it can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Protocol

from pydantic import Field

from osteon.core.errors import DataError
from osteon.core.locked import Lock
from osteon.core.part import Part
from osteon.core.snapshot import SNAPSHOT_FILE
from osteon.data.files.atomic import write_text

FILE: Final = "round.json"

STEPS: Final = ("plan", "snapshot", "sets", "weights", "train", "export", "gate", "compare", "register")

Share = Annotated[float, Field(gt=0, lt=1)]


class Request(Part):
    """The options of a round. Paths are absolute.

    Attributes:
        source: folder of a snapshot, or name of a project; empty where only opinions are taken.
        live: file of the bundle that reads now, which is copied.
        since: ISO date from which opinions of readers are taken; empty for none.
        rule: that decides studies that nobody decided; empty for none.
        runs: that made the live bundle, one for each network.
        recipe: in place of the live bundle's.
        old: folder of the dataset of before; empty takes that of the run, if there is one.
        old_kind: its format; empty takes the recipe's dataset.
        old_split: its split; empty takes that of the run, or of the live bundle.
        share: of new images in an epoch.
        rename: labels of the snapshot by their name in the recipe.
        local_test: share of the decided studies that are locked.
        lock: file of the lock where there is no store; empty keeps it in the round's folder.
        budget: ``trial``, ``small`` or ``full``.
        settings: ``KEY=VALUE`` for the recipe.
        seed: of split, training and resamples.
        version: of the candidate; empty makes the minor version one higher.
        reason: for the registry.
    """

    source: str = ""
    live: str
    since: str = ""
    rule: str = ""
    runs: tuple[str, ...] = ()
    recipe: str = ""
    old: str = ""
    old_kind: str = ""
    old_split: str = ""
    share: Share = 0.5
    rename: dict[str, str] = Field(default_factory=dict[str, str])
    local_test: Share = 0.3
    lock: str = ""
    budget: str = "full"
    settings: tuple[str, ...] = ()
    seed: int = 0
    version: str = ""
    reason: str = "improved"

    @property
    def is_folder(self) -> bool:
        """Whether the source is the folder of a snapshot."""
        return bool(self.source) and (Path(self.source) / SNAPSHOT_FILE).is_file()


class Room(Protocol):
    """What a round needs of a reading room; the command line puts it together."""

    def versions(self, name: str) -> frozenset[str]:
        """Versions of a bundle that are registered."""
        ...

    def snapshots(self, request: Request, out: Path) -> list[str]:
        """Write snapshots of what was decided, below a folder; names of the folders, the most trusted first."""
        ...

    def lock(self, request: Request) -> Lock | None:
        """The locked test set, where there is one."""
        ...

    def keep_lock(self, request: Request, lock: Lock) -> Lock:
        """Keep a locked test set; one that is there stays, and is given back."""
        ...

    def register(self, request: Request, bundle: Path, evidence: Path) -> None:
        """Register a candidate with its evidence; one that is registered stays as it is."""
        ...


def begin(folder: Path, request: Request | None) -> Request:
    """Begin a round, or take up the one that is there.

    Raises:
        DataError: the round that is there was begun with other options, or there is none to go on with.
    """
    path = folder / FILE
    if path.is_file():
        try:
            there = Request.model_validate_json(path.read_bytes())
        except ValueError as error:
            raise DataError(f"{path} is damaged", hint="Begin another round in another folder.") from error
        if request is not None and request != there:
            changed = [name for name, value in there if getattr(request, name) != value]
            raise DataError(
                "the round that is there was begun with other options",
                expected="the same options, or none",
                got=f"other {', '.join(changed)}",
                hint=f"Go on with: osteon improve --out {folder}",
            )
        return there
    if request is None:
        raise DataError(f"there is no round in {folder}", expected="a project or a snapshot to begin with")
    write_text(path, request.model_dump_json(indent=1) + "\n")
    return request
