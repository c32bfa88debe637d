"""Steps of a round: each is done once, leaves its result whole or not at all, and a marker when it is done."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from osteon.core.errors import DataError
from osteon.learning.runs.write import write_json

_log = logging.getLogger(__name__)

FOLDER = "steps"


class Steps:
    """The steps that are done in a folder.

    Args:
        folder: of the round.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def done(self, name: str) -> dict[str, Any] | None:
        """What a step left; None while it is not done.

        Raises:
            DataError: its marker is damaged.
        """
        path = self.folder / FOLDER / f"{name}.json"
        if not path.is_file():
            return None
        try:
            return json.loads(path.read_text("utf-8"))["left"]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} is damaged", hint="Delete it; the step is then done again.") from error

    def do(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do a step, unless it is done; what it left."""
        found = self.done(name)
        if found is not None:
            return found
        _log.info("step %s", name)
        left = work()
        # Written last: where the marker is, the result is there as a whole.
        write_json(self.folder / FOLDER / f"{name}.json", {"done": datetime.now(UTC).isoformat(), "left": left})
        return left

    def fresh(self, name: str) -> Path:
        """An empty folder that a step fills and ``settle`` then puts in its place; what a killed attempt left is removed."""
        draft = self.folder / f".{name}.part"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        return draft

    def settle(self, name: str) -> Path:
        """Put what ``fresh`` gave in its place."""
        final = self.folder / name
        shutil.rmtree(final, ignore_errors=True)  # of an attempt that was killed before its marker
        (self.folder / f".{name}.part").rename(final)
        return final
