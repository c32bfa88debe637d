"""The report of a reproduction: a page, Markdown and JSON with the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from osteon.evaluation.binary.plots import render
from osteon.evaluation.claims.claims import SYNTHETIC_NOTE, Claims, claims_record
from osteon.evaluation.claims.page import claims_markdown, claims_section, metric_label
from osteon.evaluation.detection.contact_sheet import SHEET_FILE
from osteon.evaluation.html.section import Plot
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
from osteon.learning.recipe import Budget, Paper
from osteon.learning.reproduce.jobs import Failure
from osteon.learning.reproduce.plan import changed, changes, short
from osteon.learning.reproduce.plots import box_confusion
from osteon.learning.reproduce.results import Variant, folder_of
from osteon.learning.reproduce.source import Source
from osteon.learning.reproduce.versus import Answer
from osteon.learning.runs.run import write_json

WIDE: Final = ("beside", "beside_boxes", "differences")
"""Plots that take the whole width."""


@dataclass(frozen=True)
class Sheet:
    """All that the report shows.

    Attributes:
        paper: that is reproduced.
        budget: that was run.
        source: of the cases.
        tables: the paper's, with ours.
        answers: to its questions.
        found: variants with finished runs.
        failures: runs that did not come to their end.
        plots: by name, with captions.
        chance: mAP at IoU 0.5 of boxes that know nothing of a film; None where there is no detector.
        command: that makes all of it.
        out: folder of the reproduction.
    """

    paper: Paper
    budget: Budget
    source: Source
    tables: tuple[Claims, ...]
    answers: tuple[Answer, ...]
    found: tuple[Variant, ...]
    failures: tuple[Failure, ...]
    plots: Mapping[str, Plot]
    chance: float | None
    command: str
    out: Path

    @property
    def title(self) -> str:
        """Of the page."""
        return f"{self.paper.name}, reproduced: budget {self.budget.name}"


def write_report(sheet: Sheet) -> None:
    """Write ``report.html``, ``report.md``, ``report.json`` and ``plots/``.

    Raises:
        OSError: they cannot be written.
    """
    drawn = {name: render(plot.drawing, "svg") for name, plot in sheet.plots.items()}
    folder = sheet.out / "plots"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in drawn.items():
        (folder / f"{name}.svg").write_bytes(content)
    (sheet.out / "report.html").write_text(_html(sheet, drawn), encoding="utf-8")
    (sheet.out / "report.md").write_text(_markdown(sheet), encoding="utf-8")
    write_json(sheet.out / "report.json", record(sheet))


def answer_words(one: Answer) -> tuple[str, ...]:
    """A line for each figure of an answer; none where it has none."""
    return tuple(
        f"{pair.first} less {pair.second}, {metric_label(pair.figure)}: {number(pair.values[0])} less "
        f"{number(pair.values[1])} = {number(pair.difference.value, signed=True)} "
        f"({between(pair.difference, signed=True)})"
        + ("" if pair.test is None else f", p {p_value(pair.test.p)}, after Holm {p_value(pair.test.adjusted)}")
        for pair in one.pairs
    )


def changed_rows(sheet: Sheet) -> list[tuple[str, str, str, str]]:
    """What the budget changes: recipes, key, the paper's value, ours; recipes with the same change on one row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    originals = {short(sheet.paper, recipe): recipe for recipe in sheet.paper.variants}
    for variant in sheet.found:
        for key, (old, new) in changed(originals[variant.name], variant.recipe).items():
            rows.setdefault((key, _value(old), _value(new)), []).append(variant.name)
    everyone = len(sheet.found)
    return [
        ("all" if len(names) == everyone else ", ".join(names), key, old, new)
        for (key, old, new), names in rows.items()
    ]


def reasons(sheet: Sheet) -> tuple[str, ...]:
    """Why the budget changes what it changes, and what it leaves out."""
    run = [variant.name for variant in sheet.found]
    every = [short(sheet.paper, recipe) for recipe in sheet.paper.variants]
    kept = {
        one.why: None
        for variant in sheet.found
        for one in changes(sheet.paper, variant.runs[0].work.recipe, sheet.budget)
    }
    left = [name for name in every if name not in run]
    said = list(kept)
    if left:
        said.append(f"Not run: {', '.join(left)}.")
    counts = sorted({len(variant.runs) for variant in sheet.found})
    if counts:
        said.append(f"Seeds: {' or '.join(map(str, counts))}.")
    said.append(f"Intervals: {sheet.budget.resamples:,} resamples.")
    return tuple(said)


def record(sheet: Sheet) -> dict[str, Any]:
    """The report as JSON holds it."""
    return {
        "paper": sheet.paper.name,
        "title": sheet.paper.title,
        "budget": sheet.budget.name,
        "simulated": sheet.source.simulated,
        "data": sheet.source.words,
        "data_sha256": sheet.source.digest,
        "command": sheet.command,
        "tables": [claims_record(one) for one in sheet.tables],
        "comparisons": [_answer_record(one) for one in sheet.answers],
        "changes": [
            {"recipes": who, "key": key, "paper": old, "here": new} for who, key, old, new in changed_rows(sheet)
        ],
        "reasons": list(reasons(sheet)),
        "chance": sheet.chance,
        "confusion": _confusions(sheet),
        "runs": [
            {
                "variant": variant.name,
                "seed": run.work.seed,
                "folder": folder_of(run.work, sheet.out),
                "settings": list(run.work.settings),
                **run.done,
            }
            for variant in sheet.found
            for run in variant.runs
        ],
        "failures": [
            {"variant": one.work.name, "seed": one.work.seed, "problem": one.problem} for one in sheet.failures
        ],
    }


def _confusions(sheet: Sheet) -> dict[str, Any]:
    """Counts of boxes by detector: rows are what is marked and at last nothing, columns what was found and at last nothing."""
    found: dict[str, Any] = {}
    for variant in sheet.found:
        cells = box_confusion(variant)
        if cells is not None:
            names = next(run.boxes.names for run in variant.runs if run.boxes is not None)
            found[variant.name] = {"classes": list(names), "counts": cells.tolist()}
    return found


def _answer_record(one: Answer) -> dict[str, Any]:
    return {
        "question": one.contrast.question,
        "first": one.contrast.first,
        "others": list(one.contrast.others),
        "best": one.best or None,
        "verdict": one.verdict,
        "why_not": one.why or None,
        "figures": [
            {
                "figure": pair.figure,
                "first": pair.values[0],
                "second": pair.values[1],
                "difference": pair.difference.model_dump(),
                "test": None
                if pair.test is None
                else {"name": pair.test.name, "p": pair.test.p, "holm": pair.test.adjusted},
            }
            for pair in one.pairs
        ],
    }


def _html(sheet: Sheet, drawn: Mapping[str, bytes]) -> str:
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


def _markdown(sheet: Sheet) -> str:
    lines = [f"# {sheet.title}", "", f"{sheet.paper.title}. Data: {sheet.source.words}", ""]
    if sheet.source.simulated:
        lines += [f"**{SYNTHETIC_NOTE}**", ""]
    if sheet.failures:
        lines += ["## Runs that failed", ""]
        lines += [f"- {one.work.name}, seed {one.work.seed}: {one.problem}" for one in sheet.failures] + [""]
    lines += ["## Tables", "", *(claims_markdown(one) for one in sheet.tables)]
    if sheet.answers:
        lines += ["## Comparisons on the same cases", ""]
        for one in sheet.answers:
            lines += [f"- {one.contrast.question} **{one.verdict}**", *(f"  - {words}" for words in answer_words(one))]
        lines.append("")
    lines += [f"![{plot.caption}](plots/{name}.svg)\n" for name, plot in sheet.plots.items()]
    lines += ["## What the budget changes", "", *(f"- {one}" for one in reasons(sheet)), ""]
    rows = changed_rows(sheet)
    if rows:
        lines += ["| recipes | setting | the recipe's | here |", "|---|---|---|---|"]
        lines += [f"| {who} | `{key}` | {old} | {new} |" for who, key, old, new in rows] + [""]
    lines += ["## How this was made", "", "```", sheet.command, "```", ""]
    return "\n".join(lines)


def _value(value: object) -> str:
    if value is None:
        return "–"
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)
