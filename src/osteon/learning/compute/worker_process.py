"""What a worker process does when it starts: follow its parent, and send what is logged to a file."""

from __future__ import annotations

import logging
import os
import threading
from multiprocessing import connection, parent_process
from pathlib import Path


def end_with_parent() -> None:
    """End this process when its parent ends in whatever way, so that nothing is left running unseen."""
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def follow() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def log_to_file(path: Path) -> None:
    """Send logs and warnings of all libraries to a file, and nothing to the console."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    for handler in [*root.handlers]:
        root.removeHandler(handler)
        handler.close()
    written = logging.FileHandler(path, encoding="utf-8")
    written.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root.addHandler(written)
    for name in [*root.manager.loggerDict]:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
