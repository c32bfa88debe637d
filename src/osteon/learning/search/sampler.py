"""The point of a trial: the fixed ones in their order, then those that TPE proposes."""

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


class RankSampler(BaseSampler):
    """Points by the rank of the trial; beyond the last, TPE with a seed of the rank.

    All workers, on all machines, have the same list, and each rank occurs once: no point of a grid is tried twice, and no two
    workers have the same random numbers. A search that is stopped between two trials continues as if it had not been.
    """

    def __init__(self, points: Sequence[Mapping[str, Value]], seed: int) -> None:
        self._points = points
        self._seed = seed
        self._fixed: Mapping[str, Value] | None = None
        self._tpe = TPESampler(seed=seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Find the trial's rank, and by it its point or its random numbers."""
        position = rank(study.get_trials(deepcopy=False), trial)
        self._fixed = self._points[position] if position < len(self._points) else None
        seed = int(np.random.SeedSequence([self._seed, position]).generate_state(1)[0])
        self._tpe = TPESampler(seed=seed, n_startup_trials=START)
        self._tpe.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Dimensions that TPE samples together; none for a fixed point."""
        return {} if self._fixed is not None else self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Values that TPE samples together."""
        return {} if self._fixed is not None else self._tpe.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """One value: of the fixed point, or sampled."""
        if self._fixed is not None:
            return self._fixed[param_name]
        return self._tpe.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Pass the end of a trial to TPE."""
        self._tpe.after_trial(study, trial, state, values)
