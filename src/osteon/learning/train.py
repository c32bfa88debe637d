"""``osteon train``: a recipe, a dataset's folder and a folder for the run."""

from __future__ import annotations

import logging
import time
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    LearningRateMonitor,
    ModelCheckpoint,
    RichProgressBar,
)
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from safetensors.torch import load_file

from osteon.core.errors import DataError
from osteon.core.wording.faults import fault_counts
from osteon.data.files.atomic import unwritten
from osteon.learning.classification.weight_averaging import averaged
from osteon.learning.compute.depthwise import with_quick_gradients
from osteon.learning.compute.distributed import check_shared, in_turn, place, wait
from osteon.learning.compute.fake_quant import fake_quantised
from osteon.learning.compute.parallel import parallel, synchronised
from osteon.learning.inputs.canvas import cache_preprocessing, phase_preprocessing
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.coverage import check_coverage, warn_unnamed
from osteon.learning.inputs.image_cache import Canvases, Track, canvases
from osteon.learning.inputs.load_cases import Parts, prepare_cases
from osteon.learning.inputs.teacher import taught
from osteon.learning.pretraining.simclr import pretrain
from osteon.learning.recipe import Phase, Recipe
from osteon.learning.runs.checkpoints import LAST, to_resume
from osteon.learning.runs.run import Run, open_run
from osteon.learning.runs.write import RESUME, write_json, write_weights
from osteon.learning.strategies import Part, TaskStrategy, network_of, strategy_of
from osteon.learning.training.curves import write_curves
from osteon.learning.training.moving_average import MovingAverage

_log = logging.getLogger(__name__)

DRAWN_EVERY: Final = 60.0
"""Seconds after which curves are drawn at the end of a phase that is not the last: drawing may take longer than a short one."""


@dataclass(frozen=True)
class TrainerOptions:
    """How training is run; none of it changes the result.

    Attributes:
        cache: folder of decoded images.
        track: shows progress of decoding.
        progress: whether to show progress of training.
        threads: of PyTorch; None leaves its choice.
        callbacks: of Lightning, for every phase.
        traces: whether checkpoints to resume from, logs and curves are written; without them an interrupted phase starts again.
    """

    cache: Path
    track: Track
    progress: bool
    threads: int | None = None
    callbacks: tuple[Callback, ...] = ()
    traces: bool = True


def train(run: Run, options: TrainerOptions) -> Run:
    """Train a run to its end; one that was interrupted is continued.

    Called in several processes that are ``distributed.joined``, they train it together; the first of them writes.

    Args:
        run: to train.
        options: of the training.

    Returns:
        The run, with ``weights.safetensors`` written.

    Raises:
        DataError: the data cannot be read or split.
        OsteonError: the run's folder is not the same for all processes.
    """
    check_shared(run.folder)
    if run.weights_file.is_file():
        if open_run(run.folder).data != run.data:
            in_turn(lambda: prepare_cases(run))  # other data are refused
        return run
    if options.threads:
        torch.set_num_threads(options.threads)
    parts = in_turn(lambda: _checked(run))
    if run.teacher:
        parts = parts._replace(train=taught(parts.train, run.recipe, Path(run.teacher)))
    recipe = run.recipe
    start = Path(run.start) if run.start else None
    if recipe.pretraining:
        start = in_turn(lambda: pretrain(run, parts, options.cache, options.track))
    lightning.seed_everything(run.seed, workers=True, verbose=False)
    network = network_of(recipe, start=start)
    run = replace(run, weights=network.weights_source)
    if place().first:
        run.save()
    if not network.pretrained:
        _log.warning("the network starts from %s; all its layers are trained in every phase", network.weights_source)
    data = in_turn(lambda: _decoded(parts, recipe, options), on_each_node=True)
    network = synchronised(network)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - a keyword of Module.to
    with_quick_gradients(network)
    strategy = strategy_of(recipe, network, *data)
    drawn = time.monotonic()
    for index, phase in enumerate(recipe.phases):
        if run.phase_done(phase.name) is None:
            if phase.start is not None:
                network.load_state_dict(load_file(run.phase_folder(phase.start) / "best.safetensors"))
            _train_phase(run, strategy, index, phase, options)
            if options.traces and place().first and time.monotonic() - drawn > DRAWN_EVERY:
                write_curves(run)
                drawn = time.monotonic()
        network.load_state_dict(load_file(run.phase_folder(phase.name) / "best.safetensors"))
    if place().first:
        if options.traces:
            write_curves(run)
        if recipe.soup:
            network.load_state_dict(averaged([run.phase_folder(name) / "best.safetensors" for name in recipe.soup]))
            write_json(run.averaging_file, strategy.figures())
        # Written last and in one step: where this file exists the run is done.
        write_weights(network.state_dict(), run.weights_file)
    wait()
    return run


def _checked(run: Run) -> Parts:
    """The cases of a run, once it is known that they hold what the recipe needs."""
    parts = prepare_cases(run)
    check_coverage(parts.train, parts.val, parts.test, run.recipe)
    warn_unnamed(parts.table, run.recipe)
    return parts


def _decoded(parts: Parts, recipe: Recipe, options: TrainerOptions) -> tuple[Part, Part]:
    """The images of the training part on their square canvas, those of the validation part on the network's own."""
    square = cache_preprocessing(recipe)
    train = _readable(parts.train, canvases(parts.train, square, options.cache, options.track))
    val = _readable(parts.val, canvases(parts.val, recipe.preprocessing, options.cache, options.track))
    if train[1].faults or val[1].faults:
        check_coverage(train[0], val[0], parts.test, recipe)
    return train, val


def _readable(cases: Cases, decoded: Canvases) -> tuple[Cases, Canvases]:
    """Leave out what could not be read, with a warning."""
    if not decoded.faults:
        return cases, decoded
    causes = fault_counts(decoded.faults.values())
    _log.warning(
        "%d of %d images cannot be read; their cases are left out (%s)", len(decoded.faults), len(cases.images), causes
    )
    left = decoded.readable(cases)
    if not len(left):
        raise DataError("no image of a part can be read", got=causes)
    return left, decoded


def _train_phase(
    run: Run,
    strategy: TaskStrategy,
    index: int,
    phase: Phase,
    options: TrainerOptions,
) -> None:
    recipe, folder = run.recipe, run.phase_folder(phase.name)
    strategy.network.freeze(phase.trainable)
    module = strategy.module(recipe, index, run.seed)
    chosen = recipe.selection
    best = ModelCheckpoint(
        folder,
        "best",
        monitor=chosen.metric if chosen.keep == "best" else None,  # without a figure the newest is kept
        mode=chosen.mode if chosen.keep == "best" else "max",  # of no use, but it tells this callback from the next
        save_weights_only=True,
        enable_version_counter=False,
    )
    last = ModelCheckpoint(
        folder, Path(LAST).stem, save_top_k=1, monitor=None, every_n_epochs=1, enable_version_counter=False
    )
    traced: list[Callback] = [last, LearningRateMonitor(logging_interval="epoch")] if options.traces else []
    callbacks: list[Callback] = [best, *traced, *options.callbacks]
    if chosen.patience is not None:
        callbacks.append(EarlyStopping(chosen.metric, patience=chosen.patience, mode=chosen.mode))
    if recipe.averaging is not None:
        callbacks.append(MovingAverage(recipe.averaging))
    if options.progress:
        callbacks.append(RichProgressBar(leave=True))
    loggers: list[Logger] = []
    if options.traces:
        loggers = [
            TensorBoardLogger(run.folder / "logs", name="tensorboard", version=phase.name),
            CSVLogger(run.folder / "logs", name="csv", version=_attempt(run.folder / "logs" / "csv", phase.name)),
        ]
    preprocessing, augmentation = phase_preprocessing(recipe, phase), phase.augmentation or recipe.augmentation
    batches = strategy.training(preprocessing, augmentation, run.seed, index)
    trainer = lightning.Trainer(
        **parallel(recipe),
        precision=recipe.precision,
        max_epochs=phase.epochs,
        gradient_clip_val=recipe.optimizer.clip,
        gradient_clip_algorithm=recipe.optimizer.clip_by,
        logger=loggers or False,
        callbacks=callbacks,
        enable_progress_bar=options.progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=min(50, len(batches)),
        default_root_dir=run.folder,
    )
    resume = to_resume(folder)
    quantisation = fake_quantised(strategy.network) if phase.int8 else nullcontext()
    with warnings.catch_warnings(), quantisation:
        # Images are decoded in memory: workers would only take CPU time from the network.
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        # Layers that are frozen in a phase keep their statistics.
        warnings.filterwarnings("ignore", message=".*module.s. in eval mode at the start of training.*")
        # It does where a run is continued.
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty.*")
        # The strides of 1 x 1 convolutions are ambiguous; the gradients are the same.
        warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides.*")
        try:
            trainer.fit(module, batches, strategy.validation(recipe.sampling.batch_size), ckpt_path=resume)
        except OSError as error:  # Lightning writes logs beside the checkpoints
            raise unwritten(run.folder / "logs" / phase.name, error, RESUME) from error
    if trainer.interrupted:
        raise KeyboardInterrupt
    if place().first:
        score = best.best_model_score if chosen.keep == "best" else trainer.callback_metrics[chosen.metric]
        _keep(run, phase, score, trainer.current_epoch)
    wait()


def _keep(run: Run, phase: Phase, score: Any, epochs: int) -> None:
    """Write the weights of the selected epoch, and then its figures."""
    folder, chosen = run.phase_folder(phase.name), run.recipe.selection
    kept = torch.load(folder / "best.ckpt", weights_only=True, map_location="cpu")
    state = {name.removeprefix("network."): value for name, value in kept["state_dict"].items()}
    write_weights(state, folder / "best.safetensors")
    write_json(folder / "done.json", {"epoch": kept["epoch"], chosen.metric: float(score), "epochs": epochs})


def _attempt(folder: Path, phase: str) -> str:
    """A folder for the metrics of an attempt at a phase: the logger would empty that of the attempt before."""
    names = [phase, *(f"{phase}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (folder / name).exists())
