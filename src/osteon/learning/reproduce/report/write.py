"""The files of a report: page, Markdown, JSON and plots."""

from __future__ import annotations

from osteon.evaluation.drawing.files import render
from osteon.learning.reproduce.report.json_record import record
from osteon.learning.reproduce.report.markdown import markdown
from osteon.learning.reproduce.report.page import html
from osteon.learning.reproduce.report.sheet import Sheet
from osteon.learning.runs.write import write_json


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
    (sheet.out / "report.html").write_text(html(sheet, drawn), encoding="utf-8")
    (sheet.out / "report.md").write_text(markdown(sheet), encoding="utf-8")
    write_json(sheet.out / "report.json", record(sheet))
