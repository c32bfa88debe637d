"""Libraries that warn, kept quiet.

Warnings and log lines of a parser quote what it parsed, which may be a patient's data: only their number is reported.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_ONE_AT_A_TIME: Final = threading.RLock()
"""Catching warnings changes the state of the whole process, so only one thread may do it at a time."""


@contextmanager
def quiet() -> Generator[list[warnings.WarningMessage]]:
    """Collect the warnings of what runs within, and drop pydicom's log lines; for parsing, not for decoding."""
    log = logging.getLogger("pydicom")
    with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        log.addFilter(_drop)
        try:
            yield caught
        finally:
            log.removeFilter(_drop)


def _drop(_record: logging.LogRecord) -> bool:
    return False
