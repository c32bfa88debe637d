"""Parts of a manifest that follow from a recipe and its run, whatever the network is."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np

import osteon
from osteon.bundle.manifest import CROPPED, CodedConcept, Indication, Label, Manifest, Provenance, TrainingData
from osteon.core.labels import FINDING_CODES
from osteon.data.datasets import find
from osteon.learning.bundling.calibration import ImageCalibration
from osteon.learning.bundling.options import Naming
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.recipe import Recipe
from osteon.learning.runs.run import Run, libraries


def manifest_of(
    run: Run, parts: Parts, naming: Naming, fixed: ImageCalibration, parity: str, **networks: Any
) -> Manifest:
    """A manifest without figures.

    Args:
        run: of the network.
        parts: its cases.
        naming: of the bundle.
        fixed: on validation images.
        parity: how well the graph agrees with PyTorch.
        networks: what the kind of network decides: schema, task, graph or detector.
    """
    recipe = run.recipe
    if recipe.preprocessing.crop is not None:
        networks["schema_version"] = max(CROPPED, networks["schema_version"])
    return Manifest(
        name=naming.name,
        version=naming.version,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        licence=naming.licence,
        summary=recipe.summary,
        labels=labels_of(recipe),
        preprocessing=recipe.preprocessing,
        calibration=fixed.calibration,
        operating_points=fixed.points,
        pooling="max",
        indication=indication_of(recipe, fixed.maximum_novelty),
        training_data=(training_data_of(run, parts),),
        provenance=provenance_of(run, parity),
        figures={},
        files={},
        **networks,
    )


def labels_of(recipe: Recipe) -> tuple[Label, ...]:
    """The labels of a recipe's task, with their codes."""
    return tuple(_label(label, positive=label in recipe.task.positive) for label in recipe.task.labels)


def indication_of(recipe: Recipe, maximum_novelty: float | None) -> Indication:
    """What a bundle of a recipe may read."""
    indicated = recipe.indicated
    return Indication(
        body_parts=indicated.body_parts,
        minimum_age=indicated.minimum_age,
        maximum_age=indicated.maximum_age,
        minimum_side=indicated.minimum_side,
        maximum_novelty=maximum_novelty,
        intended_use=indicated.intended_use,
        not_for=indicated.not_for,
    )


def training_data_of(run: Run, parts: Parts) -> TrainingData:
    """What a network was trained, selected and measured on."""
    card = find(run.recipe.dataset).card
    named = {"train": parts.train, "val": parts.val, "test": parts.test}
    return TrainingData(
        name=card.title,
        licence=card.licence,
        citation=card.citation,
        images={name: len(cases) for name, cases in named.items()},
        positives={name: int(np.sum(cases.positive)) for name, cases in named.items()},
        split=f"by {' and '.join(parts.split.group) or 'the publisher'}, stratified by "
        f"{', '.join(parts.split.stratify) or 'nothing'}, seed {parts.split.seed}",
        split_sha256=hashlib.sha256(run.split_file.read_bytes()).hexdigest(),
    )


def provenance_of(run: Run, parity: str) -> Provenance:
    """How a network came to be."""
    recipe, kept = run.recipe, run.kept()
    chosen = recipe.selection.metric
    return Provenance(
        recipe=recipe.name,
        settings=run.settings,
        seed=run.seed,
        epoch=int(kept.get("epoch", 0)),
        selection=f"{chosen} = {kept.get(chosen, float('nan')):.4f} on the validation part"
        + (f", weights of {' and '.join(recipe.soup)} averaged" if recipe.soup else ""),
        weights=run.weights,
        osteon=osteon.__version__,
        libraries=libraries(),
        parity=parity,
    )


def _label(name: str, *, positive: bool) -> Label:
    code = FINDING_CODES.get(name)
    coded = None if code is None else CodedConcept(value=code.value, meaning=code.meaning, scheme=code.scheme)
    return Label(name=name, code=coded, positive=positive)
