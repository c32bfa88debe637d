"""Logs as single lines of ``key=value``. They hold no patient data: exceptions are shown by type and place alone."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

NAMES: Final = ("osteon", "uvicorn")
"""The loggers whose lines are shown."""


class Lines(logging.Formatter):
    """A record as one line.

    What an exception says may quote what was sent, a file name for example; so its message is left out, and the lines
    of code that it went through are given.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, object] = {"time": moment, "level": record.levelname.lower(), "event": record.getMessage()}
        fields |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            fields["error"] = kind.__name__
            steps = traceback.extract_tb(trace)
            fields["at"] = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(steps))
        return " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())


def start_logging(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Let Osteon and uvicorn write to standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    for name in NAMES:
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.propagate = False
        log.setLevel(level)


def _quoted(value: object) -> str:
    """A value in quotes where it has blanks, quotes or line breaks in it."""
    text = str(value)
    plain = text.isprintable() and not any(sign in text for sign in ' "=')
    return text if plain and text else json.dumps(text, ensure_ascii=False)
