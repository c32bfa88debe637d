"""What all kinds of runs of a reproduction leave behind, and how they are named."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import Any, Final

from osteon.evaluation.report.context import ReportContext
from osteon.evaluation.report.output import write_evaluation
from osteon.evaluation.report.result import Evaluation
from osteon.learning.classification.bundle import Naming
from osteon.learning.reproduce.plan import Work

TEST: Final = "part 'test' of its split"
"""Which part of the data is measured."""


def untracked(items: Iterable[Any], _description: str, _total: int) -> Iterable[Any]:
    """The track that shows nothing."""
    return items


def naming(work: Work, command: str) -> Naming:
    """How the bundle of a run is called."""
    name = f"{work.recipe.name}-{work.seed}".replace("/", "-").replace("_", "-").lower()
    return Naming(name, "0.0.1", "Apache-2.0", command)


def write_whole(work: Work, evaluation: Evaluation, report_context: ReportContext) -> None:
    """Write an evaluation whole or not at all."""
    draft = work.folder / "evaluation.part"
    if draft.exists():
        shutil.rmtree(draft)
    write_evaluation(evaluation, report_context, draft)
    draft.rename(work.evaluation)
