"""The report as JSON."""

from __future__ import annotations

from typing import Any

from osteon.evaluation.claims.record import claims_record
from osteon.learning.reproduce.report.plots import box_confusion
from osteon.learning.reproduce.report.sheet import Sheet, changed_rows, reasons
from osteon.learning.reproduce.results.comparison import Answer
from osteon.learning.reproduce.results.outcomes import folder_of


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
        "tables": [claims_record(table) for table in sheet.tables],
        "comparisons": [_answer_record(answer) for answer in sheet.answers],
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
            {"variant": failure.work.name, "seed": failure.work.seed, "problem": failure.problem}
            for failure in sheet.failures
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


def _answer_record(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.contrast.question,
        "first": answer.contrast.first,
        "others": list(answer.contrast.others),
        "best": answer.best or None,
        "verdict": answer.verdict,
        "why_not": answer.why or None,
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
            for pair in answer.pairs
        ],
    }
