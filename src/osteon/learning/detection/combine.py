"""A bundle of two others: the classifier of one, and the detector of another as it is.

A better classifier needs no new detector. The detector's graph, confidences and thresholds of boxes stay as they are; what both
say of an image together is fixed anew on the validation part that they share.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import own_sections, render_card
from osteon.bundle.manifest import Detector, Manifest, Provenance
from osteon.bundle.reference import REFERENCE
from osteon.core.errors import BundleError
from osteon.data.splits.record import parse_split
from osteon.data.table.table import Table
from osteon.inference.networks.detect import BoxNetwork
from osteon.learning.bundling.assemble import SPLIT_PART
from osteon.learning.bundling.revise import AGAIN, joint_summary
from osteon.learning.detection.calibrate import Floats, best_confidence, classifier_probability, fit_fusion
from osteon.learning.detection.manifest import SCHEMA
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track
from osteon.learning.inputs.load_cases import cases_of
from osteon.learning.inputs.network_input import inputs_of
from osteon.learning.recipe import Recipe


def combine(
    classifier: Bundle,
    detector: Bundle,
    recipe: Recipe,
    table: Table,
    root: Path,
    destination: Path,
    *,
    version: str,
    created: str,
    track: Track,
    commands: str = "",
) -> Bundle:
    """Write a bundle with the classifier of one bundle and the detector of another.

    Args:
        classifier: without detector and gate.
        detector: with a detector, beside a classifier or not; what else it holds is left out.
        recipe: that its detector was trained with.
        table: the dataset of both.
        root: its folder.
        destination: file to write.
        version: of the new bundle.
        created: UTC date, ISO 8601.
        track: shows progress.
        commands: how to make the new bundle and its figures, Markdown; empty keeps what the classifier's card says.

    Raises:
        BundleError: the bundles are not such, have another split each, or the recipe is not the detector's.
        DataError: images of the validation part are missing, or the probabilities rank no better than chance.
        InputError: one of them cannot be read.
    """
    boxes = _checked(classifier, detector, recipe)
    val = parse_split(classifier.parts[SPLIT_PART], SPLIT_PART).parts["val"]
    cases = cases_of(table.select(val), root, recipe, "val")
    best = _best(detector, boxes, cases, recipe, track)
    fusion, image, _ = fit_fusion(cases.positive, classifier_probability(classifier, cases, track), best, recipe)
    old = classifier.manifest
    manifest = old.model_copy(
        update={
            "schema_version": max(SCHEMA, old.schema_version),
            "version": version,
            "created": created,
            "task": "classification and detection",
            "summary": joint_summary(old.summary),
            "detector": boxes,
            "fusion": fusion,
            "operating_points": image.points,
            "provenance": _joined(old.provenance, detector.manifest, recipe),
            "figures": {},
        }
    )
    manifest = Manifest.model_validate(manifest.model_dump())
    sections = own_sections(classifier.card)
    if commands:
        sections[AGAIN] = commands
    parts = {name: content for name, content in classifier.parts.items() if name not in (CARD, REFERENCE)}
    card = render_card(manifest, sections).encode()
    return write_bundle(destination, manifest, {**parts, boxes.file: detector.detector, CARD: card})


def _checked(classifier: Bundle, detector: Bundle, recipe: Recipe) -> Detector:
    """What the manifest says of the detector, of bundles that can be combined.

    Raises:
        BundleError: they cannot.
    """
    first, second = classifier.manifest, detector.manifest
    if first.graph is None or first.detector is not None or first.gate is not None:
        raise BundleError(
            f"{first.identity} cannot take a detector", expected="a classifier alone, without a gate", got=first.task
        )
    if second.detector is None:
        raise BundleError(f"{second.identity} has no detector", expected="a bundle with one", got=second.task)
    if recipe.name not in second.provenance.recipe.split(" and "):
        raise BundleError(
            "a detector is combined with the recipe that made it", expected=second.provenance.recipe, got=recipe.name
        )
    splits = [
        {part: set(names) for part, names in parse_split(one.parts[SPLIT_PART], SPLIT_PART).parts.items()}
        for one in (classifier, detector)
        if SPLIT_PART in one.parts
    ]
    if len(splits) < 2 or splits[0] != splits[1]:
        raise BundleError(
            f"{first.identity} and {second.identity} were not trained with the same split",
            expected="the same images for training, validation and test in both",
            got="other parts" if len(splits) == 2 else "a bundle without its split",
        )
    return second.detector


def _best(detector: Bundle, about: Detector, cases: Cases, recipe: Recipe, track: Track) -> Floats:
    """Confidence (N,) of the best box of a positive label in each image."""
    session = BoxNetwork(detector, threads=2)
    shown = replace(recipe, preprocessing=about.preprocessing)
    found = [one for values in inputs_of(cases, shown, track) for one in session.run(values)]
    positive = [index for index, label in enumerate(about.labels) if label.positive]
    return best_confidence(found, about.calibration, positive)


def _joined(classifier: Provenance, detector: Manifest, recipe: Recipe) -> Provenance:
    """Provenance of the classifier, and where the detector is from."""
    taken = f"the detector is that of {detector.identity}"
    return classifier.model_copy(
        update={
            "recipe": f"{classifier.recipe} and {recipe.name}",
            **{name: f"{getattr(classifier, name)}; {taken}" for name in ("selection", "weights", "parity")},
        }
    )
