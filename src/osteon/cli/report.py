"""What ``osteon read`` says while it reads: JSON lines or a table on stdout, failures and progress on stderr."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.core.wording.faults import fault_heading
from osteon.core.wording.readings import note_sentences
from osteon.inference.readings import findings_words
from osteon.inference.stream import Outcome
from osteon.inference.studies import Discovery, Failure
from osteon.outputs.formats.json import lines

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MANY: Final = 8
"""Number of studies from which a progress bar is worth its place."""

STYLES: Final = {Call.FRACTURE: "bold red", Call.DOUBT: "yellow", Call.NO_FRACTURE: "cyan", Call.ABSTAIN: "dim"}


class _Row(NamedTuple):
    """The words of a reading for the table."""

    source: str
    call: Call
    probability: str
    findings: str
    reason: str
    spent: str


class Report:
    """Reports outcomes as they come; a context manager that ends with the table and the counts.

    Args:
        found: what is going to be read.
        as_json: JSON lines and nothing else on stdout.

    Attributes:
        failed: number of sources that could not be read.
    """

    def __init__(self, found: Discovery, *, as_json: bool) -> None:
        self.failed = 0
        self._found = found
        self._as_json = as_json
        self._rows: list[_Row] = []
        self._notes: Counter[str] = Counter()
        self._faults: Counter[FaultCode | None] = Counter()
        self._bundle = ""
        self._overlays = 0
        self._findings = 0
        self._folder = Path()
        self._read = 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        many = len(self._found.studies) >= MANY
        if many and sys.stderr.isatty() and not (self._as_json and sys.stdout.isatty()):
            from rich.console import Console
            from rich.progress import Progress

            self._progress = self._stack.enter_context(Progress(console=Console(stderr=True), transient=True))
            self._task = self._progress.add_task("Reading", total=len(self._found.studies))
        self._fail(self._found.failures)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if kind is None:
            if self._rows:
                self._print_table()
            self._print_counts()

    def add(self, outcome: Outcome) -> None:
        """Report one study."""
        self._fail(outcome.failures)
        reading = outcome.reading
        if reading is not None:
            self._read += 1
            if self._as_json:
                sys.stdout.write(lines(reading))
                sys.stdout.flush()
            else:
                self._keep(reading)
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)

    def _keep(self, reading: Reading) -> None:
        """Keep the words of a reading for the table, not its pixels."""
        probability = "" if reading.probability is None else f"{reading.probability:.3f}"
        more = len(reading.radiographs) - 1
        source = f"{reading.radiographs[0].source} + {more} more" if more else reading.source
        spent = f"{reading.milliseconds['total']:.0f} ms"
        self._rows.append(_Row(source, reading.call, probability, findings_words(reading), reading.reason, spent))
        self._findings += len(reading.findings)
        self._notes.update(note_sentences(reading))
        self._bundle = reading.bundle
        if reading.overlay is not None:
            self._overlays += 1
            self._folder = Path(reading.overlay).parent

    def _fail(self, failures: tuple[Failure, ...]) -> None:
        """Name what failed, at once."""
        self.failed += len(failures)
        for failure in failures:
            self._faults[failure.error.code if isinstance(failure.error, InputError) else None] += 1
            text = f"failed: {failure.source}: {failure.error}"
            if self._progress is not None:
                self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
            else:
                sys.stderr.write(f"{text}\n")

    def _print_table(self) -> None:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("radiograph", overflow="fold")
        table.add_column("call", no_wrap=True)
        table.add_column("probability", justify="right", no_wrap=True)
        detects, refused = any(row.findings for row in self._rows), any(row.reason for row in self._rows)
        if detects:
            table.add_column("boxes", no_wrap=True)
        if refused:
            table.add_column("reason", overflow="fold")
        table.add_column("time", justify="right", no_wrap=True, style="dim")
        for row in self._rows:
            cells = [row.findings] * detects + [_shown(row.reason)] * refused
            table.add_row(
                _shown(row.source), Text(row.call.value, STYLES[row.call]), row.probability, *cells, row.spent
            )
        console = Console()
        console.print(table)
        for note, count in self._notes.most_common(5):
            console.print(f"Note ({count}): {note}.", style="dim", markup=False, highlight=False)
        if self._overlays:
            console.print(
                f"Overlays: {self._overlays} in {self._folder}", markup=False, highlight=False, soft_wrap=True
            )
        if detects:
            console.print(f"Boxes found: {self._findings}.", markup=False, highlight=False)
        console.print(f"Read by {self._bundle}. Not for diagnosis.", markup=False, highlight=False)

    def _print_counts(self) -> None:
        """Count what was read, failed and skipped, unless it was all of one study; several failures by their cause."""
        if len(self._found.studies) > 1 or self.failed or self._found.skipped:
            words = f"{self._read} read, {self.failed} failed"
            if self._found.skipped:
                words += f", {self._found.skipped} other files skipped"
            sys.stderr.write(f"{words}\n")
        if self.failed > 1:
            for code, count in self._faults.most_common():
                heading = "another cause" if code is None else fault_heading(code)
                sys.stderr.write(f"failed ({count}): {heading}\n")


def _shown(text: str) -> str:
    """A text without the bytes of a file name that no terminal can show, and without Rich's markup."""
    from rich.markup import escape

    return escape(text.encode("utf-8", "replace").decode("utf-8"))
