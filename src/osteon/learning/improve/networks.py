"""The networks of a round: their recipes, what they start from, their training, and the candidate's bundle."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.bundle.catalogue import SUFFIX
from osteon.bundle.promotion.plan import PLAN, Plan
from osteon.core.errors import BundleError, DataError, RecipeError
from osteon.data.files.atomic import replacing
from osteon.data.splits.record import load_split
from osteon.data.table.table import Table
from osteon.evaluation.inference.overlap import DIGITS, PART, SIGNATURES
from osteon.evaluation.report.looks import Look
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.export_run import export_run
from osteon.learning.improve.graph_weights import BACKBONE, take_back
from osteon.learning.improve.request import Request
from osteon.learning.inputs.load_cases import cases_of
from osteon.learning.inputs.network_input import input_of
from osteon.learning.models.backbones.pretrained import SOURCE
from osteon.learning.recipe import Recipe
from osteon.learning.recipes import find
from osteon.learning.recipes.own import budget_settings
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run, open_run
from osteon.learning.strategies import network_of
from osteon.learning.train import TrainerOptions, train

_log = logging.getLogger(__name__)

INPUTS: Final = 32
"""Images by which the statistics of norms are found where weights are taken back from a graph."""

FULL: Final = "full"


def recipes_of(request: Request, live: Bundle, grouped: tuple[str, ...]) -> list[tuple[Recipe, list[str]]]:
    """The recipe of each network of the candidate, a classifier's before a detector's, and what was set in it.

    Args:
        request: of the round.
        live: whose recipe is taken where the request names neither runs nor a recipe.
        grouped: columns that the round's split keeps together.

    Raises:
        RecipeError: the recipe is not known here.
    """
    if request.runs:
        runs = [_run(name) for name in request.runs]
        chosen = [(run.recipe, [f"{key}={value}" for key, value in run.settings.items()], run.recipe) for run in runs]
    else:
        names = [request.recipe] if request.recipe else live.manifest.provenance.recipe.split(" and ")
        own = [f"{key}={value}" for key, value in live.manifest.provenance.settings.items()]
        # Of a bundle with two networks the settings are not told apart.
        given = own if len(names) == 1 and not request.recipe else []
        chosen = [(_known(name), given, apply(_known(name), given)) for name in names]
    indicated = live.manifest.indication
    data = [
        "dataset=listed",
        f"split.group={','.join(grouped)}",
        "split.stratify=",
        # A candidate reads what the live bundle reads: who reads more decides that for themselves.
        f"indicated.body_parts={','.join(indicated.body_parts)}",
        f"indicated.minimum_age={indicated.minimum_age:g}",
        f"indicated.maximum_age={indicated.maximum_age:g}",
        f"indicated.minimum_side={indicated.minimum_side}",
    ]
    made: list[tuple[Recipe, list[str]]] = []
    for base, given, applied in chosen:
        budget = [] if request.budget == FULL else budget_settings(base, request.budget)
        further = [*budget, *data, *request.settings]
        made.append((apply(applied, further), [*given, *further]))
    return sorted(made, key=lambda one: one[0].detection is not None)


def _known(name: str) -> Recipe:
    try:
        return find(name)
    except RecipeError as error:
        raise RecipeError(
            error.problem,
            expected=error.expected,
            got=error.got,
            hint="Name a recipe with --recipe, or the run with --run.",
        ) from error


def _run(folder: str) -> Run:
    return open_run(Path(folder))


def run_folder(folder: Path, recipe: Recipe) -> Path:
    """Where the run of a network lies."""
    return folder / ("run" if recipe.detection is None else "run-detector")


def start_file(folder: Path, recipe: Recipe) -> Path:
    """Where the weights lie that a network starts from."""
    return folder / ("start.safetensors" if recipe.detection is None else "start-detector.safetensors")


def prepare_start(folder: Path, request: Request, live: Bundle, recipe: Recipe, table: Table) -> dict[str, Any]:
    """Write the weights that a network starts from: of its run, or taken back from the live bundle's graph.

    Returns:
        ``from``, a key of ``osteon.core.wording.promotion.STARTS``; how many weights the graph does not have and the first of
        them; of a classifier the largest difference of its logits to those of the live bundle.
    """
    for name in request.runs:
        run = _run(name)
        if (run.recipe.detection is None) == (recipe.detection is None):
            _write(start_file(folder, recipe), load_file(run.weights_file), f"a network of {run.recipe.name}")
            return {"from": "run"}
    graph = _graph(live, recipe)
    if graph is None:
        return {"from": "recipe", "missing": 0}
    network = network_of(recipe, empty=True)
    inputs = _inputs(table, folder / "dataset", recipe)
    found = take_back(graph, network, inputs)
    about: dict[str, Any] = {"missing": len(found.missing), "first_missing": next(iter(found.missing), "")}
    if not found.part:
        return {"from": "recipe", **about}
    state = network.state_dict()
    if found.part == "backbone":
        state = {name.removeprefix(BACKBONE): value for name, value in state.items() if name.startswith(BACKBONE)}
    elif recipe.detection is None:
        about["difference"] = _difference(graph, network, inputs)
    identity = live.manifest.identity
    _write(start_file(folder, recipe), state, f"the {found.part} of {identity}, taken back from its graph")
    return {"from": f"{'integer ' if found.quantised else ''}graph {found.part}", **about}


def _graph(live: Bundle, recipe: Recipe) -> bytes | None:
    manifest = live.manifest
    if recipe.detection is None:
        return None if manifest.graph is None else live.graph
    return None if manifest.detector is None else live.detector


def _inputs(table: Table, root: Path, recipe: Recipe) -> NDArray[np.float32]:
    """Inputs of some training images, evenly spread: (N, C, H, W), or (N, V, C, H, W)."""
    cases = cases_of(table.select(load_split(root / "split.json").parts["train"]), root, recipe, "train")
    rows = np.unique(np.linspace(0, len(cases) - 1, INPUTS).astype(int))
    return np.concatenate([input_of(cases, cases.views[row], recipe) for row in rows])


def _difference(graph: bytes, network: Any, inputs: NDArray[np.float32]) -> float:
    """Largest difference of logits of network and graph."""
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    expected = np.concatenate([np.asarray(session.run(["logits"], {"image": one[None]})[0]) for one in inputs])
    with torch.inference_mode():
        got = network.eval()(torch.from_numpy(inputs)).logits.numpy()
    return float(np.abs(expected - got).max())


def _write(path: Path, state: Mapping[str, torch.Tensor], source: str) -> None:
    content = save({name: value.contiguous() for name, value in state.items()}, metadata={SOURCE: source})
    with replacing(path) as new:
        new.write_bytes(content)


def train_network(folder: Path, request: Request, recipe: Recipe, settings: list[str], options: TrainerOptions) -> Run:
    """Train a network of the round; one that was interrupted is continued."""
    out, data = run_folder(folder, recipe), folder / "dataset"
    if (out / "run.json").is_file() and not (out / "split.json").is_file():
        shutil.rmtree(out)  # the process ended while the run was begun
    start = start_file(folder, recipe)
    run = begin(
        recipe,
        settings,
        request.seed,
        data,
        out,
        resume=True,
        start=start if start.is_file() else None,
        split=data / "split.json",
    )
    return train(run, options)


def export_candidate(
    folder: Path,
    live: Bundle,
    plan: Plan,
    version: str,
    recipes: list[Recipe],
    sources: Mapping[str, str],
    options: TrainerOptions,
    look: Look,
) -> Bundle:
    """Make the candidate's bundle: its networks, the plan, and the list of all that it or the live bundle ever trained on.

    Args:
        folder: of the round.
        live: that it is to replace.
        plan: that was fixed before.
        version: of the candidate.
        recipes: of its networks.
        sources: SHA-256 of the files of the store that images were made from, which are as well trained on.
        options: of the training, for cache and progress.
        look: how its measurement on the test part is entered in the ledger.
    """
    manifest = live.manifest
    integers = any(b"DequantizeLinear" in content for name, content in live.parts.items() if name.endswith(".onnx"))
    naming = Naming(manifest.name, version, manifest.licence, "osteon improve")
    draft: Bundle | None = None
    for recipe in recipes:
        path = folder / f".{'classifier' if recipe.detection is None else 'candidate'}{SUFFIX}"
        exporting = ExportOptions(naming, options.cache, options.track, int8=integers, look=look)
        draft = _exported(open_run(run_folder(folder, recipe)), path, exporting, draft)
        path.unlink()
    if draft is None:
        raise DataError("there is no network to export")
    parts = {name: content for name, content in draft.parts.items() if name in draft.manifest.files}
    parts[PLAN] = plan.content()
    known = {digest[:DIGITS] for digest in sources.values()}
    for name, further in ((PART, known), (SIGNATURES, set[str]())):
        lines = {
            *parts.get(name, b"").decode("ascii").split(),
            *live.parts.get(name, b"").decode("ascii").split(),
            *further,
        }
        parts[name] = ("\n".join(sorted(lines)) + "\n").encode()
    return write_bundle(folder / f"{manifest.name}{SUFFIX}", draft.manifest, parts)


def _exported(run: Run, path: Path, options: ExportOptions, classifier: Bundle | None) -> Bundle:
    """A bundle of a run; in floating point where integers cost it too much, which its time then says."""
    try:
        return export_run(run, path, options, classifier)
    except BundleError as error:
        if not options.int8:
            raise
        _log.warning("%s is exported in floating point: %s", run.recipe.name, error.problem)
        return export_run(run, path, replace(options, int8=False), classifier)


def began(folder: Path, recipes: list[Recipe]) -> datetime:
    """When the training of the first network began."""
    times = [(run_folder(folder, recipe) / "split.json").stat().st_mtime for recipe in recipes]
    return datetime.fromtimestamp(min(times), UTC)


def reopened(folder: Path, name: str) -> Bundle:
    """The candidate."""
    return open_bundle(folder / f"{name}{SUFFIX}")
