"""What all kinds of runs of a reproduction write."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from osteon.evaluation.report.context import ReportContext
from osteon.evaluation.report.ledger import identify
from osteon.evaluation.report.looks import NOT_ENTERED, is_synthetic
from osteon.evaluation.report.output import write_evaluation
from osteon.evaluation.report.result import Evaluation
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.reproduce.planning.plan import Work

TEST: Final = "part 'test' of its split"
"""Which part of the data is measured."""


def options(work: Work, command: str) -> ExportOptions:
    """How the bundle of a run is made; a network of a paper that learnt nothing has figures, too."""
    name = f"{work.recipe.name}-{work.seed}".replace("/", "-").replace("_", "-").lower()
    naming = Naming(name, "0.0.1", "Apache-2.0", command)
    return ExportOptions(
        naming, work.cache, no_progress, allow_uncalibrated=True, look=NOT_ENTERED, draft=work.figures_only
    )


def write_results(work: Work, evaluation: Evaluation, report_context: ReportContext, images: Sequence[str]) -> None:
    """Write an evaluation; the folder exists only once it is complete.

    Args:
        work: the run.
        evaluation: of it.
        report_context: what stands beside the figures.
        images: of the test part; what identifies it is written, too, where they are no phantoms.
    """
    if not is_synthetic(work.data):
        part = identify(work.recipe.dataset, "test", images, work.data)
        report_context = replace(report_context, part=part)
    draft = work.folder / "evaluation.part"
    if draft.exists():
        shutil.rmtree(draft)
    write_evaluation(evaluation, report_context, draft, parquet=not work.figures_only, page=not work.figures_only)
    draft.rename(work.evaluation)


def remove_weights(work: Work) -> None:
    """Remove the run and the bundle of a run that is measured: its figures and predictions stay."""
    shutil.rmtree(work.run, ignore_errors=True)
    work.bundle.unlink(missing_ok=True)
