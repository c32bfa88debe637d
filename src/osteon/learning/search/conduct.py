"""Start the workers, recover the trials of dead ones, and report progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_all_start_methods, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from optuna.study import Study
from optuna.trial import FrozenTrial

from osteon.core.errors import OsteonError
from osteon.learning.search.plan import Search
from osteon.learning.search.result import best, ranked
from osteon.learning.search.standing import original, recover_dead, standing
from osteon.learning.search.store import open_study
from osteon.learning.search.trial import drop_weights
from osteon.learning.search.worker import serve

DEATHS: Final = 3
"""Workers that may die one after the other with no trial ending in between."""

SHUTDOWN: Final = 20
"""Seconds that workers have to return their trials when the user stops the search."""


@dataclass(frozen=True)
class TrialProgress:
    """A trial that ended, and how far the search is.

    Attributes:
        trial: that ended.
        number: how many have ended, this one included.
        total: of the search.
        best: the best so far; None where none was completed.
        remaining: estimated seconds for the rest; None where no trial has ended.
    """

    trial: FrozenTrial
    number: int
    total: int
    best: FrozenTrial | None
    remaining: float | None


Report = Callable[[TrialProgress], None]


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


def conduct(search: Search, workers: int, report: Report) -> Study:
    """Do the trials that are not done.

    Args:
        search: to do.
        workers: processes on this machine.
        report: called for each trial that ends, on whatever machine.

    Raises:
        OsteonError: an error that does not depend on the point, or the workers keep dying.
        KeyboardInterrupt: the user stops it; running trials are continued by the next search.
    """
    study = open_study(search)
    recover_dead(study)
    reported = {trial.number for trial in standing(study.get_trials(deepcopy=False)).ended}
    running: list[_Worker] = []
    deaths = 0
    try:
        while _wanted(search, study) or running:
            while _wanted(search, study) and len(running) < workers:
                running.append(_begin(search, len(running)))
            connection.wait([worker.process.sentinel for worker in running], timeout=1)
            fresh = _report_ended(search, study, reported, len(running), report)
            gone = [worker for worker in running if not worker.process.is_alive()]
            running = [worker for worker in running if worker.process.is_alive()]
            deaths = 0 if fresh else deaths
            for worker in gone:
                deaths += _ended(worker)
            if gone:
                recover_dead(study)
            if deaths >= DEATHS:
                raise OsteonError(
                    f"{deaths} workers died one after the other", hint=f"Their logs: {search.out / 'logs'}"
                )
    finally:
        _shut_down(running)
        recover_dead(study)
    _report_ended(search, study, reported, 1, report)
    return study


def _wanted(search: Search, study: Study) -> bool:
    now = standing(study.get_trials(deepcopy=False))
    return len(now.ended) < search.trials


def _begin(search: Search, number: int) -> _Worker:
    here, there = connection.Pipe(duplex=False)
    log = search.out / "logs" / f"worker-{number}.txt"
    process = _start(search, there, log)
    there.close()
    return _Worker(process, here)


def _start(search: Search, pipe: Connection, log: Path) -> BaseProcess:
    """A process; where the system can, all are forked from one that has imported PyTorch but not used it yet."""
    if "forkserver" in get_all_start_methods():
        server = get_context("forkserver")
        server.set_forkserver_preload(["osteon.learning.search.worker"])
        process: BaseProcess = server.Process(target=serve, args=(search, pipe, log))
    else:
        process = get_context("spawn").Process(target=serve, args=(search, pipe, log))
    process.start()
    return process


def _ended(worker: _Worker) -> int:
    """1 for a worker that died, 0 for one that finished.

    Raises:
        OsteonError: the error that ended it.
    """
    with suppress(EOFError):
        if worker.pipe.poll():
            raise OsteonError(str(worker.pipe.recv()))
    return int(worker.process.exitcode != 0)


def _report_ended(search: Search, study: Study, reported: set[int], workers: int, report: Report) -> int:
    """Report the trials that have ended since, and keep only the best one's weights; returns their number."""
    ended = standing(study.get_trials(deepcopy=False)).ended
    fresh = sorted(
        (trial for trial in ended if trial.number not in reported), key=lambda trial: str(trial.datetime_complete)
    )
    chosen = best(study)
    times = [trial.duration.total_seconds() for trial in ended if trial.duration is not None]
    left = max(search.trials - len(ended), 0)
    remaining = sum(times) / len(times) * left / max(workers, 1) if times else None
    for trial in fresh:
        reported.add(trial.number)
        report(TrialProgress(trial, len(reported), search.trials, chosen, remaining))
    if fresh:
        for trial in ranked(study):
            if chosen is None or trial.number != chosen.number:
                drop_weights(search.folder(original(trial)))
    return len(fresh)


def _shut_down(running: list[_Worker]) -> None:
    """Wait for workers, which return their trials when the user stops the search; then kill those that are left."""
    until = time.monotonic() + (SHUTDOWN if running else 0)
    for worker in running:
        worker.process.join(max(until - time.monotonic(), 0.1) if worker.process.is_alive() else 0)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
