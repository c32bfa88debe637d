"""The report as Markdown."""

from __future__ import annotations

from osteon.evaluation.claims.claims import SYNTHETIC_NOTE
from osteon.evaluation.claims.page import claims_markdown
from osteon.learning.reproduce.report.sheet import Sheet, answer_words, changed_rows, reasons


def markdown(sheet: Sheet) -> str:
    """The report as Markdown."""
    lines = [f"# {sheet.title}", "", f"{sheet.paper.title}. Data: {sheet.source.words}", ""]
    if sheet.source.simulated:
        lines += [f"**{SYNTHETIC_NOTE}**", ""]
    if sheet.failures:
        lines += ["## Runs that failed", ""]
        lines += [
            f"- {failure.work.name}, seed {failure.work.seed}: {failure.problem}" for failure in sheet.failures
        ] + [""]
    lines += ["## Tables", "", *(claims_markdown(table) for table in sheet.tables)]
    if sheet.answers:
        lines += ["## Comparisons on the same cases", ""]
        for answer in sheet.answers:
            lines += [
                f"- {answer.contrast.question} **{answer.verdict}**",
                *(f"  - {words}" for words in answer_words(answer)),
            ]
        lines.append("")
    lines += [f"![{plot.caption}](plots/{name}.svg)\n" for name, plot in sheet.plots.items()]
    lines += ["## What the budget changes", "", *(f"- {reason}" for reason in reasons(sheet)), ""]
    rows = changed_rows(sheet)
    if rows:
        lines += ["| recipes | setting | the recipe's | here |", "|---|---|---|---|"]
        lines += [f"| {who} | `{key}` | {old} | {new} |" for who, key, old, new in rows] + [""]
    lines += ["## How this was made", "", "```", sheet.command, "```", ""]
    return "\n".join(lines)
