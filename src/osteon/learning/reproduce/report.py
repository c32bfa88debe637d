"""The report of a reproduction: a page, Markdown and JSON with the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from osteon.evaluation.binary.plots import render
from osteon.evaluation.claims.claims import SYNTHETIC_NOTE, Claims, claims_record
from osteon.evaluation.claims.page import claims_html, claims_markdown, metric_label
from osteon.evaluation.detection.contact_sheet import SHEET_FILE
from osteon.evaluation.html.page import box, bullets, cell, number, page, picture, row, section, table, text
from osteon.evaluation.html.section import Plot
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
        f"({number(pair.difference.low, signed=True)} to {number(pair.difference.high, signed=True)})"
        + ("" if pair.test is None else f", p {_p(pair.test.p)}, after Holm {_p(pair.test.adjusted)}")
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
            p = ("–", "–") if pair.test is None else (_p(pair.test.p), _p(pair.test.adjusted))
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


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
