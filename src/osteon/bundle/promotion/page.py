"""A comparison as an HTML page: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from osteon.bundle.archive import Bundle
from osteon.bundle.promotion.gate import Check, judge, passed
from osteon.bundle.promotion.record import Comparison, PairedFigure, SetFigures
from osteon.core.wording.promotion import BARRED, CAUTIONS, SETS, STARTS, check_words, figure_words
from osteon.html import parts
from osteon.html.numbers import number
from osteon.html.parts import DocumentSection


def comparison_page(found: Comparison, candidate: Bundle, live_digest: str | None = None) -> str:
    """The page of a comparison.

    Args:
        found: the comparison.
        candidate: the bundle that it is of.
        live_digest: of the bundle that reads now; None takes that of the comparison.
    """
    checks = judge(found, candidate, live_digest or found.live_digest)
    sections = [
        DocumentSection("May it read", _verdict(checks)),
        *(DocumentSection(_title(one), _set(one)) for one in found.sets),
        DocumentSection("Corrupted images", _robustness(found)),
        DocumentSection("Time and memory", _cost(found)),
        DocumentSection("How it was trained", _training(found)),
    ]
    subtitle = f"{found.candidate} beside {found.live}, {found.made:%Y-%m-%d}; Osteon {found.osteon}"
    return parts.document(f"{found.candidate} in place of {found.live}", sections, subtitle=subtitle)


def _verdict(checks: tuple[Check, ...]) -> str:
    failed = [one for one in checks if not one.passed]
    words = (
        "Everything that was planned holds."
        if passed(checks)
        else f"{len(failed)} of {len(checks)} requirements do not hold."
    )
    lines = [
        check_words(one.code, one.values, passed=one.passed)
        for one in (*failed, *(one for one in checks if one.passed))
    ]
    head = parts.paragraph(words) if passed(checks) else parts.caution(words)
    return parts.joined(head, parts.bullets(lines))


def _title(measured: SetFigures) -> str:
    words = SETS[measured.name].removeprefix("the ")
    return f"{words[:1].upper()}{words[1:]}"


def _set(measured: SetFigures) -> str:
    intro = (
        f"{measured.images:,} images, {measured.positives:,} positive, {measured.clusters:,} groups of patients, studies and "
        f"copies; {measured.both:,} read by both. Differences are candidate minus live on the same images."
    )
    made: list[str] = [parts.paragraph(intro), figures_table(measured.figures, "Both bundles on the same images")]
    for group in measured.subgroups:
        words = (
            f"{group.attribute.replace('_', ' ')} {group.value}: {group.images:,} images, {group.positives:,} positive"
        )
        made.append(figures_table(group.figures, words))
    return parts.joined(*made)


def figures_table(
    figures: Iterable[PairedFigure], caption: str, words: Callable[[str], str] = figure_words, first: str = "candidate"
) -> str:
    """A table of figures of both bundles.

    Args:
        figures: its rows.
        caption: what it shows.
        words: of a figure.
        first: heading of the bundle that is not live.
    """
    rows = [
        parts.row(
            [
                parts.cell(words(one.figure)),
                parts.cell(number(one.candidate), "n"),
                parts.cell(number(one.live), "n"),
                parts.figure_cell(one.difference, signed=True),
            ]
        )
        for one in figures
    ]
    return parts.table(("", first, "live", "difference (95 %)"), rows, caption=caption)


def _robustness(found: Comparison) -> str:
    measured = found.robustness
    if measured is None:
        return parts.paragraph("Not measured: there are no images of both classes.")
    rows = (*measured.conditions, *([] if measured.mean is None else [measured.mean]))
    return parts.joined(
        parts.paragraph(f"AUROC of {measured.images:,} test images after each change, by both."),
        figures_table(rows, "AUROC on corrupted images"),
    )


def _cost(found: Comparison) -> str:
    cost = found.cost
    if cost is None:
        return parts.paragraph("Not measured.")
    words = (
        f"Median of {cost.images:,} images, read one after the other with one thread, in turn with both bundles: "
        f"{cost.milliseconds[0]:.0f} ms, live {cost.milliseconds[1]:.0f} ms, ratio {cost.ratio.value:.2f} "
        f"({cost.ratio.between}). Largest memory of the process: {cost.mebibytes[0]:.0f} MiB, live {cost.mebibytes[1]:.0f} MiB."
    )
    return parts.paragraph(words)


def _training(found: Comparison) -> str:
    trained = found.trained
    new = (
        f"New images: {trained.get('new_train', 0):,} trained on, {trained.get('new_val', 0):,} for selection and thresholds; "
        f"each listed {trained.get('repeats', 1)} times, {100 * found.share:.0f} % of those that an epoch takes from"
    )
    lines = [
        new,
        f"Old images: {trained.get('old_train', 0):,} trained on, {trained.get('old_val', 0):,} for selection and thresholds",
        *(f"Started from {STARTS.get(one, one)}" for one in found.start),
        *(f"{count:,} {BARRED.get(reason, reason)}" for reason, count in found.barred.items()),
        f"Plan of {found.plan.written:%Y-%m-%d %H:%M} UTC, training from {found.training_began:%Y-%m-%d %H:%M} UTC",
    ]
    cautions = [CAUTIONS[code] for code in found.cautions if code in CAUTIONS]
    head = [parts.caution("What weakens this", cautions)] if cautions else []
    return parts.joined(*head, parts.bullets(lines))
