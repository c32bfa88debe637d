"""Which head, on which layers, tells bone radiographs from other images: what the gate of ``fracatlas`` was chosen from.

    python benchmarks/gate_heads.py FRACATLAS [--every 3] [--drawn 60] [--out FILE]

FOLDER is the root of FracAtlas; the packages of the dependency group ``gate`` must be installed. Every head is fitted without
a fold of the radiographs (by run of numbers) and without a family of counterexamples, its limit is the lowest at which 0.3 %
of the other fold's hands and legs and 1 % of their copies of each kind are refused, and what is printed is the share of the
family that lies above, averaged over kinds, and the worst kinds. No test image is looked at.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import open_bundle
from osteon.core.labels import BodyPart
from osteon.data.datasets import read
from osteon.learning.gate import fit
from osteon.learning.gate.build import learnable
from osteon.learning.gate.families import FAMILIES, family_of, odd_weights
from osteon.learning.gate.features import GateFeatures
from osteon.learning.gate.limits import FOLDS, folds_of, limit_of
from osteon.learning.gate.samples import PHANTOM, RADIOGRAPH, Samples, collect

TAPS = ("to_16.3.0.conv_pw", "to_32.5.0.conv_pw", "to_32.6.0.conv_pw", "lateral_32.0", "local")
WIDTHS = (32, 96, 160, 320, 256)
LAYERS = ("stride 8", "stride 16", "stride 32", "last of the backbone", "fused")
LIMBS = (BodyPart.HAND, BodyPart.LEG)

Head = Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]], NDArray[np.float32]]
"""Features, weights of counterexamples, accepted radiographs, those that give the scale; to scores of all images."""


def columns(*layers: str, spread: bool = True) -> NDArray[np.intp]:
    """The features of some layers."""
    starts = 2 * np.concatenate([[0], np.cumsum(WIDTHS)])
    chosen = [
        np.arange(starts[place], starts[place] + WIDTHS[place] * (2 if spread else 1))
        for place, name in enumerate(LAYERS)
        if name in layers
    ]
    return np.concatenate(chosen).astype(np.intp)


def gate(
    values: NDArray[np.float32],
    odd: NDArray[np.float32],
    accepted: NDArray[np.bool_],
    scale: NDArray[np.bool_],
) -> tuple[fit.GateFit, NDArray[np.float32]]:
    """The regression with the distance, and the distance of each image."""
    found = fit.fit_gate(values, scale, odd, odd, accepted, accepted)
    return found, found.distance(found.standardised(values))


def shipped(*inputs: Any) -> NDArray[np.float32]:
    """Regression with the distance."""
    return gate(*inputs)[0].scores(inputs[0])[:, 0]


def plain(*inputs: Any) -> NDArray[np.float32]:
    """Regression without the distance: the second output of a gate that is fitted to the same."""
    return gate(*inputs)[0].scores(inputs[0])[:, 1]


def distance(*inputs: Any) -> NDArray[np.float32]:
    """Mahalanobis distance alone; it learns from no counterexample."""
    return gate(*inputs)[1]


def nearest(
    values: NDArray[np.float32],
    _odd: NDArray[np.float32],
    _accepted: NDArray[np.bool_],
    scale: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Distance to the tenth nearest radiograph, features of length 1; it learns from no counterexample."""
    from sklearn.neighbors import NearestNeighbors

    mean, spread = values[scale].mean(0), values[scale].std(0) + 1e-3
    unit = np.clip((values - mean) / spread, -8, 8)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True) + 1e-6
    found = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(unit[scale][::3])
    return found.kneighbors(unit)[0][:, -1].astype(np.float32)


def perceptron(
    values: NDArray[np.float32],
    odd: NDArray[np.float32],
    accepted: NDArray[np.bool_],
    scale: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """One hidden layer of 32."""
    from sklearn.neural_network import MLPClassifier

    mean, spread = values[scale].mean(0), values[scale].std(0) + 1e-3
    standard = np.clip((values - mean) / spread, -8, 8)
    rows = (odd > 0) | accepted
    network = MLPClassifier((32,), alpha=1e-2, max_iter=12, random_state=0, n_iter_no_change=12, tol=0)
    network.fit(standard[rows], odd[rows] > 0)
    share = np.asarray(network.predict_proba(standard), np.float64)[:, 1]
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    return np.log(inside / (1 - inside)).astype(np.float32)


BOTH = ("stride 16", "last of the backbone")
HEADS: dict[str, tuple[Head, NDArray[np.intp]]] = {
    "Mahalanobis distance, fused": (distance, columns("fused", spread=False)),
    "Mahalanobis distance, stride 16 and last": (distance, columns(*BOTH)),
    "nearest neighbours, stride 16 and last": (nearest, columns(*BOTH)),
    "regression, fused": (plain, columns("fused")),
    "regression, stride 8 and 16": (plain, columns("stride 8", "stride 16")),
    "regression, all layers": (plain, columns(*LAYERS)),
    "regression, means of all layers": (plain, columns(*LAYERS, spread=False)),
    "regression, stride 16 and last": (plain, columns(*BOTH)),
    "perceptron, stride 16 and last": (perceptron, columns(*BOTH)),
    "regression with distance, stride 16 and last (shipped)": (shipped, columns(*BOTH)),
}


def caught(samples: Samples, head: Head, chosen: NDArray[np.intp]) -> dict[str, float]:
    """The share of each kind that is refused by heads that saw no kind of its family."""
    values, folds, family = samples.features[:, chosen], folds_of(samples, 0), family_of(samples.kind)
    found: dict[str, float] = {}
    for name, kinds in FAMILIES.items():
        own = np.full(len(folds), np.nan, np.float32)
        each: list[NDArray[np.float32]] = []
        for fold in range(FOLDS):
            rows = (folds != fold) & (family != name)
            accepted = rows & np.isin(samples.kind, (RADIOGRAPH, PHANTOM))
            scores = head(values, odd_weights(family, rows), accepted, rows & samples.radiographs)
            own[folds == fold] = scores[folds == fold]
            each.append(scores)
        limit = limit_of(samples, LIMBS, own)
        for kind in kinds:
            if (there := samples.kind == kind).any():
                found[kind] = float((np.stack(each)[:, there] > limit).mean())
    return found


def main() -> None:
    """Collect, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--every", type=int, default=3, help="take every n-th radiograph")
    parser.add_argument("--drawn", type=int, default=60, help="images of each synthetic kind")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    bundle = open_bundle("fracatlas")
    table = learnable(bundle, read("fracatlas", options.root))
    table = table.select(table.images[:: options.every])
    embed = GateFeatures(bundle, TAPS)
    samples = collect(embed, table, options.root, 0, 2, lambda items, _title, _count: items, options.drawn)
    print(f"{len(table)} radiographs, {len(samples.kind)} images")
    report: dict[str, dict[str, float]] = {}
    for name, (head, chosen) in HEADS.items():
        shares = caught(samples, head, chosen)
        report[name] = {"mean over kinds": float(np.mean(list(shares.values())))} | shares
        worst = ", ".join(f"{kind} {share:.2f}" for kind, share in sorted(shares.items(), key=lambda item: item[1])[:4])
        print(f"{name}: {report[name]['mean over kinds']:.3f}; worst: {worst}", flush=True)
    if options.out is not None:
        options.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
