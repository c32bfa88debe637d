"""What the commands of the learning half share: the check for the extra, folders, progress."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from osteon.learning.train import TrainerOptions


ALLOCATOR: Final = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
"""Settings of glibc's malloc under which training on processors is up to three times as fast: buffers of activations are
kept instead of being given back to the system at every step. They are read when a process starts."""


@contextmanager
def with_learning() -> Generator[None]:
    """Refuse, with what to do, where the extra ``learn`` is not installed; show Osteon's warnings on standard error.

    Raises:
        OsteonError: PyTorch is missing.
    """
    missing = [name for name in ("torch", "lightning", "timm") if find_spec(name) is None]
    if missing:
        raise OsteonError(
            f"this needs {', '.join(missing)}", hint="Install the learning half: pip install 'osteon[learn]'"
        )
    from rich.logging import RichHandler

    log = logging.getLogger("osteon")
    if not log.handlers:
        log.addHandler(RichHandler(console=_console(), show_path=False, show_time=False))
    # Lightning advertises on every start; its warnings still come through.
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    yield


def trainer_options(cache: Path | None, threads: int | None, *, quiet: bool) -> TrainerOptions:
    """Options of training from those of the command line."""
    from osteon.learning.train import TrainerOptions

    return TrainerOptions(cache=cache_folder(cache), track=track(quiet=quiet), progress=not quiet, threads=threads)


def made_folder(folder: Path) -> Path:
    """A folder to write into, made where it is missing: that it cannot be is said before the work and not after it.

    Raises:
        OsteonError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OsteonError(f"cannot make the folder {folder}", got=error.strerror or type(error).__name__) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OsteonError(f"cannot write into the folder {folder}", hint="Name another, or change who may write there.")
    return folder


def cache_folder(cache: Path | None) -> Path:
    """Folder of decoded images: as told, or in the user's cache."""
    return (cache or Path(user_cache())) / "canvases"


def user_cache() -> str:
    """The user's cache folder for Osteon, by the XDG rules."""
    return str(Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "osteon")


def track(*, quiet: bool) -> Any:
    """A progress bar on standard error, or none."""

    def silent(items: Iterable[Any], _description: str, _total: int) -> Iterable[Any]:
        return items

    def show(items: Iterable[Any], description: str, total: int) -> Iterable[Any]:
        from rich.progress import track as rich_track

        return rich_track(items, description, total, console=_console(), transient=True)

    return silent if quiet else show


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def restart_with_allocator() -> None:
    """Start this process again with ``ALLOCATOR``, once, where the user has not set it."""
    if sys.platform != "linux" or any(name in os.environ for name in ALLOCATOR) or not sys.argv[0].endswith("osteon"):
        return
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ALLOCATOR)  # noqa: S606 - this program itself
