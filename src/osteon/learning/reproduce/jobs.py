"""All runs of a plan, some at a time, each in a process of its own: one that fails does not stop the others.

Or one after the other, each in several processes that train together; or spread over a cluster, see ``spread``.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import zip_longest
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Final, NamedTuple

from osteon.core.errors import OsteonError
from osteon.learning.compute.distributed import place, wait
from osteon.learning.reproduce.plan import Work

DIED: Final = ("WorkerCrashedError", "OutOfMemoryError", "NodeDiedError")
"""How Ray calls it; named here by words, so that nothing needs Ray where there is none."""


@dataclass(frozen=True)
class Failure:
    """A run that did not come to its end.

    Attributes:
        work: the run.
        problem: what went wrong, in words.
    """

    work: Work
    problem: str


@dataclass(frozen=True)
class Step:
    """Something that happened.

    Attributes:
        work: the run that ended.
        number: how many have ended, this one included.
        total: of the plan.
        seconds: that it took; None where it was done before.
        problem: empty where all went well.
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


Report = Callable[[Step], None]


class Account:
    """Which runs have ended, how, and how long the others will take.

    Args:
        works: of a plan, in its order.
        at_once: runs at a time.
        report: is told of each run that ended.

    Attributes:
        failures: runs that did not come to their end.
    """

    def __init__(self, works: Sequence[Work], at_once: int, report: Report) -> None:
        self._works, self._at_once, self._report = works, at_once, report
        self._times: list[float] = []
        self.failures: list[Failure] = []

    def waves(self) -> list[list[Work]]:
        """Tell of what was done before; the rest in waves, each of which waits for those before it."""
        works = self._works
        ended = [work for work in works if work.done.is_file()]
        for number, work in enumerate(ended, 1):
            left = next((one for one in works if one not in ended), None) if number == len(ended) else works[number]
            self._report(Step(work, number, len(works), None, "", left, None))
        rest = [work for work in works if work not in ended]
        depths: dict[Path, int] = {}
        for work in works:  # parts stand before what is put together from them
            depths[work.folder] = 1 + max((depths.get(part, 0) for part in work.members), default=-1)
        levels = sorted({depths[work.folder] for work in rest})
        return [[work for work in rest if depths[work.folder] == level] for level in levels]

    def ended(self, work: Work, outcome: float | BaseException, following: Work | None) -> None:
        """Tell of a run.

        Args:
            work: the run.
            outcome: seconds that it took, or what went wrong.
            following: the run that is next.
        """
        seconds, problem = None, ""
        if isinstance(outcome, BaseException):
            problem = _words(outcome)
            self.failures.append(Failure(work, problem))
        else:
            seconds = outcome
            self._times.append(outcome)
        number = sum(one.done.is_file() for one in self._works) + len(self.failures)
        left, times = len(self._works) - number, self._times
        remaining = sum(times) / len(times) * left / self._at_once if times else None
        self._report(Step(work, number, len(self._works), seconds, problem, following, remaining))


def run_all(works: Sequence[Work], jobs: int, command: Callable[[Work], str], report: Report) -> tuple[Failure, ...]:
    """Do the runs that are not done. What is put together waits for its parts.

    Args:
        works: of a plan, in its order.
        jobs: how many at a time; they share the processors.
        command: that makes a run.
        report: is told of each run that ended.
    """
    account = Account(works, jobs, report)
    for wave in account.waves():
        left = wave
        while left:
            # A process that dies takes the pool with it; the others go on in a new one.
            left = _wave(left, jobs, command, account)
    return tuple(account.failures)


def run_together(works: Sequence[Work], command: Callable[[Work], str], report: Report) -> tuple[Failure, ...]:
    """Do the runs that are not done, one after the other, each in all processes that are ``distributed.joined``.

    Args:
        works: of a plan, in its order.
        command: that makes a run.
        report: is told of each run that ended, in the first process.
    """
    here = place()
    threads = max(1, (os.cpu_count() or 1) // here.local_world)
    account = Account(works, 1, report if here.first else lambda _step: None)
    rest = [work for wave in account.waves() for work in wave]
    for work, following in zip_longest(rest, rest[1:]):
        try:
            outcome: float | OsteonError = one(Asked(work, threads, command(work)), f"log-{here.rank}.txt")
        except OsteonError as error:
            outcome = error
        wait()
        account.ended(work, outcome, following)
        wait()
    return tuple(account.failures)


def _wave(wave: Sequence[Work], jobs: int, command: Callable[[Work], str], account: Account) -> list[Work]:
    """Do some runs; those that are left where the pool broke."""
    threads = max(1, (os.cpu_count() or 1) // jobs)
    waiting = list(wave)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=with_parent) as pool:
        running: dict[Future[float], Work] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                work = waiting.pop(0)
                running[pool.submit(one, Asked(work, threads, command(work)))] = work
            finished, _ = wait_for(running, return_when=FIRST_COMPLETED)
            broken = False
            for future in finished:
                work = running.pop(future)
                error = future.exception()
                broken = broken or isinstance(error, BrokenProcessPool)
                following = waiting[0] if waiting else next(iter(running.values()), None)
                account.ended(work, future.result() if error is None else error, following)
            if broken:
                # With one process at a time it is known who broke it; of several, all that ran are reported.
                died = "it ran beside a process that died"
                account.failures += [Failure(work, died) for work in running.values()]
                return waiting
    return []


class Asked(NamedTuple):
    """A run that a process is to do.

    Attributes:
        work: the run.
        threads: of PyTorch.
        command: that makes it.
    """

    work: Work
    threads: int
    command: str


def one(asked: Asked, log: str = "log.txt") -> float:
    """Do a run in this process; the seconds that it took."""
    from osteon.learning.reproduce.work import log_to, reproduce_one

    log_to(asked.work.folder / log)
    clock = time.perf_counter()
    reproduce_one(*asked)
    return time.perf_counter() - clock


def with_parent() -> None:
    """End this process when the one that started it ends in whatever way, so that no run goes on unseen."""
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def follow() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _words(error: BaseException) -> str:
    if isinstance(error, BrokenProcessPool):
        return "its process died, perhaps for want of memory"
    if type(error).__name__ in DIED:
        return "its process or machine in the cluster died, perhaps for want of memory"
    return str(error) if isinstance(error, OsteonError) else f"{type(error).__name__}: {error}"
