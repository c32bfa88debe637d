"""A bundle with the same networks and thresholds, whose indication and words are those of its recipe today.

Nothing is trained, calibrated or chosen: a revision may narrow what a bundle reads, never widen it. Its figures are left
out until ``osteon evaluate --card`` measures them for the new indication.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import own_sections, render_card
from osteon.bundle.manifest import Indication, Manifest, Provenance
from osteon.core.errors import BundleError
from osteon.core.labels import BodyPart
from osteon.learning.recipe import Indicated, Recipe

LIMITS: Final = "Limits"
AGAIN: Final = "How to make these figures again"

_SPLIT: Final = "split.json"
_TODAY: Final = (
    (re.compile(r"\bfilms\b"), "images"),
    (re.compile(r"\bfilm\b"), "image"),
    (re.compile(r"\btrunk\b"), "backbone"),
    (re.compile(r"\bfull and worn\b"), "the phases full and worn"),
)
"""Words of earlier versions in sentences on how networks were made."""


def joint_summary(summary: str) -> str:
    """The summary of a classifier's bundle, for one that also holds a detector."""
    return f"{summary.rstrip('.')}, beside a detector that draws a box round each."


def revise(
    bundle: Bundle, recipe: Recipe, destination: Path, *, version: str, created: str, commands: str = ""
) -> Bundle:
    """Write a bundle anew with today's indication and words of its recipe.

    Args:
        bundle: whose networks, calibration, thresholds and split are kept, byte for byte.
        recipe: that its classifier, or its only network, was trained with.
        destination: file to write.
        version: of the new bundle.
        created: UTC date, ISO 8601.
        commands: how to make the new bundle and its figures, Markdown; empty keeps what the old card says.

    Raises:
        BundleError: the bundle was not made with this recipe, has the new version already, or the recipe indicates more
            than the bundle does.
    """
    old = bundle.manifest
    if recipe.name not in old.provenance.recipe.split(" and "):
        raise BundleError(
            "a bundle is revised with the recipe that made it", expected=old.provenance.recipe, got=recipe.name
        )
    if version == old.version:
        raise BundleError("a revision needs a version of its own", expected="another than the bundle's", got=version)
    manifest = old.model_copy(
        update={
            "version": version,
            "created": created,
            "summary": joint_summary(recipe.summary) if old.graph and old.detector else recipe.summary,
            "indication": narrowed(old.indication, recipe.indicated),
            "training_data": _with_hash(old, bundle),
            "provenance": _reworded(old.provenance),
            "figures": {},
        }
    )
    kept = own_sections(bundle.card)
    sections = {
        LIMITS: "\n".join(f"- {line}" for line in recipe.indicated.limits),
        AGAIN: commands or kept.get(AGAIN, "Not stated."),
    }
    parts = {name: content for name, content in bundle.parts.items() if name != CARD}
    return write_bundle(destination, manifest, {**parts, CARD: render_card(manifest, sections).encode()})


def narrowed(old: Indication, indicated: Indicated) -> Indication:
    """The indication of a recipe, with the limit of novelty that was fixed on validation data.

    Raises:
        BundleError: it allows an image that the old one does not.
    """
    more = [part.value for part in BodyPart if part in indicated.body_parts and part not in old.body_parts]
    if more:
        raise BundleError(
            "a revision cannot indicate more than the bundle does",
            expected=", ".join(part.value for part in old.body_parts),
            got=f"also {', '.join(more)}",
        )
    limits = {
        "minimum_age": (indicated.minimum_age, old.minimum_age, indicated.minimum_age < old.minimum_age),
        "maximum_age": (indicated.maximum_age, old.maximum_age, indicated.maximum_age > old.maximum_age),
        "minimum_side": (indicated.minimum_side, old.minimum_side, indicated.minimum_side < old.minimum_side),
    }
    for name, (new, before, wider) in limits.items():
        if wider:
            raise BundleError(
                f"a revision cannot indicate more than the bundle does: {name}", expected=f"{before:g}", got=f"{new:g}"
            )
    return old.model_copy(
        update={
            "body_parts": indicated.body_parts,
            **{name: new for name, (new, _, _) in limits.items()},
            "intended_use": indicated.intended_use,
            "not_for": indicated.not_for,
        }
    )


def _with_hash(old: Manifest, bundle: Bundle) -> tuple[object, ...]:
    """The training data, with the hash of the split file that lies in the bundle."""
    split = bundle.parts.get(_SPLIT)
    if split is None:
        return old.training_data
    digest = hashlib.sha256(split).hexdigest()
    return tuple(data.model_copy(update={"split_sha256": digest}) for data in old.training_data)


def _reworded(provenance: Provenance) -> Provenance:
    """The provenance in today's words; no fact of it changes."""
    changed: dict[str, str] = {}
    for name in ("selection", "weights", "parity"):
        text: str = getattr(provenance, name)
        for pattern, word in _TODAY:
            text = pattern.sub(word, text)
        changed[name] = text
    return provenance.model_copy(update=changed)
