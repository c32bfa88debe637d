"""The report: one HTML file that needs nothing else, to be read from top to bottom by somebody who doubts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from osteon.bundle.manifest import Figure, OperatingPoint
from osteon.evaluation.classification import Confusion
from osteon.evaluation.page import box, bullets, cell, page, picture, row, section, table, text
from osteon.evaluation.subgroups import Subgroup

WORDS: Final = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV (precision)",
    "npv": "NPV",
    "f1": "F1",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "kappa": "Cohen's kappa",
    "brier": "Brier score",
    "ece": "Expected calibration error",
    "slope": "Calibration slope",
    "intercept": "Calibration intercept",
    "aurc": "Area under risk-coverage",
}
"""What figures are called in the report."""

CALLS: Final = ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy", "balanced_accuracy", "kappa")

CAPTIONS: Final = {
    "roc": "Every threshold of the probability; dots are the operating points, fixed on other cases.",
    "precision_recall": "Average precision sums the steps; the dashed line is what chance would give.",
    "scores": "Positive cases above the line, negative below.",
    "reliability": "Ten groups of equal size. On the dashed line, a probability means what it says.",
    "decision_curve": "Net benefit of acting on the calls, against acting on everybody or nobody.",
    "risk_coverage": "Share of wrong calls if only the most certain cases were kept.",
    "subgroups": "Points with 95 % intervals; hollow where a group is too small to lean on.",
}


@dataclass(frozen=True)
class Picture:
    """A case that was judged wrongly.

    Attributes:
        jpeg: the film with its heat map.
        caption: what was said and what is true; no name of a patient.
    """

    jpeg: bytes
    caption: str


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
        tables: confusion at each point, per image.
        groups: subgroups.
        plots: SVG by name.
        wrong: cases that were judged wrongly, the worst first.
        checklist: topics of reporting guidelines, and where each is answered, or empty.
    """

    title: str
    subtitle: str
    about: Mapping[str, str]
    cautions: Sequence[str]
    figures: Mapping[str, Figure]
    study_figures: Mapping[str, Figure]
    points: Mapping[str, OperatingPoint]
    tables: Mapping[str, Confusion]
    groups: Sequence[Subgroup]
    plots: Mapping[str, bytes]
    wrong: Sequence[Picture] = ()
    checklist: Sequence[tuple[str, str]] = ()


def render_report(sheet: Sheet) -> str:
    """The report as one HTML document."""
    shown = "".join(picture(one.jpeg, "image/jpeg", one.caption, one.caption) for one in sheet.wrong)
    body = [
        f'<h1>{text(sheet.title)}</h1><p class="sub">{text(sheet.subtitle)}</p>',
        _cards(sheet),
        box(f"<b>Read this first</b>{bullets(sheet.cautions)}", "caution") if sheet.cautions else "",
        section("Data and system", _facts(sheet.about)),
        section("Discrimination", _discrimination(sheet)),
        section("Calls at the operating points", _calls(sheet)),
        section("Calibration and use", _calibration(sheet)),
        section("Subgroups", _subgroups(sheet)),
        section("Judged wrongly, the worst first", box(shown, "pictures") if shown else ""),
        section("Reporting checklist", _checklist(sheet.checklist)),
        section("How intervals were made", bullets(dict.fromkeys(one.method for one in sheet.figures.values()))),
        "<footer>Made by osteon. Research software: not a medical device, not for diagnosis.</footer>",
    ]
    return page(sheet.title, "".join(body))


def _number(value: float, *, signed: bool = False) -> str:
    return (f"{value:+.3f}" if signed else f"{value:.3f}").replace("-", "\N{MINUS SIGN}")


def _range(figure: Figure) -> str:
    return f"{_number(figure.low)} to {_number(figure.high)}"


def _value(figure: Figure | None, *, signed: bool = False, stacked: bool = False) -> str:
    if figure is None:
        return cell("–", "n")
    between = "<br>" if stacked else " &nbsp;"
    return cell(f'{_number(figure.value, signed=signed)}{between}<span class="range">{_range(figure)}</span>', "n")


def _cards(sheet: Sheet) -> str:
    chosen = ["classification.auroc", "classification.average_precision"]
    chosen += [f"classification.{name}.{share}" for name in sheet.points for share in ("sensitivity", "specificity")]
    cards: list[str] = []
    for name in chosen:
        figure = sheet.figures.get(name)
        if figure is not None:
            words = name.split(".")
            title = WORDS[words[-1]] + (f", {words[1]}" if len(words) == 3 else "")
            range_ = f"{_range(figure)}<br>n = {figure.n:,}"
            parts = (box(text(title), "name"), box(_number(figure.value), "value"), box(range_, "range"))
            cards.append(box("".join(parts), "card"))
    return box("".join(cards), "cards")


def _facts(about: Mapping[str, str]) -> str:
    return table((), (row((cell(text(name), "fact"), cell(text(value)))) for name, value in about.items()))


def _plots(sheet: Sheet, *names: str) -> str:
    shown = (
        picture(sheet.plots[name], "image/svg+xml", CAPTIONS[name], f"{name.replace('_', ' ')}: {CAPTIONS[name]}")
        for name in names
        if name in sheet.plots
    )
    return box("".join(shown), "plots")


def _figures(sheet: Sheet, keys: Mapping[str, str]) -> str:
    """A table of figures: per image, and per study where they differ."""
    several = bool(sheet.study_figures)
    head = ["", "per image", "per study"] if several else ["", "value and 95 % interval"]
    rows = [
        row([cell(text(words)), _value(sheet.figures.get(key)), *([_value(sheet.study_figures.get(key))] * several)])
        for key, words in keys.items()
        if key in sheet.figures or key in sheet.study_figures
    ]
    return table(head, rows)


def _discrimination(sheet: Sheet) -> str:
    keys = {
        "classification.auroc": "AUROC",
        "classification.auroc_bca": "AUROC, BCa interval",
        "classification.auroc_delong": "AUROC, DeLong's interval",
        "classification.average_precision": "Average precision",
        "classification.average_precision_bca": "Average precision, BCa interval",
    }
    return box(_figures(sheet, keys), "wide") + _plots(sheet, "roc", "precision_recall", "scores")


def _calls(sheet: Sheet) -> str:
    if not sheet.points:
        return (
            "<p>No operating point was given. Thresholds must be fixed on other cases than these: "
            "name validation predictions with <code>--validation</code>.</p>"
        )
    parts: list[str] = []
    for name, point in sheet.points.items():
        figures = _figures(sheet, {f"classification.{name}.{one}": WORDS[one] for one in CALLS})
        parts.append(f"<h3>{text(name)}: probability ≥ {point.threshold:.4f}</h3><p>{text(point.rule)}</p>")
        parts.append(box(_cells(sheet.tables[name]) + box(figures, ""), "side"))
    parts.append("<p>PPV, NPV, accuracy and F1 hold at the prevalence of these cases only.</p>")
    return "".join(parts)


def _cells(one: Confusion) -> str:
    def line(word: str, *counts: float) -> str:
        return row((cell(word), *(cell(f"{count:,.0f}", "n") for count in counts)))

    rows = (
        line("positive", one.true_positive, one.false_negative),
        line("negative", one.false_positive, one.true_negative),
    )
    return table(("", "called", "not called"), rows, "cells")


def _calibration(sheet: Sheet) -> str:
    keys = {f"calibration.{name}": WORDS[name] for name in ("brier", "ece", "slope", "intercept")}
    figures = _figures(sheet, keys | {"abstention.aurc": WORDS["aurc"]})
    return box(figures, "wide") + _plots(sheet, "reliability", "decision_curve", "risk_coverage")


def _subgroups(sheet: Sheet) -> str:
    if not sheet.groups:
        return "<p>The data state nothing that would make subgroups.</p>"
    columns = [f"{name}.{share}" for name in sheet.points for share in ("sensitivity", "specificity")]
    head = ["group", "n", "positive", "AUROC", "its gap to the rest"]
    head += [f"{WORDS[share].lower()}, {name}" for name, share in (column.rsplit(".", 1) for column in columns)]
    rows: list[str] = []
    last = ""
    for group in sheet.groups:
        if group.attribute != last:
            last = group.attribute
            rows.append(f'<tr class="head"><td colspan="{len(head)}">{text(last.replace("_", " "))}</td></tr>')
        note = f'<br><span class="range warn">{text(group.warning)}</span>' if group.warning else ""
        cells = [cell(text(group.value) + note, "group"), cell(f"{group.n:,}", "n"), cell(f"{group.positives:,}", "n")]
        cells.append(_value(group.figures.get("auroc"), stacked=True))
        cells.append(_value(group.gaps.get("auroc"), signed=True, stacked=True))
        cells += [_value(group.figures.get(column), stacked=True) for column in columns]
        rows.append(row(cells, "small" if group.warning else ""))
    return box(_plots(sheet, "subgroups"), "wide") + box(table(head, rows), "scroll")


def _checklist(items: Sequence[tuple[str, str]]) -> str:
    if not items:
        return ""
    done = sum(bool(where) for _, where in items)
    rows = (
        row((cell(text(topic)), cell(text(where) if where else '<span class="warn">not stated</span>')))
        for topic, where in items
    )
    return f"<p>{done} of {len(items)} topics are answered.</p>" + table((), rows)
