"""The report: one HTML file that needs nothing else, to be read from top to bottom by somebody who doubts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from osteon.core.estimate import Estimate
from osteon.core.operating import OperatingPoint
from osteon.evaluation.binary.spread import FEWEST
from osteon.evaluation.binary.subgroups import Subgroup
from osteon.evaluation.html.labels import CAPTIONS, LABELS
from osteon.evaluation.html.section import Picture, Section
from osteon.evaluation.report.headline import cards, summary
from osteon.evaluation.report.result import CALIBRATION
from osteon.html.parts import (
    DocumentSection,
    box,
    bullets,
    caution,
    cell,
    code,
    document,
    figure_cell,
    heading,
    heading_row,
    joined,
    lines,
    paragraph,
    picture,
    row,
    span,
    table,
)
from osteon.stats.classification import Confusion

CALLS: Final = ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy", "balanced_accuracy", "kappa")


@dataclass(frozen=True)
class Sheet:
    """All that the report shows.

    Attributes:
        title: what was evaluated.
        subtitle: on what.
        about: facts, by name.
        cautions: what limits the figures, a sentence each.
        figures: by name, per image.
        study_figures: the same per study; empty where studies are single images.
        points: operating points by name.
        prevalences: at which predictive values are shown.
        tables: confusion at each point, per image.
        groups: subgroups.
        plots: SVG by name.
        sections: what was measured besides.
        errors: wrong calls, the worst first.
        checklist: topics of reporting guidelines, and where each is answered, or empty.
    """

    title: str
    subtitle: str
    about: Mapping[str, str]
    cautions: Sequence[str]
    figures: Mapping[str, Estimate]
    study_figures: Mapping[str, Estimate]
    points: Mapping[str, OperatingPoint]
    prevalences: Sequence[float]
    tables: Mapping[str, Confusion]
    groups: Sequence[Subgroup]
    plots: Mapping[str, bytes]
    sections: Sequence[Section] = ()
    errors: Sequence[Picture] = ()
    checklist: Sequence[tuple[str, str]] = ()


def render_report(sheet: Sheet) -> str:
    """The report as one HTML document."""
    binary = any(name.startswith("classification.") for name in sheet.figures)
    parts: list[tuple[str, str]] = [("Data and system", _facts(sheet.about))]
    if binary:
        parts += [
            ("Discrimination", _discrimination(sheet)),
            ("Calls at the operating points", _calls(sheet)),
            ("Calibration and use", _calibration(sheet)),
            ("Subgroups", _subgroups(sheet)),
        ]
    parts += [(one.title, _section(one, sheet.plots)) for one in sheet.sections]
    parts += [
        ("Worst errors first", _errors(sheet.errors)),
        ("Reporting checklist", _checklist(sheet.checklist)),
        ("How intervals were made", _methods(sheet.figures)),
    ]
    return document(
        sheet.title,
        [DocumentSection(title, content) for title, content in parts],
        subtitle=sheet.subtitle,
        lead=joined(
            cards(sheet.figures, tuple(sheet.points)),
            summary(sheet.tables),
            caution("Read this first", sheet.cautions) if sheet.cautions else "",
        ),
        contents=True,
    )


def _facts(about: Mapping[str, str]) -> str:
    rows = (
        row((cell(name, "fact"), cell(code(fact) if name in ("Command", "SHA-256") else fact)))
        for name, fact in about.items()
    )
    return box(table((), rows, caption="What was evaluated"), "wide")


def _plots(plots: Mapping[str, bytes], captions: Mapping[str, str]) -> str:
    shown = (
        picture(plots[name], "image/svg+xml", caption, f"{name.replace('_', ' ')}: {caption}")
        for name, caption in captions.items()
        if name in plots
    )
    return box(joined(*shown), "plots")


def _own_plots(sheet: Sheet, *names: str) -> str:
    return _plots(sheet.plots, {name: CAPTIONS[name] for name in names})


def _section(one: Section, plots: Mapping[str, bytes]) -> str:
    """A section that was added to the evaluation."""
    captions = {name: plot.caption for name, plot in one.plots.items()}
    return joined(one.content, _plots(plots, captions) if captions else "", _pictures(one.pictures), one.after)


def _pictures(shown: Sequence[Picture]) -> str:
    pictures = (picture(one.jpeg, "image/jpeg", one.caption, one.caption) for one in shown)
    return box(joined(*pictures), "pictures") if shown else ""


def _errors(shown: Sequence[Picture]) -> str:
    if not shown:
        return ""
    return paragraph(
        "Positive images below every threshold with the lowest probability, and negative images above every threshold "
        "with the highest, each under the network's own heat map; green boxes were annotated by readers. Labels may be "
        "wrong, too: look for yourself."
    ) + _pictures(shown)


def _figures(sheet: Sheet, keys: Mapping[str, str], caption: str) -> str:
    """A table of figures: per image, and per study where they differ."""
    several = bool(sheet.study_figures)
    head = ["", "per image", "per study"] if several else ["", "value and 95 % interval"]
    rows = [
        row(
            [
                cell(label),
                figure_cell(sheet.figures.get(key)),
                *([figure_cell(sheet.study_figures.get(key))] * several),
            ]
        )
        for key, label in keys.items()
        if key in sheet.figures or key in sheet.study_figures
    ]
    return table(head, rows, caption=caption)


def _discrimination(sheet: Sheet) -> str:
    keys = {
        "classification.auroc": "AUROC",
        "classification.auroc_bca": "AUROC, BCa interval",
        "classification.auroc_delong": "AUROC, DeLong's interval",
        "classification.average_precision": "Average precision",
        "classification.average_precision_bca": "Average precision, BCa interval",
    }
    intro = paragraph(
        "How well the probability ranks positive above negative cases, before any threshold. AUROC is the chance "
        "that a positive case gets the higher one."
    )
    return (
        intro
        + box(_figures(sheet, keys, "Discrimination"), "wide")
        + _own_plots(sheet, "roc", "precision_recall", "scores")
    )


def _calls(sheet: Sheet) -> str:
    if not sheet.points:
        return paragraph(
            joined(
                "No operating point was given. Thresholds must be fixed on other cases than these: "
                "name validation predictions with ",
                code("--validation"),
                ".",
            )
        )
    parts = [paragraph("Every threshold was fixed on validation cases and carried over unchanged.")]
    for name, point in sheet.points.items():
        keys = {f"classification.{name}.{figure}": LABELS[figure] for figure in CALLS}
        figures = _figures(sheet, keys, f"Calls at {name}")
        validation = f"There: sensitivity {point.sensitivity:.3f}, specificity {point.specificity:.3f}."
        parts += [
            heading(f"{name}: probability ≥ {point.threshold:.4f}"),
            paragraph(f"{point.rule}. {validation}"),
            box(_cells(sheet.tables[name], f"Confusion at {name}") + box(figures, ""), "side"),
        ]
    return joined(*parts, _at_prevalences(sheet))


def _at_prevalences(sheet: Sheet) -> str:
    """What a call is worth elsewhere."""
    first = next(iter(sheet.tables.values()))
    share = (first.true_positive + first.false_negative) / first.n
    rows: list[str] = []
    for name in sheet.points:
        for value, words in (("ppv", "PPV"), ("npv", "NPV")):
            cells = [
                figure_cell(sheet.figures.get(f"classification.{name}.{value}_at_{at:g}"), stacked=True)
                for at in sheet.prevalences
            ]
            own = figure_cell(sheet.figures.get(f"classification.{name}.{value}"), stacked=True)
            rows.append(row([cell(f"{words}, {name}"), own, *cells]))
    head = ("", f"these cases: {100 * share:.3g} %", *(f"{100 * at:.3g} %" for at in sheet.prevalences))
    return joined(
        heading("Predictive values at other prevalences"),
        paragraph(
            "PPV, NPV, accuracy and F1 hold at the share of positive cases among these images only. Elsewhere, if "
            "sensitivity and specificity carry over, they are:"
        ),
        box(table(head, rows, caption="Predictive values by prevalence"), "scroll"),
    )


def _cells(one: Confusion, caption: str) -> str:
    def line(label: str, *counts: float) -> str:
        return row((cell(label), *(cell(f"{count:,.0f}", "n") for count in counts)))

    rows = (
        line("positive", one.true_positive, one.false_negative),
        line("negative", one.false_positive, one.true_negative),
    )
    return table(("", "called", "not called"), rows, "cells", caption=caption)


def _calibration(sheet: Sheet) -> str:
    keys = {f"calibration.{name}": LABELS[name] for name in CALIBRATION}
    figures = _figures(sheet, keys | {"abstention.aurc": LABELS["aurc"]}, "Calibration")
    intro = paragraph(
        "Whether a probability of 0.3 means that 3 in 10 such cases are positive. Slope 1, intercept 0 and as many "
        "observed as expected are right; a slope below 1 says that probabilities are too extreme, an intercept above 0 "
        "that they are too low. The intercept is that with the slope fixed at 1."
    )
    plots = ["reliability", "decision_curve"]
    if not any(section.title == "Abstention" for section in sheet.sections):
        plots.append("risk_coverage")  # that section shows it with its interval
    return intro + box(figures, "wide") + _own_plots(sheet, *plots)


def _subgroups(sheet: Sheet) -> str:
    if not sheet.groups:
        return paragraph("The data state nothing that would make subgroups.")
    # More than two points make a table that nobody reads; all are in figures.json.
    columns = [f"{name}.{share}" for name in list(sheet.points)[:2] for share in ("sensitivity", "specificity")]
    head = ["group", "n", "positive", "AUROC", "its gap to the rest"]
    head += [f"{LABELS[share].lower()}, {name}" for name, share in (column.rsplit(".", 1) for column in columns)]
    rows: list[str] = []
    last = ""
    for group in sheet.groups:
        if group.attribute != last:
            last = group.attribute
            rows.append(heading_row(last.replace("_", " "), len(head)))
        name = lines(group.value, span(group.warning, "range warn")) if group.warning else group.value
        cells = [cell(name, "group"), cell(f"{group.n:,}", "n"), cell(f"{group.positives:,}", "n")]
        cells.append(figure_cell(group.figures.get("auroc"), stacked=True))
        cells.append(figure_cell(group.gaps.get("auroc"), signed=True, stacked=True))
        cells += [figure_cell(group.figures.get(column), stacked=True) for column in columns]
        rows.append(row(cells, "small" if group.warning else ""))
    intro = paragraph(
        "The same figures in parts of the cases. A gap whose interval leaves out 0 is hardly chance alone, but of "
        "twenty such gaps one does so by chance. AUROC and gaps are left out where a group has fewer than "
        f"{FEWEST} clusters of either class."
    )
    shown = table(head, rows, caption="Figures by subgroup, with 95 % intervals")
    return intro + box(_own_plots(sheet, "subgroups"), "wide") + box(shown, "scroll")


def _checklist(items: Sequence[tuple[str, str]]) -> str:
    if not items:
        return ""
    done = sum(bool(where) for _, where in items)
    rows = (row((cell(topic), cell(where or span("not stated", "warn")))) for topic, where in items)
    words = f"{done} of {len(items)} topics of CLAIM 2024 and TRIPOD+AI are answered here; the others are left open."
    return paragraph(words) + table((), rows, caption="Topics, and where each is answered")


def _methods(figures: Mapping[str, Estimate]) -> str:
    return bullets(dict.fromkeys(one.method for one in figures.values()))
