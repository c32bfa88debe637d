"""Which trials count: one that was lost with its worker is repeated under another number, and counts once."""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.storages import fail_stale_trials
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

WORKER: Final = "worker"
"""Attribute of a trial: its machine and process."""

AGAIN: Final = "again"
"""Attribute of a trial: numbers of those that it repeats, the first of them first."""

PROBLEM: Final = "problem"
"""Attribute of a failed trial: the error."""

TRIES: Final = 3
"""A trial that is lost so often at the same epoch is not repeated: it may be what kills the workers."""


@dataclass(frozen=True)
class Standing:
    """How far a study is.

    Attributes:
        ended: trials that came to an end: complete, stopped early or failed.
        running: trials that a worker is doing.
        waiting: trials that were lost and wait for a worker.
    """

    ended: tuple[FrozenTrial, ...]
    running: tuple[FrozenTrial, ...]
    waiting: tuple[FrozenTrial, ...]

    @property
    def taken(self) -> int:
        """How many are done or being done."""
        return len(self.ended) + len(self.running)


def standing(trials: Sequence[FrozenTrial]) -> Standing:
    """Sort trials by state, without those that were repeated."""
    repeated = {number for trial in trials for number in history(trial)}
    counted = [trial for trial in trials if trial.number not in repeated]
    return Standing(
        ended=tuple(trial for trial in counted if trial.state.is_finished()),
        running=tuple(trial for trial in counted if trial.state == TrialState.RUNNING),
        waiting=tuple(trial for trial in counted if trial.state == TrialState.WAITING),
    )


def history(trial: FrozenTrial) -> tuple[int, ...]:
    """Numbers of the trials that this one repeats."""
    return tuple(trial.user_attrs.get(AGAIN, ()))


def original(trial: FrozenTrial) -> int:
    """Number of a trial at its first attempt, which is also the name of its folder."""
    return next(iter(history(trial)), trial.number)


def rank(trials: Sequence[FrozenTrial], trial: FrozenTrial) -> int:
    """Position of a trial among those that repeat none, from 0, wherever it runs.

    Numbers are unique in a database, and which trial another one repeats is stored when it is made: so all workers agree
    without communicating, and no two trials have the same rank.
    """
    first = original(trial)
    return sum(one.number < first and not history(one) for one in trials)


def hand_back(study: Study, trial: FrozenTrial) -> None:
    """Queue a trial that was not finished for the next worker.

    It keeps its point, its figures by epoch and its first number, so that its run is resumed.
    """
    if any(trial.number in history(one) for one in study.get_trials(deepcopy=False)):
        return
    kept: dict[str, Any] = {name: value for name, value in trial.user_attrs.items() if name not in (WORKER, PROBLEM)}
    study.add_trial(
        create_trial(
            state=TrialState.WAITING,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs={**kept, AGAIN: [*history(trial), trial.number]},
            intermediate_values=trial.intermediate_values,
        )
    )


def bring_back(study: Study, trial: FrozenTrial) -> None:
    """Queue a trial whose worker died, unless it was lost too often at the same epoch."""
    before = [one for one in study.get_trials(deepcopy=False) if one.number in history(trial)]
    if sum(len(one.intermediate_values) == len(trial.intermediate_values) for one in before) < TRIES:
        hand_back(study, trial)


def recover_silent(study: Study) -> None:
    """Queue the trials of workers without a heartbeat, on whatever machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        fail_stale_trials(study)


def recover_dead(study: Study) -> None:
    """Queue the trials of dead processes of this machine, without waiting for missing heartbeats."""
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        machine, process = trial.user_attrs.get(WORKER, ("", 0))
        if machine != this_machine() or alive(process):
            continue
        try:
            study.tell(trial.number, state=TrialState.FAIL)
        except (ValueError, UpdateFinishedTrialError):
            continue  # another process was faster
        bring_back(study, trial)


def this_machine() -> str:
    """Name of this machine and, in a container, of its process namespace."""
    space = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{space.stat().st_ino if space.exists() else 0}"


def alive(process: int) -> bool:
    """Whether a process of this machine is alive; yes where that is unknown."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
