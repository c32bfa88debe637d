"""Where the files of a command are worked on: in threads here, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.core.each import Each

Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Work on the Ray cluster at this address, whose machines see the files at the same paths; local starts one here.",
    ),
]


@contextmanager
def spread(
    ray: str | None, threads: int, piece: int, read: Sequence[Path], written: Path | None = None
) -> Generator[Each]:
    """How functions are called for many files within the block.

    Args:
        ray: address of a cluster; None works here.
        threads: that work here.
        piece: files of one task on a cluster.
        read: folders or files that all machines must see.
        written: folder that results go to, which they must see too.

    Raises:
        OsteonError: there is no such cluster, or one of its machines does not see them.
    """
    from osteon.core.each import InThreads

    if ray is None:
        yield InThreads(threads)
        return
    from osteon.cluster import Everywhere, check_shared, cluster

    folders = [path.resolve() for path in ([] if written is None else [written]) + [*read]]
    with cluster(ray):
        check_shared(folders, written=written is not None)
        yield Everywhere(piece)
