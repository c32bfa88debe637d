"""How commands keep the ledger of evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from osteon.core.errors import DataError

if TYPE_CHECKING:
    from osteon.core.estimate import Estimate
    from osteon.evaluation.report.context import ReportContext
    from osteon.evaluation.report.ledger import Entry, TestPart


def usable(named: Path | None) -> Path | None:
    """The ledger to append to; None, and a word on standard error, where the user's own cannot be written.

    Raises:
        DataError: the named one cannot be written.
    """
    from osteon.evaluation.report.ledger import check_ledger, default_ledger

    path = named or default_ledger()
    try:
        check_ledger(path)
    except DataError as error:
        if named is not None:
            raise
        typer.echo(f"{error.problem}: this evaluation is not recorded (name a file with --ledger)", err=True)
        return None
    return path


def recorded(
    book: Path | None,
    part: TestPart,
    system: str,
    sha256: str,
    *,
    purpose: str,
    figures: Mapping[str, Estimate],
) -> list[Entry]:
    """Append an evaluation, with its headline figures, to the ledger.

    Returns:
        The earlier evaluations of the same part.
    """
    from osteon.evaluation.report.ledger import append, earlier, make, warning

    if book is None:
        return []
    before = earlier(book, part)
    ends = {name: (figure.value, figure.low, figure.high) for name, figure in figures.items()}
    append(book, make(part, system, sha256, purpose=purpose, figures=ends))
    if said := warning(before):
        typer.echo(f"warning: {said}", err=True)
    return before


def described(context: ReportContext, before: Sequence[Entry], purpose: str) -> ReportContext:
    """The report's context with purpose and number of the evaluation, and a caution where there were several."""
    from osteon.evaluation.report.ledger import warning

    facts = {"Earlier evaluations": f"{len(before):,} of the same images, according to the ledger"}
    if purpose:
        facts["Purpose"] = purpose
    said = warning(before)
    return replace(context, about={**context.about, **facts}, cautions=(*context.cautions, *([said] if said else [])))
