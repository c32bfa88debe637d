"""A decision fusion, made of the finished bundle of a classifier and the finished run of a detector."""

from __future__ import annotations

import json
from pathlib import Path

from osteon.bundle.archive import open_bundle
from osteon.core.errors import DataError
from osteon.learning.export_run import export_run
from osteon.learning.reproduce.jobs.outputs import options
from osteon.learning.reproduce.planning.plan import Work
from osteon.learning.runs.run import Run, open_run


def best_detector(work: Work) -> Run:
    """The run of a fusion's detectors that did best on the validation part.

    Raises:
        DataError: the classifier or a detector is not finished.
    """
    lacking = [folder.name for folder in work.members if not (folder / "done.json").is_file()]
    if lacking:
        raise DataError("a part of the fusion is not finished", expected="finished runs", got=", ".join(lacking))
    sign = 1 if work.recipe.selection.mode == "max" else -1

    def value(folder: Path) -> float:
        return sign * float(json.loads((folder / "done.json").read_text(encoding="utf-8"))["validation"])

    return open_run(max(work.members[1:], key=value) / "run")


def export_fusion(work: Work, detector: Run, destination: Path, command: str) -> None:
    """Write the bundle that holds the classifier and a detector; the fusion is fixed on the validation part.

    Args:
        work: the fusion.
        detector: its finished run.
        destination: file to write.
        command: that makes it, for the model card.

    Raises:
        DataError: they were trained with different splits.
    """
    classifier = open_bundle(str(work.members[0] / "bundle.osteon"))
    export_run(detector, destination, options(work, command), classifier)
