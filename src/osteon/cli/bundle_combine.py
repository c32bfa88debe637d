"""``osteon bundle combine``: the classifier of one bundle beside the detector of another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from osteon.cli.new_bundle import Commands, Created, New, Version, date_of, tell, text_of
from osteon.cli.options import BundleOrFile, Quiet

EXAMPLES: Final = """
[bold]Example[/bold]

  osteon bundle combine classifier/fracatlas.osteon fracatlas new/fracatlas.osteon --recipe fracatlas/detector \\
      --data FracAtlas --version 2.0.0
"""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("combine", epilog=EXAMPLES)(combine)


def combine(
    classifier: BundleOrFile,
    detector: Annotated[str, typer.Argument(metavar="DETECTOR", help="Bundle with a detector, shipped or a file.")],
    new: New,
    recipe: Annotated[str, typer.Option("--recipe", metavar="NAME", help="Recipe that the detector was trained with.")],
    data: Annotated[
        Path, typer.Option("--data", metavar="FOLDER", help="The dataset of both.", exists=True, file_okay=False)
    ],
    version: Version,
    created: Created = None,
    commands: Commands = None,
    quiet: Quiet = False,
) -> None:
    """Write a bundle with the classifier of one bundle and the detector of another, both as they are.

    Both must have been trained with the same split. What they say of an image together is fixed on its validation part. A gate is
    left out, since it looks through the classifier: `osteon bundle gate` fits one. The new bundle has no figures until
    `osteon evaluate --card` adds them.
    """
    from osteon.bundle.archive import open_bundle
    from osteon.cli.learning import track, with_learning

    with with_learning():
        from osteon.data.datasets import read
        from osteon.learning.detection.combine import combine as combined
        from osteon.learning.recipes import find

        used = find(recipe)
        made = combined(
            open_bundle(classifier),
            open_bundle(detector),
            used,
            read(used.dataset, data),
            data,
            new,
            version=version,
            created=date_of(created),
            track=track(quiet=quiet),
            commands=text_of(commands),
        )
    tell(new, made)
