"""Which backbone, crop and size show most of a fracture before any of it is trained: linear probes, out of fold.

    python benchmarks/probe.py FracAtlas --folds-of runs/folds --out probes
    python benchmarks/probe.py FracAtlas --folds 5 --out probes --networks mobilenetv2_100 --sides 224 --crops whole,limb

Each image goes once through a network with its ImageNet weights; means and maxima of its features at strides 16 and 32 are what
a logistic regression learns from, fold by fold, with its penalty chosen on the validation part of the fold. The folders
that are written are those of `osteon train --folds`: `osteon compare` tests two of them in pairs. A probe is cheap and says how
much a network sees, not how much it would see after training.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from osteon.core.errors import DataError, InputError
from osteon.data.table.table import Table
from osteon.evaluation.binary.measure import Settings
from osteon.imaging import load
from osteon.imaging.preprocess import Preprocessing, fit, to_input
from osteon.learning.folds.measure import measure_folds, out_of_fold, write_folds
from osteon.learning.folds.plan import FoldPlan, divide_in_folds, load_plan
from osteon.learning.folds.predict import FoldPredictions
from osteon.learning.inputs.load_cases import grouped_table, read_data
from osteon.learning.models.backbones.backbone import Strides, load_backbone
from osteon.learning.recipes import find
from osteon.stats.ranking import auroc

NETWORKS: Final = ("mobilenetv2_100", "tf_efficientnet_lite0", "tf_efficientnet_lite2")
PENALTIES: Final = (1e-4, 1e-3, 1e-2, 1e-1)
BATCH: Final = 16
Features = NDArray[np.float32]


def canvases(table: Table, root: Path, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """All images as a network takes them, before scaling: (N, H, W)."""
    found = np.zeros((len(table), preprocessing.height, preprocessing.width), np.uint8)
    for row, image in enumerate(table.images):
        try:
            found[row] = np.round(fit(load(root / image)[0].pixels, preprocessing).canvas * 255)
        except InputError:
            print("an image cannot be read: its features are those of black", file=sys.stderr)
    return found


@torch.inference_mode()
def features(name: str, shown: NDArray[np.uint8], preprocessing: Preprocessing) -> Features:
    """Means and maxima over places of the features at strides 16 and 32: (N, D)."""
    loaded = load_backbone(name, 1)
    if not loaded.pretrained:
        raise DataError(
            f"there are no weights of {name}", got=loaded.source, hint="Set OSTEON_WEIGHTS to their folder."
        )
    network = Strides(loaded.module).eval().to(memory_format=torch.channels_last)
    rows: list[Features] = []
    for start in range(0, len(shown), BATCH):
        values = shown[start : start + BATCH].astype(np.float32) / 255
        batch = torch.from_numpy(np.stack([np.array(to_input(one, preprocessing)) for one in values]))
        maps = network(batch.contiguous(memory_format=torch.channels_last))
        rows.append(torch.cat([part for level in maps for part in (level.mean((2, 3)), level.amax((2, 3)))], 1).numpy())
    return np.concatenate(rows)


def regression(inputs: Features, labels: NDArray[np.float32], penalty: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (D,) and offset of a logistic regression with a squared penalty, by L-BFGS."""
    x, y = torch.from_numpy(inputs), torch.from_numpy(labels)
    weights, offset = torch.zeros(x.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, offset], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = functional.binary_cross_entropy_with_logits(x @ weights + offset, y) + penalty * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach(), offset.detach()


def probed(found: Features, table: Table, plan: FoldPlan) -> list[FoldPredictions]:
    """Predictions of each fold's test part."""
    row = {image: place for place, image in enumerate(table.images)}
    label = table.label("fracture").astype(np.float32)
    results: list[FoldPredictions] = []
    for made in plan.splits:
        train, val, test = (np.array([row[image] for image in made.parts[part]]) for part in ("train", "val", "test"))
        middle, spread = found[train].mean(0), found[train].std(0) + 1e-6
        scaled = np.clip((found - middle) / spread, -6, 6).astype(np.float32)
        fits = [regression(scaled[train], label[train], penalty) for penalty in PENALTIES]
        logits = [(torch.from_numpy(scaled) @ weights + offset).double().numpy() for weights, offset in fits]
        best = max(logits, key=lambda values: auroc(label[val].astype(np.int8), values[val]))
        results.append(FoldPredictions(tuple(made.parts["test"]), 1 / (1 + np.exp(-best[test]))))
    return results


def main() -> None:
    """Probe all that is asked for; what lies in --out already is not done again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("probes"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--folds-of", type=Path)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--sides", default="224")
    parser.add_argument("--crops", default="whole,limb")
    given = parser.parse_args()
    recipe = find("fracatlas")
    table = read_data(recipe.dataset, given.data)
    plan = load_plan(given.folds_of or given.out)
    if plan is None:
        filled, rule = grouped_table(table, given.data, recipe.split)
        plan = divide_in_folds(filled, rule, given.folds)
    plan.check(table)
    plan.save(given.out)
    for side in map(int, given.sides.split(",")):
        for crop in given.crops.split(","):
            preprocessing = Preprocessing(side, side, "letterbox", 1, 0.5, 0.5, "limb" if crop == "limb" else None)
            shown: NDArray[np.uint8] | None = None
            for name in given.networks.split(","):
                folder = given.out / f"{name}-{crop}-{side}"
                if (folder / "figures.json").is_file():
                    continue
                shown = canvases(table, given.data, preprocessing) if shown is None else shown
                found = probed(features(name, shown, preprocessing), table, plan)
                said, _ = out_of_fold(table, recipe, plan, found)
                measured = measure_folds(said, None, Settings(resamples=2000))
                write_folds(measured, table, folder.name, folder, "python benchmarks/probe.py", len(plan.splits))
                shown_figures = [measured.figures[f"classification.{key}"] for key in ("auroc", "average_precision")]
                words = [f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})" for one in shown_figures]
                print(f"{folder.name}: AUROC {words[0]}, average precision {words[1]}", flush=True)


if __name__ == "__main__":
    main()
