"""Which point a trial takes: those that are laid down, in their order, then what TPE proposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from osteon.learning.recipe import Value
from osteon.learning.search.standing import rank

START: Final = 10
"""Random trials before TPE models what is good."""


class Steered(BaseSampler):
    """Points by the rank of the trial; beyond the last, TPE with a seed of the rank.

    All workers, on all machines, come to the same list, and each rank is given once: no point of a grid is tried twice, and
    no two workers draw the same random numbers. A search that is stopped between two trials goes on as it would have gone on.
    """

    def __init__(self, points: Sequence[Mapping[str, Value]], seed: int) -> None:
        self._points = points
        self._seed = seed
        self._fixed: Mapping[str, Value] | None = None
        self._tpe = TPESampler(seed=seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Find the trial's rank, and by it its point or its random numbers."""
        place = rank(study.get_trials(deepcopy=False), trial)
        self._fixed = self._points[place] if place < len(self._points) else None
        seed = int(np.random.SeedSequence([self._seed, place]).generate_state(1)[0])
        self._tpe = TPESampler(seed=seed, n_startup_trials=START)
        self._tpe.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """What TPE draws together; nothing for a point that is laid down."""
        return {} if self._fixed is not None else self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """What TPE draws together."""
        return {} if self._fixed is not None else self._tpe.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """One value: of the point, or drawn."""
        if self._fixed is not None:
            return self._fixed[param_name]
        return self._tpe.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Tell TPE of the end of a trial."""
        self._tpe.after_trial(study, trial, state, values)
