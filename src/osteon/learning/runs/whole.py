"""Files of a run that are there whole or not at all, whatever ends the process or fills the disk.

What is written goes to a draft beside its place, reaches the disk, and takes its place in one step.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from osteon.core.errors import DataError

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A disk, a quota, or the longest file that a file system allows."""


@contextmanager
def replaced(path: Path) -> Generator[Path]:
    """A draft to write to in the block; it takes the place of ``path`` at its end, and is gone where the block fails.

    Raises:
        DataError: the file cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        _reach_disk(draft)
        draft.replace(path)
        _reach_disk(path.parent)
    except (OSError, SafetensorError) as error:
        raise unwritten(error, path) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def unwritten(error: Exception, path: Path) -> DataError:
    """What to say where a file of a run cannot be written."""
    why = (error.strerror or "") if isinstance(error, OSError) else str(error)
    # safetensors writes in Rust and says the number in its text.
    if getattr(error, "errno", None) in FULL or any(f"(os error {number})" in why for number in FULL):
        return DataError(
            f"no space left in {path.parent} for {path.name}",
            hint="Make room; --resume then goes on from the last whole epoch.",
        )
    return DataError(f"cannot write {path.name} in {path.parent}", got=why or type(error).__name__)


def write_weights(state: Mapping[str, Tensor], path: Path) -> None:
    """Write weights as safetensors.

    Raises:
        DataError: they cannot be written.
    """
    with replaced(path) as draft:
        save_file({name: value.contiguous() for name, value in state.items()}, draft)


def _reach_disk(path: Path) -> None:
    """Wait until a file, or the entries of a folder, lie on the disk; not every file system can be asked for folders."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
