"""The runs of a plan over the machines of a Ray cluster, which share the folders of data and results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from osteon.cluster import share, spread
from osteon.learning.reproduce.jobs.queue import FailedRun, Ledger, Report, RunTask, run_task
from osteon.learning.reproduce.planning.plan import Work


def run_on_cluster(
    works: Sequence[Work], jobs: int, machines: int, command: Callable[[Work], str], report: Report
) -> tuple[FailedRun, ...]:
    """Do the runs that are not done, each as a task of the cluster. Ensembles and fusions wait for their members.

    Args:
        works: of a plan, in its order, with absolute paths.
        jobs: runs at a time on each machine; they share its processors and GPUs.
        machines: of the cluster.
        command: that makes a run.
        report: called for each run that ended.
    """
    ledger = Ledger(works, jobs * machines, report)
    each = share(jobs)
    for wave in ledger.waves():
        left = [RunTask(work, each.cpus, command(work)) for work in wave]
        for task, outcome in spread(run_task, tuple(left), each):
            left.remove(task)
            ledger.ended(task.work, outcome, left[0].work if left else None)
    return tuple(ledger.failures)
