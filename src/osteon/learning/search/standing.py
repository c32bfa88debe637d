"""Which trials count: one that was lost with its worker is tried again under another number, and counts once."""

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
"""Attribute of a trial: the machine and the process that do it."""

AGAIN: Final = "again"
"""Attribute of a trial: numbers of those that it repeats, the first of them first."""

PROBLEM: Final = "problem"
"""Attribute of a failed trial: what went wrong."""

TRIES: Final = 3
"""A trial that is lost once more at the same epoch is not tried again: it may be what kills the workers."""


@dataclass(frozen=True)
class Standing:
    """How far a study is.

    Attributes:
        ended: trials that came to an end: complete, stopped early or failed.
        running: trials that a worker does.
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
    """Sort trials, without those that are tried again."""
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
    """Number under which a trial was first tried; its folder is called so."""
    return next(iter(history(trial)), trial.number)


def rank(trials: Sequence[FrozenTrial], trial: FrozenTrial) -> int:
    """Which of the fresh trials it is, from 0, wherever it runs.

    Numbers are unique in a database and what a trial repeats is written when it is made: so all workers agree without
    asking each other, and no two fresh trials have the same rank.
    """
    first = original(trial)
    return sum(one.number < first and not history(one) for one in trials)


def hand_back(study: Study, trial: FrozenTrial) -> None:
    """Let a trial that was not finished wait for the next worker.

    It keeps its point, its figures by epoch and its first number, so that its run goes on where it was.
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
    """Hand back a trial whose worker died, unless it was lost too often without an epoch between."""
    before = [one for one in study.get_trials(deepcopy=False) if one.number in history(trial)]
    if sum(len(one.intermediate_values) == len(trial.intermediate_values) for one in before) < TRIES:
        hand_back(study, trial)


def recover_silent(study: Study) -> None:
    """Hand back trials of workers that have given no sign of life for long, on whatever machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        fail_stale_trials(study)


def recover_dead(study: Study) -> None:
    """Hand back trials of processes of this machine that are no more, without waiting for their silence."""
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        machine, process = trial.user_attrs.get(WORKER, ("", 0))
        if machine != this_machine() or alive(process):
            continue
        try:
            study.tell(trial.number, state=TrialState.FAIL)
        except (ValueError, UpdateFinishedTrialError):
            continue  # somebody else was quicker
        bring_back(study, trial)


def this_machine() -> str:
    """Name of this machine and, in a container, of its processes' own numbering."""
    space = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{space.stat().st_ino if space.exists() else 0}"


def alive(process: int) -> bool:
    """Whether a process of this machine lives; yes where that cannot be known."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
