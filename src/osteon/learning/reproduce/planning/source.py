"""The data of a reproduction: a given folder, or phantoms that are simulated once."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from osteon.core.labels import View
from osteon.learning.recipe import Phantoms

RECORD: Final = "phantoms.json"
"""In the folder of the phantoms: what they were made with. It is written last."""

VIEWS: Final = (View.FRONTAL, View.LATERAL)

TABLES: Final = (".csv", ".json")
"""Files with annotations: their content counts, not only their size."""


@dataclass(frozen=True)
class Source:
    """Where the cases come from.

    Attributes:
        root: folder of the dataset.
        simulated: whether they are phantoms.
        digest: hash of the files.
        words: description for the report.
    """

    root: Path
    simulated: bool
    digest: str
    words: str


def given(root: Path) -> Source:
    """A dataset's folder; phantoms are recognised by their ``truth.json``, and marked as synthetic."""
    simulated = (root / "truth.json").is_file()
    words = f"{root.name}, phantoms" if simulated else root.name
    return Source(root, simulated, digest(root), words)


def phantoms(wanted: Phantoms, root: Path, workers: int, progress: Callable[[int, int], None] | None = None) -> Source:
    """Phantoms of a budget: simulated if they are missing, and again if they are others.

    Args:
        wanted: their description.
        root: their folder.
        workers: processes.
        progress: called with the number of cases done and of all.
    """
    from osteon.phantom.layouts import write
    from osteon.phantom.simulate import GENERATION

    record = root / RECORD
    made_with = {**asdict(wanted), "generation": GENERATION}
    if not (record.is_file() and json.loads(record.read_text(encoding="utf-8")) == made_with):
        if root.exists():
            shutil.rmtree(root)
        size, cases = wanted.size, wanted.cases
        write(wanted.kind, wanted.layout, cases, wanted.seed, root, size=size, workers=workers, progress=progress)
        hide(root, wanted.hidden)
        record.write_text(json.dumps(made_with), encoding="utf-8")
    words = f"{wanted.cases:,} phantoms ({wanted.kind}, {wanted.size} px, seed {wanted.seed})"
    if wanted.hidden:
        words += f", at least {wanted.hidden:.0%} of them visibly broken in one view only"
    return Source(root, simulated=True, digest=digest(root), words=words)


def hide(root: Path, share: float) -> None:
    """Make a share of the fractures visible in one view only: the other view is of the same limb without the fracture.

    The share holds in each class of each split. Either view is hidden in turn, but never the only one that shows the
    fracture: other bones may hide it in the other. Which cases these are is random, with the seed of the phantoms: no row or
    name predicts it. ``truth.json`` then says that the findings of that view are not visible.
    """
    from osteon.phantom.layouts.job import save_jpeg
    from osteon.phantom.simulate import build, shoot

    path = root / "truth.json"
    truth = json.loads(path.read_text(encoding="utf-8"))
    random = np.random.default_rng([int(truth["seed"]), 5])
    turn, hidden = 0.0, int(random.integers(2))
    for views in _strata(truth["images"], random):
        turn += share
        if turn < 1.0 or len(views) != 2:
            continue
        turn -= 1.0
        image, other = views[hidden % 2], views[1 - hidden % 2]
        if _visible(other):
            hidden += 1
        else:
            image = other
        kind, seed = str(image["kind"]), int(image["seed"])
        view = next(one for one in VIEWS if one.value == image["view"])
        phantom = shoot(build(kind, seed, "normal"), seed, view, int(truth["size"]))
        save_jpeg(phantom.pixels, root / str(image["image"]))
        image["findings"] = [{**finding, "visible": False} for finding in image["findings"]]
    path.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def _visible(image: dict[str, Any]) -> bool:
    return any(finding["visible"] for finding in image["findings"])


def _strata(images: list[dict[str, Any]], random: np.random.Generator) -> list[list[dict[str, Any]]]:
    """The images of each case: one split and class after the other, in a random order within them."""
    cases: dict[str, list[dict[str, Any]]] = {}
    for image in images:
        cases.setdefault(str(image["case"]), []).append(image)
    listed = list(cases.values())
    mixed = [listed[i] for i in random.permutation(len(listed))]
    return sorted(mixed, key=lambda views: (str(views[0]["split"]), str(views[0]["finding"])))


def digest(root: Path) -> str:
    """Hash of a folder: names and sizes of all files, and the content of its tables."""
    found = hashlib.sha256()
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        found.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\n".encode())
        if path.suffix.lower() in TABLES:
            found.update(path.read_bytes())
    return found.hexdigest()
