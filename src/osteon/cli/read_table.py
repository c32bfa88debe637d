"""``osteon read --format parquet``: any number of images to a table, see ``osteon.bulk``."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, Self

import typer

from osteon.core.labels import BodyPart

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from osteon.bulk.run import Progress
    from osteon.bulk.summary import Summary

_EVERY: Final = 10.0
"""Seconds between lines where there is no terminal."""


def read_to_parquet(
    sources: list[str],
    out: Path,
    bundle: str,
    body_part: BodyPart | None,
    *,
    jobs: int,
    threads: int | None,
    ray: str | None,
) -> bool:
    """Read all images of some sources to a table, and say what became of them.

    Args:
        sources: folders, files, zip and tar files, URLs.
        out: folder of the table.
        bundle: name or path.
        body_part: shown, where files do not state it.
        jobs: studies read at the same time.
        threads: of a forward pass; None chooses.
        ray: address of a cluster; None reads here.

    Returns:
        Whether all could be read.

    Raises:
        OsteonError: a source cannot be listed, or the table not be written.
    """
    from osteon.bulk.cluster import ClusterReaders
    from osteon.bulk.local import LocalReaders
    from osteon.bulk.page import summary_page
    from osteon.bulk.run import job_of, read_to_table
    from osteon.bulk.sources.folders import MOST_COUNTED, count_files
    from osteon.bulk.summary import summarise
    from osteon.bulk.table import SUMMARY, Table
    from osteon.bundle.archive import open_bundle
    from osteon.data.files.atomic import write_text
    from osteon.inference.engine import InferenceEngine

    opened = open_bundle(bundle)
    job, table = job_of(opened, sources, body_part), Table(out.resolve())
    views = opened.manifest.views
    with _joined(ray, table.folder), _Teller(count_files(sources, MOST_COUNTED)) as teller:
        if ray is None:
            engine = InferenceEngine(opened, threads if threads is not None or jobs == 1 else 1)
            readers = LocalReaders(engine, table, body_part, jobs)
        else:
            readers = ClusterReaders(bundle, table.folder, body_part, threads or 1)
        progress = read_to_table(job, table, readers, views, teller.tell)
    summary = summarise(table.folder)
    write_text(table.folder / SUMMARY, summary_page(job, summary))
    _say(progress, summary, table.folder / SUMMARY)
    return not summary.faults


def _joined(ray: str | None, folder: Path) -> AbstractContextManager[object]:
    if ray is None:
        return nullcontext()
    from osteon.cluster import cluster

    folder.mkdir(parents=True, exist_ok=True)
    return cluster(ray)


class _Teller:
    """A progress line: on a terminal one that moves, else one every few seconds.

    Args:
        files: that there are, where that is known.
    """

    def __init__(self, files: int | None) -> None:
        self._files = files
        self._begin = monotonic()
        self._told = self._begin
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("Listing")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, progress: Progress) -> None:
        """Say how far it is."""
        now = monotonic()
        images = progress.images.total()
        rate = images / max(now - self._begin, 1e-9)
        words = f"{images:,} images, {progress.images['failed']:,} failed, {rate:.1f} images/s, part {progress.parts:,}"
        if progress.before:
            words += f" ({progress.before:,} were there)"
        left = 0 if self._files is None else self._files - progress.files_before - progress.files
        if left > 0 and progress.files:
            words += f", about {_duration(left * (now - self._begin) / progress.files)} left"
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=words)
        elif now - self._told >= _EVERY:
            self._told = now
            sys.stderr.write(f"{words}\n")


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _say(progress: Progress, summary: Summary, page: Path) -> None:
    calls = ", ".join(f"{count:,} {name}" for name, count in summary.calls.items())
    typer.echo(
        f"{summary.images:,} images: {summary.outcomes.get('read', 0):,} read, {summary.outcomes.get('refused', 0):,} refused, "
        f"{summary.outcomes.get('failed', 0):,} failed; {progress.skipped:,} other files skipped in this run"
    )
    if calls:
        typer.echo(f"Calls: {calls}")
    if summary.divided:
        typer.echo(f"The images of {summary.divided:,} studies lie far from each other and were not read together.")
    typer.echo(f"Table: {page.parent}   Summary: {page}")
