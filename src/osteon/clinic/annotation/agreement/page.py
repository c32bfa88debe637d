"""The report of agreement: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from osteon.clinic.annotation.agreement.plots import CAPTIONS
from osteon.clinic.annotation.agreement.records import Agreement, AgreementRow, Compared, Level, ReaderRow
from osteon.clinic.annotation.agreement.words import cautions, summary, title_of
from osteon.core.wording.agreement import FIGURES, UNDEFINED
from osteon.html.numbers import interval, number
from osteon.html.parts import (
    NOTHING,
    DocumentSection,
    box,
    bullets,
    caution,
    cell,
    document,
    heading,
    joined,
    paragraph,
    picture,
    row,
    stacked_cell,
    table,
)
from osteon.stats.agreement.measure import AgreementFigure

ALL_FIGURES: Final = ("alpha", "alpha_ordinal", "kappa", "observed")
TWO_FIGURES: Final = ("kappa", "kappa_linear", "kappa_quadratic", "observed")
POSITIVE: Final = ("specific.present", "specific.absent")
REGION_FIGURES: Final = ("f1_30", "f1_50", "overlap_50", "alpha_angle")
FROC_FIGURES: Final = ("sensitivity_30", "false_per_image_30", "sensitivity_50", "false_per_image_50")

_NAMES: Final = {
    **FIGURES,
    "specific.present": "positive agreement",
    "specific.absent": "negative agreement",
}


def render_agreement(agreement: Agreement, plots: Mapping[str, bytes]) -> str:
    """The page.

    Args:
        agreement: what was measured.
        plots: SVG by name; may be empty.
    """
    found = cautions(agreement)
    drawn = joined(*(_plot(plots, name) for name in ("labels", "pairs", "froc", "time") if name in plots))
    return document(
        f"Agreement: {agreement.project}",
        [
            DocumentSection("Overview", box(drawn, "plots") if plots else ""),
            *(
                DocumentSection(f"All readers, per {level}", _level(agreement, level))
                for level in (Level.STUDY, Level.IMAGE)
            ),
            DocumentSection("Regions", _regions(agreement)),
            DocumentSection("Readers against the consensus", _against(agreement, Compared.CONSENSUS)),
            DocumentSection("Readers against themselves", _against(agreement, Compared.REPEAT)),
            DocumentSection("Pairs of readers", _against(agreement, Compared.PAIR)),
            DocumentSection("Over time", _periods(agreement)),
            DocumentSection("Readers", _readers(agreement.readers)),
            DocumentSection("How this was made", _method(agreement)),
        ],
        subtitle=summary(agreement),
        lead=caution("Read this first", found) if found else "",
        contents=True,
    )


def _plot(plots: Mapping[str, bytes], name: str) -> str:
    return picture(plots[name], "image/svg+xml", CAPTIONS[name], CAPTIONS[name])


def figure_words(figure: AgreementFigure | None) -> tuple[str, str]:
    """A figure and its interval, or why there is none."""
    if figure is None:
        return "–", ""
    if figure.estimate is None:
        return "–", "" if figure.undefined is None else UNDEFINED[figure.undefined]
    return number(figure.estimate.value), interval(figure.estimate)


def _cells(line: AgreementRow, names: Iterable[str]) -> list[str]:
    return [stacked_cell(*figure_words(line.figures.get(name))) for name in names]


def _table(
    agreement: Agreement, lines: Sequence[AgreementRow], names: Sequence[str], caption: str, who: str = ""
) -> str:
    """Rows of figures; columns without any figure are left out."""
    same = [title_of(agreement, line) for line in lines if is_uniform(line)]
    lines = [line for line in lines if not is_uniform(line)]
    left = paragraph(f"All judgements are the same, so that only raw agreement has a value: {', '.join(same)}.")
    rest = left if same and not who else NOTHING
    used = [name for name in names if any(name in line.figures for line in lines)]
    if not lines or not used:
        return rest
    regions = lines[0].level is Level.REGION
    head = [*([who] if who else []), "label", "images" if lines[0].level is not Level.STUDY else "studies"]
    head += ["drawn"] if regions else ["given"]
    rows = [
        row(
            [
                *([cell(" and ".join(line.readers))] if who else []),
                cell(title_of(agreement, line)),
                cell(f"{line.cases:,}", "n"),
                cell(_counts(line), "n"),
                *_cells(line, used),
            ]
        )
        for line in lines
    ]
    text = [True] * (len(head) + len(used))
    text[: 2 if who else 1] = [False] * (2 if who else 1)
    shown = table((*head, *(_NAMES[name] for name in used)), rows, caption=caption, numbers=text)
    return joined(box(shown, "scroll"), rest)


def is_uniform(line: AgreementRow) -> bool:
    """Whether all judgements are of one category, so that there is nothing to compare; never of regions."""
    return line.level is not Level.REGION and sum(count > 0 for count in line.counts.values()) <= 1


def _counts(line: AgreementRow) -> str:
    if line.level is Level.REGION:
        return " and ".join(f"{count:,}" for count in line.counts.values())
    if "present" in line.counts:
        return f"{line.counts['present']:,} of {sum(line.counts.values()):,}"
    return ", ".join(f"{count:,}" for count in line.counts.values())


def _level(agreement: Agreement, level: Level) -> str:
    lines = agreement.select(Compared.ALL, level)
    return _table(agreement, lines, (*ALL_FIGURES, *POSITIVE), f"Agreement of all readers per {level}, 95 % intervals")


def _regions(agreement: Agreement) -> str:
    lines = agreement.select(Compared.ALL, Level.REGION)
    if not lines:
        return ""
    words = paragraph(
        "Regions of two readers match one to one, of the same label, the largest overlap first. F1 is twice the number of "
        "matches by all regions of both; over all pairs of readers an image counts once for each pair that read it."
    )
    return words + _table(agreement, lines, REGION_FIGURES, "F1 of regions over all pairs of readers, 95 % intervals")


def _against(agreement: Agreement, compared: Compared) -> str:
    parts: list[str] = []
    for level in Level:
        lines = agreement.select(compared, level)
        figures = TWO_FIGURES + POSITIVE
        if level is Level.REGION:
            figures = (*FROC_FIGURES, "f1_50") if compared is Compared.CONSENSUS else REGION_FIGURES
        who = "readers" if compared is Compared.PAIR else "reader"
        shown = _table(agreement, lines, figures, f"Per {level}, 95 % intervals", who)
        parts += [heading(f"Per {level}"), shown] if shown else []
    return joined(*parts)


def _periods(agreement: Agreement) -> str:
    rows = [
        row(
            [cell(line.period), cell(title_of(agreement, line)), cell(str(line.level)), *_cells(line, ALL_FIGURES[::3])]
        )
        for line in agreement.rows
        if line.compared is Compared.PERIOD and not is_uniform(line)
    ]
    if not rows:
        return ""
    head = ("month", "label", "per", *(_NAMES[name] for name in ALL_FIGURES[::3]))
    text = (False, False, False, True, True)
    return box(table(head, rows, caption="By the month of the last read of a study", numbers=text), "scroll")


def _readers(readers: Sequence[ReaderRow]) -> str:
    head = (
        "reader", "studies", "repeats", "skipped", "open", "abnormal", "regions", "active minutes", "seconds, median",
        "studies per hour", "accepted / edited / rejected", "first to last",
    )  # fmt: skip
    rows = [
        row(
            [
                cell(one.reader),
                *(cell(f"{count:,}", "n") for count in (one.studies, one.repeats, one.skipped, one.open)),
                *(cell(f"{count:,}", "n") for count in (one.abnormal, one.regions)),
                cell(f"{one.minutes:,.1f}", "n"),
                cell("–" if one.median_seconds is None else f"{one.median_seconds:.0f}", "n"),
                cell("–" if one.per_hour is None else f"{one.per_hour:.1f}", "n"),
                cell(f"{one.accepted} / {one.edited} / {one.rejected}", "n"),
                cell("–" if one.first is None or one.last is None else f"{one.first:%Y-%m-%d} to {one.last:%Y-%m-%d}"),
            ]
        )
        for one in readers
    ]
    return box(table(head, rows, caption="What each reader did; idle time is cut off"), "scroll") if rows else ""


def _method(agreement: Agreement) -> str:
    methods = dict.fromkeys(
        figure.estimate.method
        for line in agreement.rows
        if line.compared is Compared.ALL
        for figure in line.figures.values()
        if figure.estimate is not None
    )
    lines = [
        "Kappa of two readers is Cohen's, of all Fleiss'; alpha is Krippendorff's, nominal unless it says ordinal.",
        "Positive and negative agreement: given that one reader says present (absent), how often another says the same.",
        "A study has a label of images or regions where any of its images has it; a finished read without a region denies it.",
        "Labels of which all judgements of a comparison are the same are left out of its table.",
        "Weighted kappa and ordinal alpha are computed for choices that the label schema calls ordinal (grades) only.",
        "Intervals are of one figure each, not adjusted for their number.",
        *list(methods)[:3],
    ]
    return bullets(lines)
