"""A run's folder: what it holds and how it is written.

RUN/
  run.json              recipe, settings, seed, data, versions: all that is needed to resume or to repeat it
  split.json            which case is in which part
  phases/<name>/        last.ckpt to resume from, best.ckpt, done.json with the figures of the selected epoch
  weight_averaging.json figures of the averaged weights, where the recipe averages those of several phases
  logs/                 TensorBoard events and metrics.csv
  curves.svg, .png      loss, accuracy and learning rate over the epochs
  weights.safetensors   the final weights; they exist when the run is done
"""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from osteon.core.errors import DataError, RecipeError
from osteon.learning.recipe import Recipe
from osteon.learning.recipe.stored import current, current_settings
from osteon.learning.runs.overrides import snapshot
from osteon.learning.runs.write import write_json

LIBRARIES: Final = ("torch", "lightning", "timm", "onnxruntime", "numpy", "opencv-python-headless", "pillow")


@dataclass(frozen=True)
class Run:
    """A run's folder and what it was started with.

    Attributes:
        folder: RUN.
        recipe: with its settings applied.
        settings: the ``--set`` arguments, by key.
        seed: of the run.
        data: folder of the dataset.
        start: safetensors of a backbone, or the folder of a run, that it starts from; empty takes published weights.
        weights: where the backbone's weights came from, empty until it is known.
        teacher: predictions that it learns from besides labels; empty where there are none.
    """

    folder: Path
    recipe: Recipe
    settings: dict[str, str]
    seed: int
    data: str
    start: str = ""
    weights: str = ""
    teacher: str = ""

    @property
    def split_file(self) -> Path:
        """``split.json``."""
        return self.folder / "split.json"

    @property
    def weights_file(self) -> Path:
        """``weights.safetensors``; it exists when the run is done."""
        return self.folder / "weights.safetensors"

    @property
    def averaging_file(self) -> Path:
        """``weight_averaging.json``; runs of earlier versions have it under another name."""
        earlier = self.folder / "soup.json"
        return earlier if earlier.is_file() else self.folder / "weight_averaging.json"

    def kept(self) -> dict[str, Any]:
        """Figures of the final weights on the validation part."""
        if self.recipe.soup:
            return json.loads(self.averaging_file.read_text()) if self.averaging_file.is_file() else {}
        return self.phase_done(self.recipe.phases[-1].name) or {}

    def phase_folder(self, name: str) -> Path:
        """Checkpoints of a phase."""
        return self.folder / "phases" / name

    def phase_done(self, name: str) -> dict[str, Any] | None:
        """Figures of the epoch that a finished phase kept, or None while it is not finished."""
        path = self.phase_folder(name) / "done.json"
        return json.loads(path.read_text()) if path.is_file() else None

    def save(self) -> None:
        """Write ``run.json``.

        Raises:
            DataError: the run's folder cannot be made or written.
        """
        about = {
            "recipe": snapshot(self.recipe),
            "settings": self.settings,
            "seed": self.seed,
            "data": self.data,
            "start": self.start,
            "weights": self.weights,
            **({"teacher": self.teacher} if self.teacher else {}),
            "libraries": libraries(),
        }
        write_json(self.folder / "run.json", about)


def open_run(folder: Path) -> Run:
    """Read a run's folder.

    Raises:
        DataError: there is no run.
        RecipeError: the run was made by another version, whose recipes had other fields.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise DataError("this is not a run", expected=f"a folder with run.json, as osteon train makes it: {folder}")
    try:
        about = json.loads(path.read_text())
        recipe = TypeAdapter(Recipe).validate_python(current(about["recipe"]))
    except ValueError as error:
        raise RecipeError(
            f"the recipe in {path} has other fields than this version's", hint="Train it again."
        ) from error
    return Run(
        folder=folder,
        recipe=recipe,
        settings=current_settings(about["settings"]),
        seed=about["seed"],
        data=about["data"],
        start=about.get("start", ""),
        weights=about["weights"],
        teacher=about.get("teacher", ""),
    )


def libraries() -> dict[str, str]:
    """Versions of what trains and exports."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
