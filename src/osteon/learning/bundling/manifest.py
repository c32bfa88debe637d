"""Parts of a manifest that follow from a recipe and its run, whatever the network is."""

from __future__ import annotations

import numpy as np

import osteon
from osteon.bundle.manifest import CodedConcept, Indication, Label, Provenance, TrainingData
from osteon.core.calibration import Calibration
from osteon.core.labels import FINDING_CODES
from osteon.core.operating import OperatingPoint, OperatingPoints
from osteon.data.datasets import find
from osteon.learning.classification.calibrate import Fixed
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.recipe import Recipe
from osteon.learning.runs.run import Run, libraries


def unfixed() -> Fixed:
    """What stands in a manifest before anything is fixed on validation data."""
    point = OperatingPoint(threshold=0.5, rule="none yet", sensitivity=0.0, specificity=0.0)
    return Fixed(Calibration(temperature=1.0), OperatingPoints(doubt=point, definite=point), None)


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


def training_data_of(recipe: Recipe, parts: Parts) -> TrainingData:
    """What a network was trained, selected and measured on."""
    card = find(recipe.dataset).card
    named = {"train": parts.train, "val": parts.val, "test": parts.test}
    return TrainingData(
        name=card.title,
        licence=card.licence,
        citation=card.citation,
        images={name: len(cases) for name, cases in named.items()},
        positives={name: int(np.sum(cases.positive)) for name, cases in named.items()},
        split=f"by {' and '.join(parts.split.group) or 'the publisher'}, stratified by "
        f"{', '.join(parts.split.stratify) or 'nothing'}, seed {parts.split.seed}",
        split_sha256=parts.split.hash,
    )


def provenance_of(run: Run, proof: str) -> Provenance:
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
        parity=proof,
    )


def _label(name: str, *, positive: bool) -> Label:
    code = FINDING_CODES.get(name)
    coded = None if code is None else CodedConcept(value=code.value, meaning=code.meaning, scheme=code.scheme)
    return Label(name=name, code=coded, positive=positive)
