"""The report as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from osteon.evaluation.claims.cells import metric_label
from osteon.evaluation.claims.claims import SYNTHETIC_NOTE
from osteon.evaluation.claims.page import claims_section
from osteon.evaluation.detection.contact_sheet import SHEET_FILE
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
    joined,
    lines,
    link,
    paragraph,
    picture,
    row,
    span,
    table,
)
from osteon.learning.reproduce.report.sheet import Sheet, changed_rows, reasons
from osteon.learning.reproduce.results.outcomes import folder_of

WIDE: Final = ("beside", "beside_boxes", "differences")
"""Plots that take the whole width."""


def html(sheet: Sheet, drawn: Mapping[str, bytes]) -> str:
    """The page, which needs no other file."""
    pictures = {
        name: picture(content, "image/svg+xml", sheet.plots[name].caption, name) for name, content in drawn.items()
    }
    beside = [box(pictures[name], "wide") for name in ("beside", "beside_boxes") if name in pictures]
    differences = [box(pictures[name], "wide") for name in ("differences",) if name in pictures]
    small = [shown for name, shown in pictures.items() if name not in WIDE]
    failed = [f"{one.work.name}, seed {one.work.seed}: {one.problem}" for one in sheet.failures]
    return document(
        sheet.title,
        [
            DocumentSection("The paper and ours", joined(*beside)),
            *(claims_section(one) for one in sheet.tables),
            DocumentSection("Comparisons on the same cases", joined(_answers_html(sheet), *differences)),
            DocumentSection("Classes and boxes", box(joined(*small), "plots") if small else ""),
            DocumentSection("Images", _images_html(sheet)),
            DocumentSection("What the budget changes", _changes_html(sheet)),
            DocumentSection("Runs", _runs_html(sheet)),
            DocumentSection("How this was made", paragraph(code(sheet.command))),
        ],
        subtitle=f"{sheet.paper.title}. Data: {sheet.source.words}",
        lead=joined(
            caution(SYNTHETIC_NOTE) if sheet.source.simulated else "",
            caution("Runs that failed", failed) if failed else "",
        ),
    )


def _answers_html(sheet: Sheet) -> str:
    if not sheet.answers:
        return ""
    head = ("question", "figure", "first", "second", "difference", "95 % interval", "p", "p, Holm")
    rows: list[str] = []
    for one in sheet.answers:
        answer = lines(one.contrast.question, bold(one.verdict))
        if not one.pairs:
            rows.append(row([cell(answer), *[cell("–", "n")] * 7]))
        for place, pair in enumerate(one.pairs):
            named = lines(answer, span(f"{pair.first} less {pair.second}", "range"))
            p = ("–", "–") if pair.test is None else (p_value(pair.test.p), p_value(pair.test.adjusted))
            shown = (
                metric_label(pair.figure),
                *map(number, pair.values),
                number(pair.difference.value, signed=True),
                between(pair.difference, signed=True),
                *p,
            )
            rows.append(row([cell(named if place == 0 else ""), *(cell(value, "n") for value in shown)]))
    methods = dict.fromkeys(
        method
        for one in sheet.answers
        for pair in one.pairs
        for method in (pair.difference.method, *([pair.test.name] if pair.test else []))
    )
    best = "Where several recipes stand against one, the best on the validation part is taken."
    return box(table(head, rows, caption="Answers to the paper's questions"), "scroll") + bullets([best, *methods])


def _images_html(sheet: Sheet) -> str:
    """Of each detector the images of its first run, truth beside prediction."""
    shown: list[str] = []
    for variant in sheet.found:
        file = variant.runs[0].work.evaluation / SHEET_FILE
        if file.is_file():
            caption = f"{variant.name}: annotated (left) and found (right) at the threshold of boxes in doubt."
            note = " SYNTHETIC data." if sheet.source.simulated else ""
            shown.append(box(picture(file.read_bytes(), "image/png", caption + note, caption), "wide"))
    return joined(*shown)


def _changes_html(sheet: Sheet) -> str:
    changes = changed_rows(sheet)
    if not changes:
        return bullets(["Nothing: these are the paper's own numbers.", *reasons(sheet)])
    head = ("recipes", "setting", "the recipe's", "here")
    rows = [row(map(cell, one)) for one in changes]
    shown = table(head, rows, caption="Settings that differ from the recipes", numbers=[False] * len(head))
    return bullets(reasons(sheet)) + box(shown, "scroll")


def _runs_html(sheet: Sheet) -> str:
    rows: list[str] = []
    for variant in sheet.found:
        for run in variant.runs:
            done = run.done
            value = "–" if done["validation"] is None else f"{done['selection']} {done['validation']:.3f}"
            seconds = sum(done["seconds"].values())
            report = f"{folder_of(run.work, sheet.out)}/evaluation/report.html"
            rows.append(
                row(
                    [
                        cell(variant.name),
                        *(cell(shown, "n") for shown in (str(run.work.seed), value, f"{seconds:,.0f} s")),
                        cell(str(done["weights"])),
                        cell(link("evaluation", report)),
                    ]
                )
            )
    head = ("recipe", "seed", "validation", "time", "weights at the start", "report")
    numbers = (False, True, True, True, False, False)
    return box(table(head, rows, caption="Finished runs", numbers=numbers), "scroll") if rows else ""
