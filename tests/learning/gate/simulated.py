"""Synthetic samples of a gate, a gate fitted to them, and the shipped bundle without its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.core.labels import BodyPart
from osteon.learning.gate.build import Fitted, fit_and_measure
from osteon.learning.gate.copies import COPIES
from osteon.learning.gate.families import FAMILIES
from osteon.learning.gate.features import without_gate
from osteon.learning.gate.limits import fitted
from osteon.learning.gate.samples import JOINED, ORIGINAL, PHANTOM, RADIOGRAPH, TWICE, Samples

LIMBS: Final = (BodyPart.HAND, BodyPart.LEG)
PLAIN_FEATURES: Final = 944  # mean and spread of 120 + 352 channels


def samples_of(width: int, seed: int = 0) -> Samples:
    """Images of every kind: counterexamples lie on one side of the radiographs, other parts on another."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, str, int]] = []
    for number in range(90):
        part = ("hand", "leg", "hip", "shoulder", "")[number % 5]
        rows += [(RADIOGRAPH, copy, part, number // 3) for copy in (ORIGINAL, *COPIES, TWICE)]
        if part in ("hip", "shoulder"):
            rows.append((JOINED, "", part, number // 3))
    rows += [(kind, "", "", -1) for kinds in FAMILIES.values() for kind in kinds for _ in range(6)]
    rows += [(PHANTOM, "", "hand", -1)] * 12
    kind, copy, part, group = (np.array(column) for column in zip(*rows, strict=True))
    features = rng.normal(0, 1, (len(rows), width)).astype(np.float32)
    odd = ~np.isin(kind, (RADIOGRAPH, PHANTOM, JOINED))
    features[:, : width // 4] += 5 * odd[:, None]
    features[:, width // 4 : width // 2] += 5 * (np.isin(part, ("hip", "shoulder")) | (kind == "chest"))[:, None]
    return Samples(features, kind, copy, part, group)


def gate_of_the_shipped() -> Fitted:
    """Figures of a small gate, with a fit that has as many features as the shipped network gives."""
    small = fit_and_measure(samples_of(16), LIMBS, 0)
    wide = samples_of(PLAIN_FEATURES)
    return replace(small, fit=fitted(wide, LIMBS, np.ones(len(wide.kind), np.bool_)))


def without_its_gate(file: Path) -> Bundle:
    """Write the shipped bundle without its gate, as version 1.0.0."""
    bundle = open_bundle("fracatlas")
    manifest = bundle.manifest.model_copy(update={"schema_version": 2, "gate": None, "version": "1.0.0"})
    return write_bundle(file, manifest, {**bundle.parts, "model.onnx": without_gate(bundle.graph)})
