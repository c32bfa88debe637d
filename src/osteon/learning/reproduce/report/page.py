"""The report as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from osteon.evaluation.claims.claims import SYNTHETIC_NOTE
from osteon.evaluation.claims.page import claims_html, metric_label
from osteon.evaluation.detection.contact_sheet import SHEET_FILE
from osteon.evaluation.html.page import box, bullets, cell, number, page, picture, row, section, table, text
from osteon.learning.reproduce.report.sheet import Sheet, changed_rows, p_value, reasons
from osteon.learning.reproduce.results.outcomes import folder_of

WIDE: Final = ("beside", "beside_boxes", "differences")
"""Plots that take the whole width."""


def html(sheet: Sheet, drawn: Mapping[str, bytes]) -> str:
    """The page, which needs nothing else."""
    pictures = {
        name: picture(content, "image/svg+xml", sheet.plots[name].caption, name) for name, content in drawn.items()
    }
    beside = [pictures[name] for name in ("beside", "beside_boxes") if name in pictures]
    differences = [pictures[name] for name in ("differences",) if name in pictures]
    small = [shown for name, shown in pictures.items() if name not in WIDE]
    warning = box(f"<b>{text(SYNTHETIC_NOTE)}</b>", "caution") if sheet.source.simulated else ""
    failed = [f"{one.work.name}, seed {one.work.seed}: {one.problem}" for one in sheet.failures]
    body = [
        f'<h1>{text(sheet.title)}</h1><p class="sub">{text(sheet.paper.title)}. Data: {text(sheet.source.words)}</p>',
        warning,
        box(f"<b>Runs that failed</b>{bullets(failed)}", "caution") if failed else "",
        section("The paper and ours", "".join(box(one, "wide") for one in beside)),
        *(claims_html(one) for one in sheet.tables),
        section(
            "Comparisons on the same cases", _answers_html(sheet) + "".join(box(one, "wide") for one in differences)
        ),
        section("Classes and boxes", box("".join(small), "plots") if small else ""),
        section("Films", _films_html(sheet)),
        section("What the budget changes", _changes_html(sheet)),
        section("Runs", _runs_html(sheet)),
        section("How this was made", f"<p><code>{text(sheet.command)}</code></p>"),
        "<footer>Made by osteon. Research software: not a medical device, not for diagnosis.</footer>",
    ]
    return page(sheet.title, "".join(body))


def _answers_html(sheet: Sheet) -> str:
    if not sheet.answers:
        return ""
    head = ("", "figure", "first", "second", "difference", "95 % interval", "p", "p, Holm")
    rows: list[str] = []
    for one in sheet.answers:
        words = f"{text(one.contrast.question)}<br><b>{text(one.verdict)}</b>"
        if not one.pairs:
            rows.append(row([cell(words), *[cell("–", "n")] * 7]))
        for place, pair in enumerate(one.pairs):
            named = f"{words}<br><span class='range'>{text(pair.first)} less {text(pair.second)}</span>"
            between = f"{number(pair.difference.low, signed=True)} to {number(pair.difference.high, signed=True)}"
            p = ("–", "–") if pair.test is None else (p_value(pair.test.p), p_value(pair.test.adjusted))
            shown = (
                metric_label(pair.figure),
                *map(number, pair.values),
                number(pair.difference.value, signed=True),
                between,
                *p,
            )
            rows.append(row([cell(named if place == 0 else ""), *(cell(text(word), "n") for word in shown)]))
    methods = dict.fromkeys(
        word
        for one in sheet.answers
        for pair in one.pairs
        for word in (pair.difference.method, *([pair.test.name] if pair.test else []))
    )
    best = "Where several recipes stand against one, the best on the validation part is taken."
    return box(table(head, rows), "scroll") + bullets([best, *methods])


def _films_html(sheet: Sheet) -> str:
    """Of each detector the films of its first run, truth beside prediction."""
    shown: list[str] = []
    for variant in sheet.found:
        file = variant.runs[0].work.evaluation / SHEET_FILE
        if file.is_file():
            words = f"{variant.name}: marked (left) and found (right) at the threshold of boxes in doubt."
            note = " SYNTHETIC data." if sheet.source.simulated else ""
            shown.append(box(picture(file.read_bytes(), "image/png", words + note, f"films_{variant.name}"), "wide"))
    return "".join(shown)


def _changes_html(sheet: Sheet) -> str:
    rows = changed_rows(sheet)
    if not rows:
        return bullets(["Nothing: these are the paper's own numbers.", *reasons(sheet)])
    lines = [row(cell(text(word)) for word in one) for one in rows]
    head = "".join(f"<th>{word}</th>" for word in ("recipes", "setting", "the recipe's", "here"))
    body = table((), lines).replace("<tbody>", f"<thead><tr>{head}</tr></thead><tbody>", 1)
    return bullets(reasons(sheet)) + box(body, "scroll")


def _runs_html(sheet: Sheet) -> str:
    rows: list[str] = []
    for variant in sheet.found:
        for run in variant.runs:
            done = run.done
            value = "–" if done["validation"] is None else f"{done['selection']} {done['validation']:.3f}"
            seconds = sum(done["seconds"].values())
            report = f"{folder_of(run.work, sheet.out)}/evaluation/report.html"
            link = f'<a href="{text(report)}">evaluation</a>'
            rows.append(
                row(
                    [
                        cell(text(variant.name)),
                        *(cell(text(word), "n") for word in (str(run.work.seed), value, f"{seconds:,.0f} s")),
                        cell(text(str(done["weights"]))),
                        cell(link),
                    ]
                )
            )
    head = "".join(f"<th>{word}</th>" for word in ("recipe", "seed", "validation", "time", "weights at the start", ""))
    body = table((), rows).replace("<tbody>", f"<thead><tr>{head}</tr></thead><tbody>", 1)
    return box(body, "scroll") if rows else ""
