"""A process that runs a command and may be killed; started by a server that has imported what it needs."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.context import ForkServerContext, ForkServerProcess

PRELOADED = ["osteon.cli.improve_room", "osteon.learning.improve.conduct", "osteon.clinic.store.registry.promotion"]


def starter() -> ForkServerContext:
    """Starts processes quickly: each is a fork of one that has imported PyTorch and has done nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def begin(context: ForkServerContext, arguments: list[str]) -> ForkServerProcess:
    """Run ``osteon`` with arguments in a process of its own."""
    process = context.Process(target=_run, args=(arguments,))
    process.start()
    return process


def _run(arguments: list[str]) -> None:
    from osteon.cli import application

    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    application()(arguments, standalone_mode=False)
