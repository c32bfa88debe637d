"""All runs of a plan, some at a time, each in a process of its own: one that fails does not stop the others."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process

from osteon.core.errors import OsteonError
from osteon.learning.reproduce.plan import Work


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


def run_all(works: Sequence[Work], jobs: int, command: Callable[[Work], str], report: Report) -> tuple[Failure, ...]:
    """Do the runs that are not done. An ensemble waits for its members.

    Args:
        works: of a plan, in its order.
        jobs: how many at a time; they share the processors.
        command: that makes a run.
        report: is told of each run that ended.
    """
    ended = [work for work in works if work.done.is_file()]
    failures: list[Failure] = []
    times: list[float] = []
    for number, work in enumerate(ended, 1):
        left = next((one for one in works if one not in ended), None) if number == len(ended) else works[number]
        report(Step(work, number, len(works), None, "", left, None))
    rest = [work for work in works if work not in ended]
    for wave in ([one for one in rest if not one.members], [one for one in rest if one.members]):
        while wave:
            # A process that dies takes the pool with it; the others go on in a new one.
            wave = _wave(wave, works, jobs, command, report, failures, times)
    return tuple(failures)


def _wave(
    wave: Sequence[Work],
    works: Sequence[Work],
    jobs: int,
    command: Callable[[Work], str],
    report: Report,
    failures: list[Failure],
    times: list[float],
) -> list[Work]:
    """Do some runs; those that are left where the pool broke."""
    threads = max(1, (os.cpu_count() or 1) // jobs)
    waiting = list(wave)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_with_parent) as pool:
        running: dict[Future[float], Work] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                work = waiting.pop(0)
                running[pool.submit(_one, work, threads, command(work))] = work
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            broken = False
            for future in finished:
                work = running.pop(future)
                error = future.exception()
                if error is not None:
                    failures.append(Failure(work, _words(error)))
                else:
                    times.append(future.result())
                broken = broken or isinstance(error, BrokenProcessPool)
                number = sum(one.done.is_file() for one in works) + len(failures)
                left = len(works) - number
                following = waiting[0] if waiting else next(iter(running.values()), None)
                remaining = sum(times) / len(times) * left / jobs if times else None
                seconds = None if error is not None else times[-1]
                problem = "" if error is None else failures[-1].problem
                report(Step(work, number, len(works), seconds, problem, following, remaining))
            if broken:
                # With one process at a time it is known who broke it; of several, all that ran are reported.
                failures += [Failure(work, "it ran beside a process that died") for work in running.values()]
                return waiting
    return []


def _one(work: Work, threads: int, command: str) -> float:
    """Do a run in a process of the pool; the seconds that it took."""
    from osteon.learning.reproduce.work import log_to, reproduce_one

    log_to(work.folder / "log.txt")
    clock = time.perf_counter()
    reproduce_one(work, threads, command)
    return time.perf_counter() - clock


def _with_parent() -> None:
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
    return str(error) if isinstance(error, OsteonError) else f"{type(error).__name__}: {error}"
