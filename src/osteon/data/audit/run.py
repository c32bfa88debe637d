"""The audit: each file is measured once, then every check runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from osteon.core.each import HERE, Each
from osteon.data.audit.checks.attributes import measured_shortcuts, shortcut_problems
from osteon.data.audit.checks.boxsizes import small_boxes
from osteon.data.audit.checks.copies import copies, studies_in_two_places, truncated_copies
from osteon.data.audit.checks.files import broken_files, broken_in_one_folder, files_that_do_not_belong
from osteon.data.audit.checks.labels import labels_against_boxes, other_counts
from osteon.data.audit.checks.neighbours import lookalikes_across_parts, neighbours_across_parts
from osteon.data.audit.checks.people import implausible_ages, implausible_sexes
from osteon.data.audit.checks.splits import partial_split, split_leaks, unknown_patients
from osteon.data.audit.checks.views import contradicting_sides, unpaired_views
from osteon.data.audit.evidence import Evidence, Progress, gather
from osteon.data.audit.problem import SEVERITIES, Audit, Problem, sort
from osteon.data.duplicates.lookalikes import Embed
from osteon.data.table.card import DatasetCard
from osteon.data.table.table import Table

CHECKS: Final[tuple[Callable[[Evidence], list[Problem]], ...]] = (
    broken_files,
    broken_in_one_folder,
    files_that_do_not_belong,
    copies,
    truncated_copies,
    studies_in_two_places,
    split_leaks,
    neighbours_across_parts,
    lookalikes_across_parts,
    unknown_patients,
    partial_split,
    implausible_ages,
    implausible_sexes,
    unpaired_views,
    contradicting_sides,
    labels_against_boxes,
    small_boxes,
    other_counts,
)
"""All checks besides the shortcuts and the remarks made when reading the dataset; add new checks here."""


def audit(
    table: Table,
    root: Path,
    card: DatasetCard,
    *,
    each: Each = HERE,
    progress: Progress | None = None,
    embed: Embed | None = None,
) -> Audit:
    """Look for defects that would invalidate a model or a result.

    Args:
        table: as the dataset's `read` function returns it, with its remarks.
        root: folder of the dataset.
        card: of the dataset.
        each: how files are looked at, several at once.
        progress: called with the number of files done and their total.
        embed: gives a network's features of image files; None does not search for look-alikes.
    """
    evidence = gather(table, root, card, each=each, progress=progress, embed=embed)
    problems = [
        Problem(remark.kind, SEVERITIES[remark.kind], (remark.image,), remark.code, remark.values)
        for remark in table.remarks
    ]
    if not len(evidence.table):
        return Audit(table.dataset, len(evidence.broken), sort([*problems, *broken_files(evidence)]))
    for check in CHECKS:
        problems += check(evidence)
    measured = measured_shortcuts(evidence)
    problems += shortcut_problems(measured)
    return Audit(table.dataset, len(evidence.table) + len(evidence.broken), sort(problems), measured)
