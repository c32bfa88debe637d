"""A Ray cluster whose machines do tasks: a running one, or one that is started here.

No files are sent: tasks read and write folders, so all machines must see them at the same paths, which is checked at the
start.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from osteon.core.each import AHEAD, Item, Result
from osteon.core.errors import OsteonError

LOCAL: Final = "local"
"""The address that starts a cluster of this machine alone."""

RETRIES: Final = 1
"""How often a task whose process or machine died is repeated."""

PASSED: Final = ("OSTEON_", "HF_")
"""Beginnings of variables of the environment that tasks see as they are set here."""


class Share(NamedTuple):
    """Resources of a task.

    Attributes:
        cpus: processors.
        gpus: GPUs; below 1 where several tasks share one.
    """

    cpus: int
    gpus: float


@contextmanager
def cluster(address: str) -> Generator[None]:
    """Join a cluster for the length of the block; one that was started here ends with it.

    Args:
        address: of the cluster, as ``ray start --head`` prints it; ``auto`` finds one on this machine, ``local`` starts
            one.

    Raises:
        OsteonError: Ray is not installed, or there is no cluster at the address.
    """
    if find_spec("ray") is None:
        raise OsteonError("this needs ray", hint="Install it with: pip install 'osteon[cluster]'")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    seen = {name: value for name, value in os.environ.items() if name.startswith(PASSED)}
    more: dict[str, Any] = {"include_dashboard": False} if address == LOCAL else {"runtime_env": {"env_vars": seen}}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **more)
    except (ConnectionError, ValueError) as error:
        raise OsteonError(
            f"there is no Ray cluster at {address}",
            expected="the address that ray start --head prints, auto, or local",
            hint=str(error).split("\n", 1)[0],
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def share(tasks: int) -> Share:
    """The resources of each of some tasks on the smallest machine of the cluster.

    Args:
        tasks: that run at a time on a machine.
    """
    machines = [node["Resources"] for node in _machines()]
    cpus = min(int(machine.get("CPU", 0)) for machine in machines)
    gpus = min(float(machine.get("GPU", 0)) for machine in machines)
    return Share(max(1, cpus // tasks), min(1.0, gpus / tasks))


def check_shared(folders: Sequence[Path], *, written: bool = True) -> int:
    """Check that all machines of the cluster see some folders as this one does, and have this version of Osteon.

    Args:
        folders: absolute.
        written: whether a file is written in the first of them for a moment, which tells a folder from another of that name.

    Returns:
        The number of machines.

    Raises:
        OsteonError: one does not.
    """
    import ray
    from ray.exceptions import RayTaskError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    token = folders[0]
    if written:
        folders[0].mkdir(parents=True, exist_ok=True)
        token = folders[0] / f".shared-{uuid4().hex}"
        token.touch()
    machines = _machines()
    inspect = ray.remote(_inspect)
    asked = [
        inspect.options(
            num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote([str(token), *(str(folder) for folder in folders)])
        for node in machines
    ]
    try:
        for node, (there, lacking) in zip(machines, ray.get(asked), strict=True):
            name = node["NodeManagerHostname"]
            if there != version("osteon"):
                raise OsteonError(f"{name} has another version of Osteon", expected=version("osteon"), got=there)
            if lacking:
                folder = folders[0] if lacking[0] == str(token) else lacking[0]
                raise OsteonError(
                    f"the machine {name} does not see {folder} as this one does",
                    hint="Put data and results on storage that all machines mount at the same path.",
                )
    except RayTaskError as error:
        raise OsteonError("Osteon cannot be run on a machine of the cluster", got=str(error.cause)) from error
    finally:
        if written:
            token.unlink()
    return len(machines)


def spread(
    do: Callable[[Item], Result], items: Sequence[Item], each: Share
) -> Iterator[tuple[Item, Result | Exception]]:
    """Call a function for each item, somewhere in the cluster.

    Args:
        do: a function of a module.
        items: its arguments.
        each: resources of one call.

    Yields:
        Items in the order in which they end, with the result or the error.
    """
    import ray
    from ray.exceptions import RayError, RayTaskError

    task = ray.remote(do).options(num_cpus=each.cpus, num_gpus=each.gpus, max_retries=RETRIES)
    running = {task.remote(item): item for item in items}
    while running:
        (ended, *_), _ = ray.wait([*running], num_returns=1)
        item = running.pop(ended)
        try:
            yield item, ray.get(ended)
        except RayTaskError as error:
            yield item, error.cause
        except RayError as error:
            yield item, error


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Calls on all processors of the cluster that is joined, in pieces; an ``osteon.core.each.Each``.

    Attributes:
        piece: items of one task.
    """

    piece: int

    def __call__(self, do: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Results in the order of the items; few pieces are under way at a time.

        Raises:
            OsteonError: a call raised one, or a machine was lost again and again.
        """
        import ray
        from ray.exceptions import RayError, RayTaskError

        task = ray.remote(_results).options(num_cpus=1, max_retries=RETRIES)
        starts = range(0, len(items), self.piece)
        tasks = (task.remote(do, items[start : start + self.piece]) for start in starts)  # begun when they are taken
        ahead = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        try:
            waiting: deque[Any] = deque(islice(tasks, ahead))
            while waiting:
                found = ray.get(waiting.popleft())
                waiting.extend(islice(tasks, 1))
                yield from found
        except RayTaskError as error:
            raise error.cause if isinstance(error.cause, OsteonError) else _lost(error) from error
        except RayError as error:
            raise _lost(error) from error


def _results(do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [do(item) for item in items]


def _lost(error: Exception) -> OsteonError:
    return OsteonError(
        "a part of the work could not be done on the cluster",
        got=type(error).__name__,
        hint="Repeat the command, or leave out --ray to see which file is at fault.",
    )


def _machines() -> list[dict[str, Any]]:
    import ray

    return [node for node in ray.nodes() if node["Alive"]]


def _inspect(paths: list[str]) -> tuple[str, list[str]]:
    """On a machine of the cluster: the version of Osteon, and which paths are missing."""
    return version("osteon"), [path for path in paths if not Path(path).exists()]
