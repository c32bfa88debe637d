"""The readings of several studies, which show themselves in a notebook."""

from __future__ import annotations

import base64
import html
import io
import sys
from collections.abc import Iterable
from typing import Any, Final

from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.core.wording.readings import note_sentences
from osteon.inference.studies import Failure

MAXIMUM_PICTURES: Final = 12
"""Overlays shown at once in a notebook; each is a picture of some hundred kilobytes within the page."""

HEAD: Final = ("source", "call", "probability", "boxes", "reason, notes")
_CELL: Final = 'style="text-align:left;padding:2px 10px"'


class Readings(list[Reading]):
    """A list of readings.

    Args:
        readings: in the order of the sources.
        failures: sources that could not be read.
        skipped: number of files in folders that were no images.
    """

    def __init__(self, readings: Iterable[Reading] = (), failures: Iterable[Failure] = (), skipped: int = 0) -> None:
        super().__init__(readings)
        self.failures = tuple(failures)
        self.skipped = skipped

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """A table of all readings, and the overlays of the first of them."""
        head = "".join(f"<th {_CELL}>{word}</th>" for word in HEAD)
        body = "".join(_row(reading) for reading in self)
        failed = "".join(
            f"<tr><td {_CELL}>{html.escape(failure.source)}</td><td {_CELL}>failed</td><td></td><td></td>"
            f"<td {_CELL}>{html.escape(str(failure.error))}</td></tr>"
            for failure in self.failures
        )
        pictures = "".join(_picture(reading) for reading in self[:MAXIMUM_PICTURES])
        rest = len(self) - MAXIMUM_PICTURES
        more = f"<p>{rest} more without picture.</p>" if rest > 0 else ""
        return f"<table><tr>{head}</tr>{body}{failed}</table>{pictures}{more}"


def reading_html(reading: Reading) -> str:
    """One reading as a notebook shows it."""
    return Readings([reading]).html()


def findings_words(reading: Reading) -> str:
    """How many boxes there are, and how many of them are definite; empty where the bundle has no detector."""
    if not reading.findings:
        return "0" if reading.finding_labels and reading.call is not Call.ABSTAIN else ""
    definite = sum(finding.definite for finding in reading.findings)
    return f"{len(reading.findings)} ({definite} definite)" if definite else f"{len(reading.findings)} (in doubt)"


def register() -> None:
    """Let IPython show a ``Reading`` too, where IPython is running; does nothing elsewhere."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(Reading, reading_html)


def _row(reading: Reading) -> str:
    """A row of the table."""
    probability = "" if reading.probability is None else f"{reading.probability:.3f}"
    words = "; ".join(part for part in (reading.reason, *note_sentences(reading)) if part)
    cells = (reading.source, reading.call.value, probability, findings_words(reading), words)
    return "<tr>" + "".join(f"<td {_CELL}>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def _picture(reading: Reading) -> str:
    """The overlay as a picture within the page."""
    if not reading.radiographs:
        return ""
    from osteon.outputs.drawing.overlay import draw

    stream = io.BytesIO()
    draw(reading).save(stream, "PNG")
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    title = html.escape(f"{reading.call.value}: {reading.source}", quote=True)
    return f'<img alt="{title}" style="max-width:100%" src="data:image/png;base64,{data}"/>'
