"""The runs of a plan over the machines of a Ray cluster. All that they read and write lies in folders that all see."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from osteon.learning.compute.cluster import share, spread
from osteon.learning.reproduce.jobs import Account, Asked, Failure, Report, one
from osteon.learning.reproduce.plan import Work


def run_on_cluster(
    works: Sequence[Work], jobs: int, machines: int, command: Callable[[Work], str], report: Report
) -> tuple[Failure, ...]:
    """Do the runs that are not done, each as a task of the cluster. What is put together waits for its parts.

    Args:
        works: of a plan, in its order, with absolute paths.
        jobs: runs at a time on each machine; they share its processors and GPUs.
        machines: of the cluster.
        command: that makes a run.
        report: is told of each run that ended.
    """
    account = Account(works, jobs * machines, report)
    each = share(jobs)
    for wave in account.waves():
        left = [Asked(work, each.cpus, command(work)) for work in wave]
        for asked, outcome in spread(one, tuple(left), each):
            left.remove(asked)
            account.ended(asked.work, outcome, left[0].work if left else None)
    return tuple(account.failures)
