"""How commands keep the ledger of evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.core.errors import DataError

if TYPE_CHECKING:
    from osteon.core.estimate import Estimate
    from osteon.evaluation.compare.compare import Compared
    from osteon.evaluation.report.context import ReportContext
    from osteon.evaluation.report.ledger import Entry, TestPart
    from osteon.learning.reproduce.planning.plan import Work


Ledger = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        help="Ledger of evaluations, appended to. Default: evaluations.jsonl in the user's data folder.",
        envvar="OSTEON_LEDGER",
        dir_okay=False,
    ),
]
"""The option of every command that measures a test part."""

HEADLINE: Final = ("classification.auroc", "classes.macro.auroc", "detection.map50")
"""Figures that the entry of a reproduced run, or of a comparison, keeps."""


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


def enter_comparison(compared: Compared, book: Path | None, purpose: str) -> None:
    """Enter a comparison on the test part of a registered dataset, once, with the AUROC of each system.

    The cases are those that the evaluations' folders state; tables without a folder are of nobody knows which.

    Raises:
        DataError: a folder cannot be read.
    """
    from osteon.evaluation.compare.sources import table_in
    from osteon.evaluation.inference.overlap import sha256_of
    from osteon.evaluation.report.looks import counts, part_of, sha256_of_systems

    systems = compared.aligned.systems
    folders = [Path(source) for system in systems for source in system.sources]
    parts = [part_of(folder) for folder in folders]
    part = parts[0] if parts else None
    if part is None or not counts(part) or any(other is None or other.sha256 != part.sha256 for other in parts):
        return
    figures = {
        f"{system.name}: {name}": one.interval
        for system in systems
        for name, one in compared.figures[system.name].items()
        if name in HEADLINE and one.interval is not None
    }
    names = " and ".join(system.name for system in systems)
    digest = sha256_of_systems([sha256_of(table_in(folder)) for folder in folders])
    recorded(book, part, names, digest, purpose=purpose or "comparison", figures=figures)


def enter_reproduction(works: Sequence[Work], book: Path | None, paper: str) -> None:
    """Enter the runs of a reproduction that were evaluated on the test part of a registered dataset, and are not yet in it.

    Raises:
        DataError: an evaluation cannot be read.
    """
    from osteon.evaluation.compare.sources import evaluated, table_in
    from osteon.evaluation.inference.overlap import sha256_of
    from osteon.evaluation.report.ledger import append, earlier, make, warning
    from osteon.evaluation.report.looks import counts, part_of

    if book is None:
        return
    before: dict[str, list[Entry]] = {}
    for work in works:
        part = part_of(work.evaluation)
        if part is None or not counts(part):
            continue
        known = earlier(book, part)
        before.setdefault(part.sha256, known)
        digest = sha256_of(table_in(work.evaluation))
        if any(entry.sha256 == digest for entry in known):
            continue
        figures = {name: one for name, one in evaluated(work.evaluation).figures.items() if name in HEADLINE}
        ends = {name: (one.value, one.low, one.high) for name, one in figures.items()}
        append(
            book, make(part, f"{work.name}, seed {work.seed}", digest, purpose=f"reproduction of {paper}", figures=ends)
        )
    for entries in before.values():
        if said := warning(entries):
            typer.echo(f"warning: {said}", err=True)
