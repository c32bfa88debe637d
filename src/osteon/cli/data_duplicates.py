"""``osteon data duplicates``: near duplicates among any number of images."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osteon.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Callable


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("duplicates")(duplicates)


def duplicates(
    sources: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Folders, files, zip and tar files, URLs: as osteon read.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Gets duplicates.parquet; goes on there.")],
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="Search inverted and mirrored copies too, for four times the disk.")
    ] = False,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Number of files decoded at once.")] = 2,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Work on the Ray cluster at this address; local starts one here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find near duplicates among any number of images: copies, rescaled and re-encoded ones, not crops."""
    from osteon.bulk.fingerprints import find_duplicates, fingerprint_unit, here
    from osteon.bulk.run import UNIT
    from osteon.bulk.sources.listing import units
    from osteon.cluster import Share, cluster, spread
    from osteon.data.duplicates.partitions import search

    folder = out.resolve()
    begin = told = monotonic()

    def tell(files: int) -> None:
        nonlocal told
        if monotonic() - told > 10:
            told = monotonic()
            sys.stderr.write(f"{files:,} files, {files / (told - begin):.1f} files/s\n")

    def on_cluster(do: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Iterator[Any]]:
        def each(tasks: Sequence[Any]) -> Iterator[Any]:
            for _, result in spread(do, tasks, Share(1, 0)):
                if isinstance(result, Exception):
                    raise result
                yield result

        return each

    make = partial(here, threads=threads) if ray is None else on_cluster(fingerprint_unit)
    searched = None if ray is None else on_cluster(search)
    with nullcontext() if ray is None else cluster(ray):
        found = find_duplicates(folder, units(sources, UNIT), make, searched, mirrored=mirrored, tell=tell)
    path = folder / "duplicates.parquet"
    if as_json:
        facts = {"images": found.images, "failed": found.failed, "pairs": found.pairs, "exact": found.exact}
        typer.echo(json.dumps(facts | {"table": str(path)}))
    else:
        typer.echo(
            f"{found.images:,} images compared, {found.failed:,} files could not be decoded: {found.pairs:,} pairs, "
            f"{found.exact:,} of them equal byte for byte"
        )
        typer.echo(f"Pairs: {path}")
