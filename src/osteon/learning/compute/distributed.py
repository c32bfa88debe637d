"""Several processes that train one network together: which of them this is, and what they do in turn.

A launcher starts the same command once for each process: ``torchrun``, or ``launch``, which calls torchrun. Random numbers
depend on positions in the data and not on the process, and sums are taken over all processes, so that the result is that of
one process with the same batches.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

import torch
from torch import Tensor, distributed

from osteon.core.errors import OsteonError

T = TypeVar("T")

PATIENCE: Final = timedelta(days=7)
"""How long processes wait for each other: the first pre-trains alone. The launcher ends all when one of them dies."""

PARENT_CHECK: Final = 0.5
"""Seconds between two checks that the launcher still runs."""

RENDEZVOUS: Final = ("NODE_RANK", "MASTER_ADDR", "MASTER_PORT")
"""Variables by which machines find each other; torchrun and Lightning call them so."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which of the processes this is.

    Attributes:
        rank: among all.
        world: how many there are.
        local_rank: among those of this machine.
        local_world: how many this machine has; all machines have as many.
    """

    rank: int = 0
    world: int = 1
    local_rank: int = 0
    local_world: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes."""
        return self.rank == 0

    @property
    def nodes(self) -> int:
        """How many machines there are."""
        return self.world // self.local_world


ALONE: Final = Place()


def place() -> Place:
    """Which process this is; rank 0 of 1 where no others have been joined."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return Place()
    return _from_environment()


def launched() -> bool:
    """Whether a launcher started this process together with others."""
    return _from_environment().world > 1


@contextmanager
def joined(devices: int | None = None, nodes: int | None = None) -> Generator[Place]:
    """Join the processes that the launcher started, until the end of the block; alone, nothing happens.

    Processes talk by gloo, and by NCCL where they have GPUs.

    Args:
        devices: processes on each machine that were asked for; None takes the launcher's.
        nodes: machines that were asked for; None takes the launcher's.

    Raises:
        OsteonError: the launcher started another number of processes, or a machine has fewer GPUs than processes.
    """
    here = _from_environment()
    if here.world == 1:
        yield here
        return
    for asked, there, option in ((devices, here.local_world, "devices"), (nodes, here.nodes, "nodes")):
        if asked not in (None, there):
            raise OsteonError(
                f"the launcher started other processes than --{option} says", expected=str(asked), got=str(there)
            )
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if 0 < gpus < here.local_world:
        raise OsteonError("there are fewer GPUs than processes", expected=f"at least {here.local_world}", got=str(gpus))
    if gpus:
        torch.cuda.set_device(here.local_rank)
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    distributed.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo", timeout=PATIENCE)
    try:
        yield here
    finally:
        distributed.destroy_process_group()


def launch(devices: int, nodes: int, arguments: Sequence[str]) -> int:
    """Run this program in several processes, as torchrun does; its exit code.

    Args:
        devices: processes on this machine.
        nodes: machines; on each of them the same command is started, with the variables of ``RENDEZVOUS``.
        arguments: of the ``osteon`` command.

    Raises:
        OsteonError: there are several machines and a variable is not set.
    """
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    asked = ["--nproc-per-node", str(devices), "--nnodes", str(nodes)]
    if nodes == 1:
        asked += ["--standalone", "--local-addr", "127.0.0.1"]
    else:
        lacking = [name for name in RENDEZVOUS if name not in os.environ]
        if lacking:
            raise OsteonError(
                f"{', '.join(lacking)} is not set, so the machines cannot find each other",
                hint="NODE_RANK is 0, 1, ... on each machine, MASTER_ADDR and MASTER_PORT those of the first.",
            )
        node, address, port = (os.environ[name] for name in RENDEZVOUS)
        asked += ["--node-rank", node, "--master-addr", address, "--master-port", port]
    # Without this, torchrun gives each process one thread.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // devices)))
    # A process that fails says why on standard error; the traceback of PyTorch's launcher adds nothing.
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    try:
        run(parse_args([*asked, "-m", "osteon.cli", *arguments]))
    except ChildFailedError as error:
        return max((failure.exitcode for failure in error.failures.values()), default=1) or 1
    return 0


def in_turn(do: Callable[[], T], *, on_each_node: bool = False) -> T:
    """Let the first process do something, then the others, which find what it left on disk.

    Args:
        do: whose second call finds the first one's work done.
        on_each_node: the first process of each machine goes ahead: for what lies on a disk of its own.

    Raises:
        OsteonError: what the first process raised, or, in the others, that it raised it.
    """
    here = place()
    if here.world == 1:
        return do()
    found: list[T] = []
    try:
        if here.local_rank == 0 if on_each_node else here.first:
            found.append(do())
    except OsteonError:
        _all_well(well=False)
        raise
    if not _all_well(well=True):
        raise OsteonError("another process failed", hint="Its own message says why.")
    return found[0] if found else do()


def wait() -> None:
    """Wait until all processes have come here."""
    if place().world > 1:
        _all_well(well=True)


def total(value: Tensor) -> Tensor:
    """Sum of a number over the processes; no gradient flows through it."""
    if place().world == 1:
        return value
    summed = value.detach().clone()
    distributed.all_reduce(summed)
    return summed


def interleaved(rows: Tensor, count: int) -> Tensor:
    """All rows of what was divided by ``dealt``, in their order.

    Args:
        rows: of this process, (n, ...); all processes have as many.
        count: of all; rows that were repeated to fill up are cut off.
    """
    here = place()
    if here.world == 1:
        return rows
    parts = [torch.empty_like(rows) for _ in range(here.world)]
    distributed.all_gather(parts, rows.contiguous())
    return torch.stack(parts, 1).flatten(0, 1)[:count]


def dealt(count: int, here: Place) -> list[int]:
    """Indices below ``count`` of a process: every ``world``-th, filled up from the start so that all have equally many."""
    return [(here.rank + turn * here.world) % count for turn in range(-(-count // here.world))]


def check_shared(folder: Path) -> None:
    """Check that all processes see the same folder, where there are several machines.

    Raises:
        OsteonError: one does not.
    """
    here = place()
    if here.nodes == 1:
        return
    token = folder / ".shared"
    if here.first:
        folder.mkdir(parents=True, exist_ok=True)
        token.write_text(socket.gethostname())
    wait()
    seen = token.is_file()
    well = _all_well(well=seen)
    if here.first:
        token.unlink()
    if not well:
        raise OsteonError(
            f"the folder {folder} is not the same on all machines",
            hint="Put the run on storage that all of them mount at the same path.",
        )


def _follow(launcher: int) -> None:
    """End this process when its launcher was killed, so that nothing is left running unseen."""
    while os.getppid() == launcher:
        time.sleep(PARENT_CHECK)
    os._exit(1)


def _from_environment() -> Place:
    """The place of this process by the launcher's variables."""
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    if any(name not in os.environ for name in names):
        return Place()
    return Place(*(int(os.environ[name]) for name in names))


def _all_well(*, well: bool) -> bool:
    flag = torch.tensor(int(well))
    distributed.all_reduce(flag, distributed.ReduceOp.MIN)
    return bool(flag)
