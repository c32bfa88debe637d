"""Traced graphs of architectures, kept in the user's cache folder, so that each is traced once on a machine.

A file holds a graph without weights, after the SHA-256 of it. Its name is a hash of everything that a graph depends on besides
its weights: the architecture and its input, Osteon's own code, and the libraries that trace. What is exported with it is compared
with PyTorch as any other graph, so that a graph that does not fit could not be exported.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

from torch import Tensor, nn

import osteon.learning
from osteon.learning.bundling.graph_template import GraphTemplate

LIBRARIES: Final = ("torch", "torchvision", "timm", "onnx", "onnx-ir", "onnxscript", "numpy")
"""That make a graph."""

KEPT: Final = 64
"""Graphs that are kept; those that were not used for longest go first."""

_DIGEST: Final = hashlib.sha256().digest_size

_log = logging.getLogger(__name__)


def graph_folder() -> Path:
    """Where graphs are kept: ``$OSTEON_GRAPHS``, or else ``$XDG_CACHE_HOME/osteon/graphs``."""
    if named := os.environ.get("OSTEON_GRAPHS", ""):
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home else Path.home() / ".cache") / "osteon" / "graphs"


def exported_once(
    module: nn.Module, record: object, example: Tensor, outputs: list[str], *, optimise: bool = True
) -> bytes:
    """The ONNX graph of a module, traced only if none of its architecture was traced before: the bytes are the same.

    Args:
        module: with its weights.
        record: everything that distinguishes the module from others of Osteon's, besides its weights, the example and the
            outputs; its ``repr`` must say it.
        example: of the input, for any number of cases like it.
        outputs: their names.
        optimise: see ``GraphTemplate.filled``.

    Raises:
        BundleError: the weights do not fit the graph.
    """
    key = _key(module, record, example, outputs)
    content = _kept(key, lambda: GraphTemplate.of(module, example, outputs).content)
    return GraphTemplate(content).filled(module, optimise=optimise)


def _key(module: nn.Module, record: object, example: Tensor, outputs: list[str]) -> str:
    weights = [(name, str(one.dtype), tuple(one.shape)) for name, one in module.state_dict().items()]
    basis = (type(module).__qualname__, record, weights, tuple(example.shape), outputs, _makers())
    return hashlib.sha256(repr(basis).encode()).hexdigest()[:32]


@cache
def _makers() -> str:
    """What would make other graphs if it changed: the code of ``learning`` and the libraries."""
    here = Path(osteon.learning.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return " ".join((*(f"{name} {version(name)}" for name in LIBRARIES), digest.hexdigest()))


def _kept(key: str, make: Callable[[], bytes]) -> bytes:
    """The content of a key, made if need be; by one process at a time, while others that want the same wait for it."""
    folder = graph_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / f"{key}.graph").open("a+b")
    except OSError as error:
        _log.warning("traced graphs cannot be kept in %s: %s", folder, error.strerror)
        return make()
    with file, _alone(file):
        file.seek(0)
        digest, content = file.read(_DIGEST), file.read()
        if (
            hashlib.sha256(content).digest() == digest
        ):  # neither new, nor torn by a full disk or a process that was killed
            with suppress(OSError):
                os.utime(file.name)
            return content
        content = make()
        with suppress(OSError):
            file.truncate(0)
            file.write(hashlib.sha256(content).digest() + content)
            file.flush()
            _forget(folder)
    return content


@contextmanager
def _alone(file: IO[bytes]) -> Generator[None]:
    """Hold the lock of a file; where there are none, two processes may do the same work."""
    if sys.platform != "win32":
        import fcntl

        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
    yield


def _forget(folder: Path) -> None:
    """Remove the graphs that were not used for longest, down to ``KEPT``."""
    files = sorted(folder.glob("*.graph"), key=lambda path: path.stat().st_mtime)
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)
