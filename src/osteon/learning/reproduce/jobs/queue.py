"""All runs of a plan, some at a time, each in a process of its own: one that fails does not stop the others.

Or one after the other, each in several processes that train together; or spread over a cluster, see ``cluster_jobs``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import zip_longest
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from osteon.core.errors import OsteonError
from osteon.learning.compute.distributed import place, wait
from osteon.learning.compute.processors import usable_processors
from osteon.learning.compute.worker_process import end_with_parent, log_to_file
from osteon.learning.reproduce.planning.plan import Work

DIED: Final = ("WorkerCrashedError", "OutOfMemoryError", "NodeDiedError")
"""Names of Ray's errors for a process or machine that died; as text, so that Ray need not be installed."""


@dataclass(frozen=True)
class FailedRun:
    """A run that failed.

    Attributes:
        work: the run.
        problem: what went wrong.
    """

    work: Work
    problem: str


@dataclass(frozen=True)
class RunProgress:
    """A run that ended, and how far the plan is.

    Attributes:
        work: the run that ended.
        number: how many have ended, this one included.
        total: of the plan.
        seconds: that it took; None where it was done before.
        problem: why it failed; empty where it did not.
        following: the run that is next; None for the last.
        remaining: seconds that the rest will take, guessed from those that were done; None where none was.
    """

    work: Work
    number: int
    total: int
    seconds: float | None
    problem: str
    following: Work | None
    remaining: float | None


Report = Callable[[RunProgress], None]


class Ledger:
    """Which runs have ended, how, and how long the others will take.

    Args:
        works: of a plan, in its order.
        at_once: runs at a time.
        report: called for each run that ended.

    Attributes:
        failures: runs that failed.
    """

    def __init__(self, works: Sequence[Work], at_once: int, report: Report) -> None:
        self._works, self._at_once, self._report = works, at_once, report
        self._times: list[float] = []
        self.failures: list[FailedRun] = []

    def waves(self) -> list[list[Work]]:
        """Report what was done before; the rest in waves, each of which waits for those before it."""
        works = self._works
        ended = [work for work in works if work.finished]
        rest = [work for work in works if work not in ended]
        for number, (work, following) in enumerate(zip(ended, (*ended[1:], *rest[:1], None), strict=False), 1):
            self._report(RunProgress(work, number, len(works), None, "", following, None))
        depths: dict[Path, int] = {}
        for work in works:  # members stand before what is made of them
            depths[work.folder] = 1 + max((depths.get(member, 0) for member in work.members), default=-1)
        levels = sorted({depths[work.folder] for work in rest})
        return [[work for work in rest if depths[work.folder] == level] for level in levels]

    def ended(self, work: Work, outcome: float | BaseException, following: Work | None) -> None:
        """Record and report a run that ended.

        Args:
            work: the run.
            outcome: seconds that it took, or what went wrong.
            following: the run that is next.
        """
        seconds, problem = None, ""
        if isinstance(outcome, BaseException):
            problem = _words(outcome)
            self.failures.append(FailedRun(work, problem))
        else:
            seconds = outcome
            self._times.append(outcome)
        number = sum(other.finished for other in self._works) + len(self.failures)
        left, times = len(self._works) - number, self._times
        remaining = sum(times) / len(times) * left / self._at_once if times else None
        self._report(RunProgress(work, number, len(self._works), seconds, problem, following, remaining))


def run_all(works: Sequence[Work], jobs: int, command: Callable[[Work], str], report: Report) -> tuple[FailedRun, ...]:
    """Do the runs that are not done. Ensembles and fusions wait for their members.

    Args:
        works: of a plan, in its order.
        jobs: how many at a time; they share the processors.
        command: that makes a run.
        report: called for each run that ended.
    """
    ledger = Ledger(works, jobs, report)
    for wave in ledger.waves():
        left = wave
        while left:
            # A process that dies takes the pool with it; the others go on in a new one.
            left = _wave(left, jobs, command, ledger)
    return tuple(ledger.failures)


def run_together(works: Sequence[Work], command: Callable[[Work], str], report: Report) -> tuple[FailedRun, ...]:
    """Do the runs that are not done, one after the other, each in all processes that are ``distributed.joined``.

    Args:
        works: of a plan, in its order.
        command: that makes a run.
        report: called for each run that ended, in the first process.
    """
    here = place()
    threads = max(1, usable_processors() // here.local_world)
    ledger = Ledger(works, 1, report if here.first else lambda _step: None)
    rest = [work for wave in ledger.waves() for work in wave]
    for work, following in zip_longest(rest, rest[1:]):
        try:
            outcome: float | OsteonError = run_task(RunTask(work, threads, command(work)), f"log-{here.rank}.txt")
        except OsteonError as error:
            outcome = error
        wait()
        ledger.ended(work, outcome, following)
        wait()
    return tuple(ledger.failures)


def _wave(wave: Sequence[Work], jobs: int, command: Callable[[Work], str], ledger: Ledger) -> list[Work]:
    """Do some runs; returns those that are left where the pool broke."""
    threads = max(1, usable_processors() // jobs)
    waiting = list(wave)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        running: dict[Future[float], Work] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                work = waiting.pop(0)
                running[pool.submit(run_task, RunTask(work, threads, command(work)))] = work
            finished, _ = wait_for(running, return_when=FIRST_COMPLETED)
            broken = False
            for future in finished:
                work = running.pop(future)
                error = future.exception()
                broken = broken or isinstance(error, BrokenProcessPool)
                following = waiting[0] if waiting else next(iter(running.values()), None)
                ledger.ended(work, future.result() if error is None else error, following)
            if broken:
                # With one process at a time it is known who broke it; of several, all that ran are reported.
                died = "it ran at the same time as a process that died"
                ledger.failures += [FailedRun(work, died) for work in running.values()]
                return waiting
    return []


class RunTask(NamedTuple):
    """A run for a process to do.

    Attributes:
        work: the run.
        threads: of PyTorch.
        command: that makes it.
    """

    work: Work
    threads: int
    command: str


def run_task(task: RunTask, log: str = "log.txt") -> float:
    """Do a run in this process; returns the seconds that it took."""
    from osteon.learning.reproduce.jobs.run_one import reproduce_one

    log_to_file(task.work.folder / log)
    clock = time.perf_counter()
    reproduce_one(*task)
    return time.perf_counter() - clock


def _words(error: BaseException) -> str:
    if isinstance(error, BrokenProcessPool):
        return "its process died, possibly out of memory"
    if type(error).__name__ in DIED:
        return "its process or machine in the cluster died, possibly out of memory"
    return str(error) if isinstance(error, OsteonError) else f"{type(error).__name__}: {error}"
