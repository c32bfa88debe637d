"""Which weights of a run to keep: AUROC on the validation part, of original and of degraded images.

    python benchmarks/weights.py runs/fracatlas --data FracAtlas --markdown docs/evidence/weights.md

Rows: the selected weights of the phases that the recipe averages, their average, and the average that also sees the mirror
image. Degraded images are changed on the network's canvas: JPEG of quality 30; Gaussian blur of 2.5 pixels. The test part is not
touched.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from osteon.learning.classification.batches import ValidationSet
from osteon.learning.classification.weight_averaging import averaged
from osteon.learning.inputs.image_cache import canvases
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.models import build
from osteon.learning.runs.run import open_run
from osteon.stats.ranking import auroc

Change = Callable[[np.ndarray], np.ndarray]


def quietly(items: Iterable[Any], _what: str, _total: int) -> Iterable[Any]:
    """No progress."""
    return items


def compressed(grey: np.ndarray) -> np.ndarray:
    """JPEG of quality 30 of uint8 (H, W)."""
    code = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE))


def blurred(grey: np.ndarray) -> np.ndarray:
    """Gaussian blur of 2.5 pixels of uint8 (H, W)."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 2.5))


CHANGES: tuple[tuple[str, Change], ...] = (("as they are", np.asarray), ("JPEG 30", compressed), ("blur", blurred))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("OSTEON_CACHE", ".cache")))
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    run = open_run(arguments.run)
    recipe = run.recipe
    cases = prepare_cases(run, arguments.data).val
    decoded = canvases(cases, recipe.preprocessing, arguments.cache, quietly)
    truth = cases.positive.astype(np.int8)
    network = build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True).eval()

    def logits(change: Change, *, mirrored: bool) -> np.ndarray:
        pixels = np.stack([change(grey) for grey in decoded.pixels])
        shown = ValidationSet(cases, replace_pixels(decoded, pixels), recipe.preprocessing)
        logits_of_batch: list[Tensor] = []
        with torch.inference_mode():
            for index in range(len(shown)):
                image = shown[index].image[None]
                logits_of_batch.append(network(image.flip(-1) if mirrored else image).logits[0, 0])
        return torch.stack(logits_of_batch).double().numpy()

    files = {name: run.phase_folder(name) / "best.safetensors" for name in recipe.soup}
    kinds = {name: load_file(file) for name, file in files.items()} | {"average": averaged([*files.values()])}
    rows: list[list[str]] = []
    for name, state in kinds.items():
        network.load_state_dict(state)
        plain = [logits(change, mirrored=False) for _, change in CHANGES]
        rows.append([name, *(f"{auroc(truth, score):.4f}" for score in plain)])
        print(*rows[-1], sep="  ", flush=True)
        if name == "average":
            both = [
                (plain_score + logits(change, mirrored=True)) / 2
                for plain_score, (_, change) in zip(plain, CHANGES, strict=True)
            ]
            rows.append(["average, with the mirror image", *(f"{auroc(truth, score):.4f}" for score in both)])
            print(*rows[-1], sep="  ", flush=True)
    head = [f"weights (n = {len(cases)}, {int(truth.sum())} positive)", *(name for name, _ in CHANGES)]
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    text = "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"
    if arguments.markdown:
        arguments.markdown.write_text(text, encoding="utf-8")


def replace_pixels(decoded: Any, pixels: np.ndarray) -> Any:
    """The same canvases with other pixels."""
    return decoded._replace(pixels=pixels)


if __name__ == "__main__":
    main()
