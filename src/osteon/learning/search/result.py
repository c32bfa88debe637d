"""Results of a search: the best settings, all trials in order, and the importance of settings."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from osteon.learning.search.plan import Search
from osteon.learning.search.standing import PROBLEM, original, standing
from osteon.learning.search.trial import SETTINGS

FEW: Final = 8
"""Complete trials below which importances would be noise."""

QUARTER: Final = 0.25
"""Share of the complete trials that count as good."""

OUTCOMES: Final = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "stopped early", TrialState.FAIL: "failed"}


@dataclass(frozen=True)
class SearchResult:
    """Results of a search.

    Attributes:
        search: that was done.
        trials: that ended, the best first.
        maximise: whether more is better.
        importances: of the dimensions, which sum to 1, the largest first; empty where there are too few trials.
    """

    search: Search
    trials: tuple[FrozenTrial, ...]
    maximise: bool
    importances: Mapping[str, float]

    @property
    def complete(self) -> tuple[FrozenTrial, ...]:
        """Trials that ran to their end, the best first."""
        return tuple(trial for trial in self.trials if trial.state == TrialState.COMPLETE)

    @property
    def best(self) -> FrozenTrial | None:
        """The best trial."""
        return next(iter(self.complete), None)

    def count(self, state: TrialState) -> int:
        """Number of trials that ended in a state."""
        return sum(trial.state == state for trial in self.trials)

    @property
    def words(self) -> str:
        """Numbers of trials by outcome."""
        return ", ".join(f"{self.count(state):,} {name}" for state, name in OUTCOMES.items() if self.count(state))


def found(search: Search, study: Study) -> SearchResult:
    """Results of a search so far."""
    maximise = study.direction == StudyDirection.MAXIMIZE
    return SearchResult(search, ranked(study), maximise, _importances(search, study))


def ranked(study: Study) -> tuple[FrozenTrial, ...]:
    """Trials that ended: the complete ones by their figure, then those stopped early by theirs, then the failed."""
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    order = list(OUTCOMES)

    def key(trial: FrozenTrial) -> tuple[int, float, int]:
        value = figure(trial)
        return order.index(trial.state), math.inf if value is None else sign * value, original(trial)

    return tuple(sorted(standing(study.get_trials(deepcopy=False)).ended, key=key))


def best(study: Study) -> FrozenTrial | None:
    """The best trial that ran to its end; of equal ones the earliest."""
    return next((trial for trial in ranked(study) if trial.state == TrialState.COMPLETE), None)


def figure(trial: FrozenTrial) -> float | None:
    """The figure of a trial: its best epoch's, or, where it was stopped early, its last; None where it has none."""
    if trial.state == TrialState.COMPLETE:
        return trial.value
    return trial.intermediate_values[max(trial.intermediate_values)] if trial.intermediate_values else None


def settings_of(trial: FrozenTrial) -> tuple[str, ...]:
    """What a trial sets, each ``key=value``."""
    return tuple(trial.user_attrs.get(SETTINGS, ()))


def problem(trial: FrozenTrial) -> str:
    """Why a trial failed; empty where it did not."""
    return str(trial.user_attrs.get(PROBLEM, "its worker died" if trial.state == TrialState.FAIL else ""))


def train_command(search: Search, trial: FrozenTrial) -> str:
    """The command that trains the recipe with the settings of a trial."""
    chosen = dict(setting.split("=", 1) for setting in (*search.settings, *settings_of(trial)))
    words = ["osteon", "train", search.recipe.name, "--data", str(search.source.root)]
    words += ["--out", f"runs/{search.recipe.name.replace('/', '-')}", "--seed", str(search.seed)]
    for key, value in chosen.items():
        words += ["--set", f"{key}={value}"]
    return shlex.join(words)


def _importances(search: Search, study: Study) -> dict[str, float]:
    """How much a setting separates the best quarter of the complete trials from all (PED-ANOVA, Watanabe et al. 2023)."""
    done = [one for one in ranked(study) if one.state == TrialState.COMPLETE]
    varied = [
        dimension.name
        for dimension in search.dimensions
        if len({trial.params.get(dimension.name) for trial in done}) > 1
    ]
    last = done[math.ceil(QUARTER * len(done)) - 1].value if done else None
    if len(done) < FEW or last == done[-1].value or not varied:
        return {}
    return dict(
        get_param_importances(study, params=varied, evaluator=PedAnovaImportanceEvaluator(target_quantile=QUARTER))
    )
