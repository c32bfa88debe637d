"""One run from the data to its figures: train, export, evaluate; what is done already is left as it is."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from osteon.bundle.archive import Bundle, open_bundle
from osteon.bundle.manifest import OperatingPoints
from osteon.core.errors import DataError
from osteon.evaluation.measure import Settings
from osteon.evaluation.output import write_evaluation
from osteon.evaluation.run import evaluate_table
from osteon.evaluation.story import bundle_story
from osteon.learning.batches import ValidationSet
from osteon.learning.canvases import canvases
from osteon.learning.distributed import in_turn, place
from osteon.learning.models import assembled, build
from osteon.learning.prepare import prepare_cases
from osteon.learning.release import Naming, export
from osteon.learning.reproduce.plan import Work
from osteon.learning.run import Run, open_run, write_json
from osteon.learning.soup import measured
from osteon.learning.train import Surroundings, begin, train
from osteon.learning.truth import with_truth

_log = logging.getLogger(__name__)


def untracked(items: Iterable[Any], _description: str, _total: int) -> Iterable[Any]:
    """The track that shows nothing."""
    return items


def reproduce_one(work: Work, threads: int, command: str) -> None:
    """Do a run, or what is left of it.

    In several processes that are ``distributed.joined``, all train, and the first exports and evaluates.

    Args:
        work: the run.
        threads: of PyTorch.
        command: that makes it, for the model card and the report.

    Raises:
        OsteonError: data, recipe or bundle are not as they must be.
    """
    if work.done.is_file():
        return
    seconds: dict[str, float] = {}
    clock = time.perf_counter()
    run = _trained(work, threads)
    seconds["train"] = time.perf_counter() - clock
    clock = time.perf_counter()
    bundle = in_turn(lambda: _exported(work, run, command))
    seconds["export"] = time.perf_counter() - clock
    clock = time.perf_counter()
    in_turn(lambda: _evaluate(work, run, bundle, command))
    seconds["evaluate"] = time.perf_counter() - clock
    if not place().first:
        return
    kept = run.kept()
    metric = run.recipe.selection.metric
    write_json(
        work.done,
        {
            "seconds": {name: round(value, 1) for name, value in seconds.items()},
            "selection": metric,
            "validation": kept.get(metric),
            "epoch": kept.get("epoch"),
            "weights": run.weights,
        },
    )


def _trained(work: Work, threads: int) -> Run:
    run = in_turn(lambda: _begun(work))
    if work.members:
        return in_turn(lambda: _joined(work, run))
    return train(run, Surroundings(cache=work.cache, track=untracked, progress=False, threads=threads))


def _begun(work: Work) -> Run:
    if (work.run / "run.json").is_file():
        # The folder's name vouches for the numbers; the recipe's words may have changed since.
        return open_run(work.run)
    return begin(work.recipe, work.settings, work.seed, work.data, work.run, resume=True)


def _joined(work: Work, run: Run) -> Run:
    """An ensemble of finished runs: it is not trained, and its figure on the validation part is measured."""
    if run.weights_file.is_file():
        return run
    parts = [open_run(folder / "run") for folder in work.members]
    lacking = [part.recipe.name for part in parts if not part.weights_file.is_file()]
    if lacking:
        raise DataError("a member of the ensemble is not trained", expected="finished runs", got=", ".join(lacking))
    shutil.copy(parts[0].split_file, run.split_file)
    run = replace(run, weights=f"the runs of {', '.join(part.recipe.name for part in parts)}, seed {work.seed}")
    run.save()
    recipe = run.recipe
    network = build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True)
    state = assembled([part.weights_file for part in parts])
    network.load_state_dict(state)
    network.eval()
    cases = prepare_cases(run).val
    cached = canvases(cases, recipe.preprocessing, work.cache, untracked)
    figures = measured(network, ValidationSet(cached.readable(cases), cached, recipe.preprocessing), recipe)
    phase = run.phase_folder(recipe.phases[-1].name)
    phase.mkdir(parents=True, exist_ok=True)
    write_json(phase / "done.json", {"epoch": 0, recipe.selection.metric: figures[recipe.selection.metric]})
    draft = run.weights_file.with_suffix(".part")
    save_file({name: value.contiguous() for name, value in state.items()}, draft)
    draft.replace(run.weights_file)
    return run


def _exported(work: Work, run: Run, command: str) -> Bundle:
    if not work.bundle.is_file():
        draft = work.folder / "draft.osteon"
        name = f"{work.recipe.name}-{work.seed}".replace("/", "-").replace("_", "-").lower()
        # A paper's network that learnt nothing has a figure, too.
        export(run, draft, Naming(name, "0.0.1", "Apache-2.0", command), work.cache, untracked, anyhow=True)
        draft.replace(work.bundle)
    return open_bundle(str(work.bundle))


def _evaluate(work: Work, run: Run, bundle: Bundle, command: str) -> None:
    if work.evaluation.is_dir():
        return
    parts = prepare_cases(run)
    table, label = with_truth(parts.table.select(parts.test.images), work.recipe)
    asked = answering(bundle)
    settings = Settings(resamples=work.resamples)
    found = evaluate_table(asked, table, parts.test.root, label, settings=settings)
    story = bundle_story(asked, table, parts.test.root, found, part="part 'test' of its split", command=command)
    draft = work.folder / "evaluation.part"
    if draft.exists():
        shutil.rmtree(draft)
    write_evaluation(found, story, draft)
    draft.rename(work.evaluation)


def answering(bundle: Bundle) -> Bundle:
    """The bundle as papers measure it: one that names a site and may keep silent is made to answer every case."""
    if not bundle.manifest.presumes:
        return bundle
    points = bundle.manifest.operating_points
    told = OperatingPoints(doubt=points.doubt.model_copy(update={"threshold": 0.0}), definite=points.definite)
    return replace(bundle, manifest=bundle.manifest.model_copy(update={"operating_points": told}))


def log_to(path: Path) -> None:
    """Send what libraries say and warn of to a file, and nothing to the console."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    for handler in [*root.handlers]:
        root.removeHandler(handler)
        handler.close()
    written = logging.FileHandler(path, encoding="utf-8")
    written.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root.addHandler(written)
    for name in [*root.manager.loggerDict]:
        said = logging.getLogger(name)
        said.handlers.clear()
        said.propagate = True
