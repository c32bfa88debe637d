"""A bundle with a gate, made of one without: its networks answer as before, to the bit, and the gate refuses images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import own_sections, render_card
from osteon.bundle.manifest import GATED, Gate, GateLimit, Manifest
from osteon.core.errors import BundleError, OsteonError
from osteon.core.labels import BodyPart
from osteon.data.splits.record import parse_split
from osteon.data.table.table import Table
from osteon.learning.bundling.revise import AGAIN, LIMITS
from osteon.learning.gate.counterexamples.packages import PACKAGES, missing_packages
from osteon.learning.gate.features import OUTPUT, GateFeatures
from osteon.learning.gate.fit import GateFit
from osteon.learning.gate.graph import with_gate
from osteon.learning.gate.limits import COPIES_REFUSED, ORIGINALS_REFUSED, fitted
from osteon.learning.gate.measure import Measured, check_kinds, measure
from osteon.learning.gate.samples import ORIGINAL, Samples, collect
from osteon.learning.inputs.image_cache import Track
from osteon.learning.recipe import Recipe

OTHER_PARTS: Final = (
    BodyPart.HIP,
    BodyPart.PELVIS,
    BodyPart.SHOULDER,
    BodyPart.SPINE,
    BodyPart.CHEST,
    BodyPart.SKULL,
    BodyPart.ABDOMEN,
)
"""What the second output stands for: radiographs of hips and shoulders, and synthetic ones of the others."""

_SPLIT: Final = "split.json"
_DISTRIBUTIONS: Final = {"skimage": "scikit-image", "sklearn": "scikit-learn"}


@dataclass(frozen=True)
class Fitted:
    """A gate and what was measured of it.

    Attributes:
        fit: for the graph.
        measured: limits and figures.
        counts: images of each kind that it learnt from.
        originals: radiographs among them as they are, without copies.
        packages: versions of the packages whose images it learnt from.
    """

    fit: GateFit
    measured: Measured
    counts: dict[str, int]
    originals: int
    packages: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """For a file: limits, figures, counts, packages."""
        return {
            **self.measured.to_json(),
            "images": self.counts,
            "originals": self.originals,
            "packages": self.packages,
        }


def learnable(bundle: Bundle, table: Table) -> Table:
    """The rows of a dataset that the bundle's split has for training and validation.

    Raises:
        BundleError: the bundle holds no split.
        DataError: images of it are missing.
    """
    record = bundle.parts.get(_SPLIT)
    if record is None:
        raise BundleError(f"{bundle.manifest.identity} holds no split: its test images cannot be left out")
    parts = parse_split(record, _SPLIT).parts
    return table.select([*parts["train"], *parts["val"]])


def gather(bundle: Bundle, table: Table, root: Path, seed: int, threads: int, track: Track) -> Samples:
    """Make and embed all images that a gate is fitted to and measured on.

    Args:
        bundle: whose classifier the gate looks through.
        table: the whole dataset; test images of the bundle's split are left out.
        root: its folder.
        seed: of copies and synthetic images.
        threads: images made at once.
        track: shows progress.

    Raises:
        OsteonError: a package whose images are needed is not installed.
        BundleError, DataError, InputError: see ``learnable`` and ``collect``.
    """
    if absent := missing_packages():
        names = " ".join(_DISTRIBUTIONS.get(name, name) for name in absent)
        raise OsteonError(
            f"the gate learns from images of packages that are not installed: {names}", hint=f"pip install {names}"
        )
    return collect(GateFeatures(bundle), learnable(bundle, table), root, seed, threads, track)


def fit_and_measure(samples: Samples, limbs: Sequence[BodyPart], seed: int) -> Fitted:
    """Fit a gate to all images, with limits and figures from gates fitted to parts of them."""
    check_kinds(samples)
    kinds, counts = np.unique(samples.kind, return_counts=True)
    return Fitted(
        fitted(samples, limbs, np.ones(len(samples.kind), np.bool_)),
        measure(samples, limbs, seed),
        dict(zip(kinds.tolist(), counts.tolist(), strict=True)),
        int((samples.copy == ORIGINAL).sum()),
        _versions(),
    )


def add_gate(
    bundle: Bundle,
    gate: Fitted,
    recipe: Recipe,
    destination: Path,
    *,
    bundle_version: str,
    created: str,
    commands: str = "",
    unpublished: bool = False,
) -> Bundle:
    """Write a bundle with a gate.

    Args:
        bundle: whose networks, calibration, thresholds and split are kept.
        gate: fitted to its features.
        recipe: that made it, for the limits on its card.
        destination: file to write.
        bundle_version: of the new bundle.
        created: UTC date, ISO 8601.
        commands: how to make it, Markdown; empty keeps what the old card says.
        unpublished: whether nobody has the bundle without a gate yet, whose version the new one may then keep.

    Raises:
        BundleError: the bundle has that version already or another recipe, or the file cannot be written.
    """
    old = bundle.manifest
    if old.graph is None or recipe.name not in old.provenance.recipe.split(" and "):
        raise BundleError(
            "a gate is added with the recipe of the bundle", expected=old.provenance.recipe, got=recipe.name
        )
    if bundle_version == old.version and not unpublished:
        raise BundleError(
            "a bundle with a gate needs a version of its own", expected="another than the bundle's", got=old.version
        )
    manifest = old.model_copy(
        update={
            "schema_version": max(GATED, old.schema_version),
            "version": bundle_version,
            "created": created,
            "gate": described(gate),
            "figures": {},
        }
    )
    Manifest.model_validate(manifest.model_dump())
    kept = own_sections(bundle.card)
    sections = {
        LIMITS: "\n".join(f"- {line}" for line in recipe.indicated.limits),
        AGAIN: commands or kept.get(AGAIN, "Not stated."),
    }
    parts = {name: content for name, content in bundle.parts.items() if name != CARD}
    parts[old.graph.file] = with_gate(bundle.graph, gate.fit)
    return write_bundle(destination, manifest, {**parts, CARD: render_card(manifest, sections).encode()})


def described(gate: Fitted) -> Gate:
    """What the manifest says of a gate."""
    figures, limits = gate.measured.figures, gate.measured.limits
    rule = (
        f"lowest limit that refuses at most {ORIGINALS_REFUSED:.1%} of indicated radiographs and {COPIES_REFUSED:.0%} of their "
        "copies of each kind, out of fold on training and validation images"
    )
    real = sum(count for kind, count in gate.counts.items() if "(package)" in kind)
    copies = gate.counts["radiograph"] - gate.originals
    wrong = f"indicated, {ORIGINAL}"
    return Gate(
        output=OUTPUT,
        not_radiograph=GateLimit(
            maximum=limits[0],
            rule=f"{rule}; sensitivity for images of other modalities, each kind left out with its family",
            sensitivity=figures["other modalities, not a bone radiograph"].value,
            refused=figures[f"{wrong}, not a bone radiograph"].value,
        ),
        other_part=GateLimit(
            maximum=limits[1],
            rule=f"{rule}; sensitivity for hips, out of fold",
            sensitivity=figures["hip, another part"].value,
            refused=figures[f"{wrong}, another part"].value,
        ),
        other_parts=OTHER_PARTS,
        fitted_on=(
            f"{gate.originals:,} radiographs of the training and validation part, {copies:,} copies of them, "
            f"{sum(gate.counts.values()) - gate.originals - copies - real:,} images that were drawn, simulated or made of parts "
            f"of radiographs, and {real:,} images, most of them crops, that Python packages ship"
        ),
    )


def save(gate: Fitted, path: Path) -> None:
    """Write limits, figures, counts and versions as JSON."""
    path.write_text(json.dumps(gate.to_json(), indent=1, sort_keys=True) + "\n", "utf-8")


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        name = _DISTRIBUTIONS.get(package, package)
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
