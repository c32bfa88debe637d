"""The page of a comparison: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from osteon.evaluation.binary.comparison import LOWER_IS_BETTER, Comparison, Test, compared_figures, point_and_name
from osteon.evaluation.compare.compare import Compared
from osteon.evaluation.compare.plots import CAPTIONS, title_of
from osteon.evaluation.compare.seeds import SeedSummary
from osteon.html.numbers import between, number, p_value
from osteon.html.parts import (
    DocumentSection,
    bold,
    box,
    bullets,
    caution,
    cell,
    code,
    document,
    heading,
    joined,
    paragraph,
    picture,
    row,
    span,
    stacked_cell,
    table,
)
from osteon.stats.ranks import Ranks


def render_comparison(
    compared: Compared,
    plots: Mapping[str, bytes],
    *,
    title: str,
    command: str = "",
    boxes: Sequence[Comparison] = (),
) -> str:
    """The page.

    Args:
        compared: what was found.
        plots: SVG by name.
        title: heading.
        command: that makes this comparison again.
        boxes: differences between detectors.
    """
    cases = compared.aligned.cases
    positive = int((cases.label == 1).sum())
    cases_line = f"{len(cases):,} cases, {positive:,} positive, in {len(np.unique(cases.cluster)):,} clusters"
    found = cautions(compared)
    return document(
        title,
        [
            DocumentSection("Figures of each system", box(_values(compared), "scroll")),
            DocumentSection("Differences", joined(box(_plot(plots, "differences"), "wide"), _pairs(compared))),
            DocumentSection("Boxes", _boxes(boxes)),
            DocumentSection("Cases that only one system called correctly", _discordant(compared)),
            DocumentSection(
                "Curves", box(joined(*(_plot(plots, name) for name in ("roc", "precision_recall"))), "plots")
            ),
            DocumentSection("Seeds", box(_plot(plots, "seeds"), "wide") if "seeds" in plots else ""),
            DocumentSection("Ranks", _ranks(compared.ranks, plots)),
            DocumentSection("How this was made", _method(compared, command)),
        ],
        subtitle=f"{cases_line}; every system on the same cases",
        lead=caution("Read this first", found) if found else "",
    )


def cautions(compared: Compared) -> list[str]:
    """What limits the comparison, a sentence each."""
    aligned = compared.aligned
    found = [
        f"{count:,} images of {name} are left out, because another system lacks them."
        for name, count in aligned.left_out.items()
    ]
    if aligned.incomplete:
        found.append(
            f"{aligned.incomplete:,} images are left out, because they are not labelled or some run did not read them."
        )
    if not aligned.points:
        found.append(
            "Calls are not compared: the systems have no operating point of the same name. "
            "Name a threshold with --threshold, or validation predictions with --validation."
        )
    if len(np.unique(aligned.cases.cluster)) == len(aligned.cases):
        found.append(
            "No patients or clusters are stated: every case counts as independent, and intervals may be too narrow."
        )
    untested = [one for one in compared.pairs if one.figure == "classification.auroc" and one.test is None]
    found += [
        f"The AUROCs of {one.first} and {one.second} have no test: the difference has variance 0, or a class has too "
        "few cases."
        for one in untested
    ]
    if compared.ranks is not None and compared.ranks.kind == "seed":
        found.append("Seeds share their cases: ranks over seeds say nothing about other data.")
    if compared.unranked:
        found.append(f"Not ranked, having one class only: {', '.join(compared.unranked)}.")
    return found


def _plot(plots: Mapping[str, bytes], name: str) -> str:
    return picture(plots[name], "image/svg+xml", CAPTIONS[name], f"{name.replace('_', ' ')}: {CAPTIONS[name]}")


def _values(compared: Compared) -> str:
    names = list(compared.figures)
    rows = [
        row([cell(_named(figure)), *(_summary(compared.figures[name].get(figure)) for name in names)])
        for figure in compared_figures(compared.aligned.points)
        if any(figure in compared.figures[name] for name in names)
    ]
    return table(("", *names), rows, caption="Figures with 95 % intervals; over seeds, mean and standard deviation")


def _named(figure: str) -> str:
    worse = point_and_name(figure)[1] in LOWER_IS_BETTER
    return joined(title_of(figure), " ", span("lower is better", "range")) if worse else title_of(figure)


def _summary(one: SeedSummary | None) -> str:
    if one is None:
        return cell("–", "n")
    value = number(one.mean) + ("" if one.sd is None else f" ± {number(one.sd)}")
    return cell(value, "n") if one.interval is None else stacked_cell(value, between(one.interval))


def _pairs(compared: Compared) -> str:
    bca = any("bca" in one.others for one in compared.pairs)
    parts: list[str] = []
    for first, second in compared.shown:
        intervals = ("of the test", "percentile", *(["BCa"] * bca))
        head = ("", first, second, "difference", *intervals, "p", "p,\N{NO-BREAK SPACE}Holm")
        rows = [_pair_row(figure, one, bca=bca) for figure, one in compared.between(first, second).items()]
        title = f"{first} less {second}"
        parts += [
            heading(title),
            box(table(head, rows, caption="Paired differences, with intervals and tests"), "scroll"),
        ]
    tests = dict.fromkeys(f"{title_of(one.figure)}: {one.test.name}." for one in compared.pairs if one.test is not None)
    return joined(*parts, bullets([*tests, *_NOTES]))


_UNADJUSTED = (
    "Intervals are of one difference each, not adjusted for the number of tests: Holm's p may be above 0.05 where an "
    "interval leaves out 0."
)
_OF_THE_TEST = (
    "The interval of the test is made as the test is: DeLong's, or the exact one of the discordant cases. It leaves out 0 "
    "where p is below 0.05. The bootstrap makes its intervals otherwise; near 0 they may disagree with p."
)
_NOTES = ("Figures without a p value have intervals only.", _OF_THE_TEST, _UNADJUSTED)


def _pair_row(figure: str, one: Comparison, *, bca: bool) -> str:
    of_test = None if one.test is None else one.difference
    intervals = [of_test, one.others.get("percentile", one.difference), *([one.others.get("bca")] * bca)]
    return row(
        [
            cell(_named(figure)),
            *(cell(number(value), "n") for value in one.values),
            cell(number(one.difference.value, signed=True), "n"),
            *(cell("–" if other is None else between(other, signed=True), "n") for other in intervals),
            *_test_cells(one.test),
        ]
    )


def _boxes(boxes: Sequence[Comparison]) -> str:
    """Differences between detectors: a table of all figures, by name."""
    rows = [
        row(
            [
                cell(f"{one.first} minus {one.second}"),
                cell(box_title(one.figure)),
                *(cell(number(value), "n") for value in one.values),
                cell(number(one.difference.value, signed=True), "n"),
                cell(between(one.difference, signed=True), "n"),
            ]
        )
        for one in boxes
    ]
    head = ("", "", "first", "second", "difference", "95 % interval")
    return table(head, rows, caption="Boxes, on the same resamples of clusters") if rows else ""


def box_title(figure: str) -> str:
    """What a figure of boxes is called, e.g. ``sensitivity at 0.5 false alarms per image``."""
    name = figure.removeprefix("detection.")
    if name.startswith("froc_at_"):
        return f"sensitivity at {name.removeprefix('froc_at_')} false alarms per image"
    return {"froc": "FROC, mean sensitivity", "map50": "mAP50", "map": "mAP"}.get(name, name)


def _test_cells(test: Test | None) -> tuple[str, str]:
    if test is None:
        return cell("–", "n"), cell("–", "n")
    holm = p_value(test.adjusted)
    return cell(p_value(test.p), "n"), cell(bold(holm) if test.adjusted < 0.05 else holm, "n")


def _discordant(compared: Compared) -> str:
    shown = [one for one in compared.pairs if one.test is not None and "only_first" in one.test.details]
    if not shown:
        return ""
    head = ("first, second", "at", "only the first", "only the second", "exact p", "mid-p", "χ²", "its p", "p, used")
    return paragraph(
        "McNemar's table and its p values. They take cases as independent; where clusters hold several cases, the "
        "p value that is used comes from the exact sign-flip test over clusters."
    ) + box(table(head, [_discordant_row(one) for one in shown], caption="Discordant calls"), "scroll")


def _discordant_row(one: Comparison) -> str:
    test = one.test
    if test is None:
        return ""
    found = test.details
    p = [found[name] for name in ("mcnemar_exact", "mcnemar_mid_p")]
    return row(
        [
            cell(f"{one.first}, {one.second}"),
            cell(point_and_name(one.figure)[0].replace(">=", " ≥ "), "n"),
            cell(f"{found['only_first']:,.0f}", "n"),
            cell(f"{found['only_second']:,.0f}", "n"),
            *(cell(p_value(value), "n") for value in p),
            cell(f"{found['mcnemar_chi_squared']:.2f}", "n"),
            cell(p_value(found["mcnemar_chi_squared_p"]), "n"),
            cell(p_value(test.p), "n"),
        ]
    )


def _ranks(ranks: Ranks | None, plots: Mapping[str, bytes]) -> str:
    if ranks is None:
        return ""
    f = "infinite" if ranks.f is None else f"{ranks.f:.2f}"
    words = (
        f"Friedman's χ² {ranks.chi_squared:.2f} with {len(ranks.systems) - 1} degrees of freedom, "
        f"p {_equals(ranks.p)}; Iman and Davenport's F {f}, p {_equals(ranks.f_p)}; "
        f"Nemenyi's critical difference {ranks.critical_difference:.2f}."
    )
    rows = [
        row((cell(block), *(cell(number(value), "n") for value in scores)))
        for block, scores in zip(ranks.blocks, ranks.scores.tolist(), strict=True)
    ]
    rows.append(row((cell("mean rank"), *(cell(f"{rank:.2f}", "n") for rank in ranks.mean_ranks.tolist())), "head"))
    shown = table((f"{ranks.figure} by {ranks.kind}", *ranks.systems), rows, caption="Figures, and mean ranks")
    return box(_plot(plots, "critical_difference"), "wide") + paragraph(words) + box(shown, "scroll")


def _equals(p: float) -> str:
    words = p_value(p)
    return words if words.startswith("<") else f"= {words}"


def _method(compared: Compared, command: str) -> str:
    methods = dict.fromkeys(
        figure.method for one in compared.pairs for figure in (one.difference, *one.others.values())
    )
    lines = [
        *methods,
        f"Holm's correction over all {compared.tests} tests of this comparison.",
        "A less B: the figure of A less that of B, on the same resamples of the cases.",
    ]
    sources = (
        row((cell(system.name, "fact"), cell("; ".join(system.sources) or "–"))) for system in compared.aligned.systems
    )
    shown = paragraph(code(command)) if command else ""
    return joined(bullets(lines), table((), sources, caption="Source of each system"), shown)
