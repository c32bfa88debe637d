"""Speed of the evaluation against its peers, in one run: bootstrap, memory, average precision, bootstrap of mAP.

    python benchmarks/evaluate.py [--quick]

Peers: scikit-learn in a loop; torchmetrics with pycocotools (skipped where not installed). Times
are medians of repeats.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from osteon.stats.bootstrap import bootstrap, replicate
from osteon.stats.classification import Decisions
from osteon.stats.detection.average_precision import CHUNK, RECALLS, AveragePrecision
from osteon.stats.detection.boxes import COCO_THRESHOLDS, LOOSE_THRESHOLDS, Boxes, boxes, match
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint

CASES = 2_078
RESAMPLES = 10_000
IMAGES, FOUND, CLASSES = 2_000, 20_000, 7

MEMORY = """
import resource
import numpy as np
from osteon.stats.bootstrap import bootstrap
from osteon.stats.classification import Decisions
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint
random = np.random.default_rng(0)
labels = random.random(100_000) < 0.3
scores = random.normal(size=100_000) + labels
bootstrap(Joint((Ranking(labels, scores), Decisions(labels, scores > 0.5))), resamples={resamples})
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Median time of some runs."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def row(task: str, ours: str, peer: str, ratio: str, target: str) -> None:
    """A line of the table."""
    print(f"{task:<58} {ours:>12} {peer:>14} {ratio:>10} {target:>12}", flush=True)


def ranking() -> None:
    """10,000 bootstraps of AUROC, sensitivity, specificity and F1."""
    from sklearn.metrics import f1_score, recall_score, roc_auc_score

    random = np.random.default_rng(0)
    labels = (random.random(CASES) < 0.3).astype(int)
    scores = random.normal(size=CASES) + labels
    calls = (scores > 0.5).astype(int)
    ours = seconds(lambda: bootstrap(Joint((Ranking(labels, scores), Decisions(labels, calls))), resamples=RESAMPLES))

    def loop(times: int = 100) -> None:
        for _ in range(times):
            rows = random.integers(0, CASES, CASES)
            roc_auc_score(labels[rows], scores[rows])
            recall_score(labels[rows], calls[rows])
            recall_score(labels[rows], calls[rows], pos_label=0)
            f1_score(labels[rows], calls[rows])

    peer = seconds(loop) * RESAMPLES / 100
    task = f"{RESAMPLES:,} bootstraps of 4 figures, n = {CASES:,}"
    row(task, f"{ours:.2f} s", f"{peer:.1f} s *", f"{peer / ours:.0f} x", ">= 50 x, 1 s")


def memory(resamples: int) -> None:
    """Peak resident memory with 100,000 cases, in a separate process."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEMORY.format(resamples=resamples)], capture_output=True, text=True, check=True
    )
    spent = time.perf_counter() - start
    task = f"{resamples:,} bootstraps of 100,000 cases ({spent:.1f} s): peak memory"
    row(task, f"{float(done.stdout):.0f} MiB", "-", "-", "<= 2048 MiB")


def scene() -> tuple[Boxes, Boxes]:
    """Annotated boxes, about as many as images, and detected ones, most of them near an annotated one."""
    random = np.random.default_rng(0)
    n = IMAGES * 3
    start = random.uniform(0, 900, (n, 2))
    truth = boxes(
        random.integers(0, IMAGES, n),
        random.integers(0, CLASSES, n),
        np.hstack([start, start + random.uniform(20, 200, (n, 2))]),
    )
    near = truth.select(random.integers(0, n, FOUND))
    corners = near.corners + random.normal(scale=12, size=(FOUND, 4))
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2] + 1)
    # Numbers that single precision holds exactly, since that is what torchmetrics computes with.
    scores = random.permutation(FOUND) / 2**15
    return _quarters(truth), _quarters(boxes(near.image, near.label, corners, scores))


def _quarters(source: Boxes) -> Boxes:
    """The same boxes on quarters of a pixel."""
    return boxes(source.image, source.label, np.round(source.corners * 4) / 4, source.score)


def detection() -> None:
    """Average precision of a detector, and its bootstrap."""
    truth, found = scene()
    names = [f"class {i}" for i in range(CLASSES)]

    def evaluate() -> float:
        statistic = AveragePrecision(match(truth, found, images=IMAGES, classes=CLASSES), names)
        return float(statistic(np.ones((1, IMAGES)))[0, 0])

    ours = seconds(evaluate, 5)
    task = f"mAP, {IMAGES:,} images, {FOUND:,} boxes, {CLASSES} classes"
    if find_spec("torchmetrics") and find_spec("pycocotools"):
        peer, value = torchmetrics(truth, found)
        row(task, f"{ours:.2f} s", f"{peer:.2f} s", f"{peer / ours:.1f} x", ">= 5 x")
        print(f"  difference of mAP to pycocotools: {abs(value - evaluate()):.1e}")
    else:
        row(task, f"{ours:.2f} s", "not installed", "-", ">= 5 x")
    statistic = AveragePrecision(match(truth, found, images=IMAGES, classes=CLASSES), names)
    again = seconds(lambda: replicate(statistic, resamples=1_000, chunk=CHUNK), 3)
    row(
        "1,000 bootstraps of mAP@0.5:0.95, against one evaluation",
        f"{again:.2f} s",
        f"{ours:.2f} s",
        f"{again / ours:.0f} x",
        "<= 20 x",
    )
    loose = AveragePrecision(
        match(truth, found, images=IMAGES, classes=CLASSES, thresholds=LOOSE_THRESHOLDS), names, "20_50"
    )
    both = again + seconds(lambda: replicate(loose, resamples=1_000, chunk=CHUNK), 3)
    row(
        "the same with mAP@0.2:0.5, as osteon evaluate does, against it alone",
        f"{both:.2f} s",
        f"{again:.2f} s",
        f"{both / again:.1f} x",
        "-",
    )
    half = AveragePrecision(match(truth, found, images=IMAGES, classes=CLASSES, thresholds=(0.5,)), names)
    again = seconds(lambda: replicate(half, resamples=1_000, chunk=CHUNK), 3)
    row(
        "1,000 bootstraps of mAP@0.5, against one evaluation",
        f"{again:.2f} s",
        f"{ours:.2f} s",
        f"{again / ours:.0f} x",
        "<= 20 x",
    )


def torchmetrics(truth: Boxes, found: Boxes) -> tuple[float, float]:
    """Time and value of mAP by torchmetrics with pycocotools, from boxes to figure."""
    import torch
    from torchmetrics.detection import MeanAveragePrecision

    def per_image(source: Boxes, *, scored: bool) -> list[dict[str, torch.Tensor]]:
        parts: list[dict[str, torch.Tensor]] = []
        for image in range(IMAGES):
            selection = source.select(source.image == image)
            part = {"boxes": torch.tensor(selection.corners), "labels": torch.tensor(selection.label)}
            parts.append(part | ({"scores": torch.tensor(selection.score)} if scored else {}))
        return parts

    predictions, targets = per_image(found, scored=True), per_image(truth, scored=False)
    values: list[float] = []

    def evaluate() -> None:
        metric = MeanAveragePrecision(
            backend="pycocotools",
            # Its own defaults are rounded to single precision.
            iou_thresholds=list(COCO_THRESHOLDS),
            rec_thresholds=RECALLS.tolist(),
        )
        metric.update(predictions, targets)
        values.append(float(metric.compute()["map"]))

    return seconds(evaluate), values[0]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer resamples in the memory test")
    quick: bool = parser.parse_args().quick
    row("", "osteon", "peer", "ratio", "target")
    ranking()
    memory(100 if quick else 1_000)
    detection()
    print("* measured on 100 resamples and multiplied")


if __name__ == "__main__":
    main()
