"""Osteon's command within the process of the tests: what it writes and its exit code, as of a process of its own.

Starting one takes a second of a processor. Tests of the process itself - what it imports, pipes, signals, silence of native
libraries - start one all the same.
"""

from __future__ import annotations

import io
import logging
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest

from osteon.cli import main

QUIETED = ("pydicom", "PIL")
"""Loggers that the command silences for the rest of its process."""


def osteon(*arguments: object, columns: int = 80) -> CompletedProcess[str]:
    """Run the command.

    Args:
        arguments: after ``osteon``.
        columns: width of the terminal.
    """
    words = [str(argument) for argument in arguments]
    code, out, err = 0, stream(), stream()
    loggers = {logging.getLogger(name): logging.getLogger(name).propagate for name in QUIETED}
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        warnings.simplefilter("default")
        patch.setattr(sys, "argv", ["osteon", *words])
        patch.setenv("COLUMNS", str(columns))
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        finally:
            for logger, propagate in loggers.items():
                logger.propagate = propagate
    return CompletedProcess(words, code, written(out), written(err))


def stream() -> io.TextIOWrapper:
    """A stream in memory that has bytes below, as those of a process."""
    return io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)


def written(out: io.TextIOWrapper) -> str:
    """What was written to it."""
    assert isinstance(out.buffer, io.BytesIO)
    return out.buffer.getvalue().decode()
