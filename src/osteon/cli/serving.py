"""What the commands of the reading room share: the check for the extra, and how a server is run."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, cast

from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from osteon.clinic.server.context import Context
    from osteon.clinic.settings import Settings

PACKAGES: Final = (
    "alembic",
    "argon2",
    "fastapi",
    "httpx",
    "joserfc",
    "markdown_it",
    "prometheus_client",
    "pydantic_settings",
    "python_multipart",
    "reportlab",
    "sqlalchemy",
    "uvicorn",
    "yaml",
)
"""The packages of the extra ``serve``."""


def require_serving() -> None:
    """Refuse, with what to do, where the extra ``serve`` is not installed.

    Raises:
        OsteonError: a package is missing.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise OsteonError(
            f"this needs {', '.join(missing)}", hint="Install the reading room: pip install 'osteon[serve]'"
        )


def require_pacs() -> None:
    """Refuse, with what to do, where the extra ``pacs`` is not installed.

    Raises:
        OsteonError: a package is missing.
    """
    if find_spec("pynetdicom") is None:
        raise OsteonError("a DICOM node needs pynetdicom", hint="Install it: pip install 'osteon[serve,pacs]'")


def run(
    settings: Settings,
    announce: Callable[[Context, str], None],
    before: Callable[[Context], None] | None = None,
    *,
    quiet: bool = False,
) -> None:
    """Run a server until it is stopped.

    Args:
        settings: whole and checked.
        announce: called with the address once requests are answered.
        before: called before that, when everything is open.
        quiet: log warnings and errors only.

    Raises:
        OsteonError: it cannot start.
    """
    import logging
    import os
    import tempfile

    dicom = settings.dicom
    if dicom.port is not None or any(not one.web for one in (*dicom.destinations.values(), *dicom.archives.values())):
        require_pacs()
    with _uncollected():
        with _without("requests", "tqdm"):  # pydicom takes them, 5 MiB, to fetch test data
            import_module("pydicom.data.download")
        from osteon.clinic.reading.memory import limit_arenas, trim
        from osteon.clinic.server.audit.logs import start_logging
        from osteon.clinic.server.open import listen, open_context
        from osteon.clinic.server.run import Server, address

    limit_arenas()
    start_logging(logging.WARNING if quiet else logging.INFO)
    os.umask(0o077)  # what the store holds is for its owner alone
    with listen(settings) as taken:
        context = open_context(settings)
        trim()
        # Uploads must not wait in memory, which is where many systems have their folder for temporary files.
        tempfile.tempdir = str(context.files.spool)
        if before is not None:
            before(context)
        server = Server(context, lambda: announce(context, address(settings, taken)))
        server.run([taken])


def run_worker(settings: Settings, tell: Callable[[str], object], drain: float, health_port: int | None) -> None:
    """Run a worker until it is stopped.

    Args:
        settings: whole and checked.
        tell: called with lines for whoever started it.
        drain: seconds that studies in hand have at the end.
        health_port: on which it says that it lives; None for none.

    Raises:
        OsteonError: it cannot start.
    """
    import logging
    import os

    with _uncollected():
        from osteon.clinic.fleet.reading import WorkerProcess
        from osteon.clinic.server.audit.logs import start_logging

    start_logging(logging.INFO)
    os.umask(0o077)
    WorkerProcess(settings, drain, health_port).run(tell)


@contextmanager
def _without(*names: str) -> Generator[None]:
    """Let packages that are optional to others, and not imported yet, look as if they were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = cast("Any", None)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _uncollected() -> Generator[None]:
    """Do not look for garbage: what is imported stays, and looking through it again and again takes a tenth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
