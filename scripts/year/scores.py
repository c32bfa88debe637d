"""What two bundles say of the same simulated people, against the truth or against simulated readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from people import Person
from watching import Seen

from osteon.stats.bootstrap import paired_difference, replicate
from osteon.stats.intervals import wilson
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint, Mean, Named, Within

RESAMPLES = 2000


def compare(
    members: Sequence[Person],
    before: Seen,
    after: Seen,
    rows: NDArray[np.int64] | None = None,
    says: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Figures of the second bundle, and paired differences from the first.

    Args:
        members: people.
        before: what the first bundle said.
        after: what the second said.
        rows: of them that count; None for all.
        says: what readers said, in place of the truth.

    Returns:
        By figure (``auroc``, ``sensitivity``, ``specificity`` of *doubt*; of the images that both read) its value, that of
        the first, the difference with a paired 95 % interval over people, and ``read``, the share that was read.
    """
    index = np.arange(len(members)) if rows is None else rows
    truth = np.array([one.fracture if says is None else bool(says[one.digest]) for one in members])[index]
    both = (before.read & after.read)[index]
    count = len(index)
    parts: dict[str, tuple[Any, Any, int]] = {}
    used = np.flatnonzero(both)
    smaller = int(min(truth[used].sum(), (~truth[used]).sum()))
    if not smaller:
        return {
            "people": count,
            "fractures": int(truth.sum()),
            "read": wilson(int(after.read[index].sum()), count).model_dump(),
        }
    ranked = [
        Within(Ranking(truth[used].astype(int), one.probability[index][used]), used, count) for one in (after, before)
    ]
    parts["auroc"] = (ranked[0], ranked[1], smaller)
    for name, of, hit in (("sensitivity", truth, True), ("specificity", ~truth, False)):
        chosen = np.flatnonzero(both & of)
        means = [
            Within(Mean(name, (one.positive[index][chosen] == hit).astype(float)), chosen, count)
            for one in (after, before)
        ]
        parts[name] = (means[0], means[1], len(chosen))
    named = [
        Named(f"{which} {name}", statistic)
        for name, pair in parts.items()
        for which, statistic in zip(("after", "before"), pair[:2], strict=True)
    ]
    drawn = replicate(Joint(named), clusters=np.arange(count).astype(str), resamples=RESAMPLES)
    made: dict[str, Any] = {
        "people": count,
        "fractures": int(truth.sum()),
        "read": wilson(int(after.read[index].sum()), count).model_dump(),
    }
    for name, (_, _, groups) in parts.items():
        columns = tuple(drawn.names.index(f"{which} {name}.{name}") for which in ("after", "before"))
        gap = paired_difference(drawn, (columns[0], columns[1]), groups)
        low, high = np.quantile(drawn.draws[:, columns[0]], (0.025, 0.975))
        made[name] = {
            "value": float(drawn.values[columns[0]]),
            "low": float(low),
            "high": float(high),
            "before": float(drawn.values[columns[1]]),
            "difference": gap.model_dump(),
        }
    return made
