"""Checkpoints to resume from: written in one step, with the one before kept, and verified before they are used."""

from __future__ import annotations

import io
import logging
import os
import zipfile
from pathlib import Path
from typing import Any, Final

import torch
from lightning.fabric.plugins import TorchCheckpointIO

from osteon.data.files.atomic import replacing
from osteon.learning.runs.write import RESUME

LAST: Final = "last.ckpt"
BEFORE: Final = "before.ckpt"
"""The last checkpoint, and the one of an epoch before it."""

_log = logging.getLogger(__name__)


class AtomicCheckpoints(TorchCheckpointIO):
    """Writes checkpoints to the same file system and renames them in one step.

    Lightning's own writes to the system's temporary folder: where that is another file system, the checkpoint is copied, and
    an interrupted copy leaves half of one.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any | None = None
    ) -> None:
        """See ``TorchCheckpointIO``.

        Raises:
            DataError: it cannot be written; what was there before still is.
        """
        if storage_options is not None:
            raise TypeError("checkpoints are files and take no storage options")
        target = Path(path)
        keep = target.name == LAST and target.is_file()
        with replacing(target, RESUME) as new:
            if keep:  # before the new one is written, so that never more than two of them take space
                target.with_name(BEFORE).unlink(missing_ok=True)
            content = io.BytesIO()  # PyTorch hides why a file could not be written
            torch.save(checkpoint, content)
            new.write_bytes(content.getbuffer())
            if keep:
                target.replace(target.with_name(BEFORE))


def to_resume(folder: Path) -> Path | None:
    """The newest intact checkpoint in the folder of a phase; None where there is none, and the phase starts again."""
    there = [path for path in (folder / LAST, folder / BEFORE) if path.is_file()]
    for path in there:
        if is_intact(path):
            return path
        _log.warning("%s is damaged and is not used", path)
    if there:
        _log.warning("no checkpoint in %s is intact: the phase starts again", folder)
    return None


def is_intact(path: Path) -> bool:
    """Whether a file that ``torch.save`` wrote is intact: a zip all of whose parts match their checksums."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError):
        return False
