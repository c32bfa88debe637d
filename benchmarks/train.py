"""Images per second of training, against a plain PyTorch loop with a PIL data set and default settings.

    python benchmarks/train.py --data FracAtlas --markdown docs/speed-train.md

Both sides train the network of the recipe ``mobilenet_elbow`` (MobileNetV2 of width 0.75, 224 px, batches of 64, Adam, all
layers) on the same images with the same changes, each in a process of its own, taking turns:

- *osteon*: ``osteon train`` as the command line starts it; the time of two epochs is that of three less that of one, so that
  decoding, building and the first steps do not count, but validation does;
- *plain*: what a tutorial writes: a data set that opens files with Pillow and changes them with torchvision, a DataLoader, and
  a loop; of two epochs the second counts.

Ratios are medians of the rounds; rates hang on the machine, ratios hardly.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from osteon.cli.learning import ALLOCATOR

BATCH, SIDE = 64, 224
SIDES = ("osteon, 32 bit", "osteon, bfloat16", "plain")


def images(data: Path, folder: Path, count: int) -> Path:
    """A folder of two classes with ``count`` images to train on and an eighth of that to validate on."""
    for name, source in (("normal", "Non_fractured"), ("displaced", "Fractured")):
        found = sorted((data / "images" / source).glob("*.jpg"))
        sound = [path for path in found if path.read_bytes()[-2:] == b"\xff\xd9"]
        for part, begin, number in (("train", 0, count // 2), ("val", count // 2, count // 16), ("test", -8, 8)):
            target = folder / part / name
            target.mkdir(parents=True)
            for path in sound[begin:][:number]:
                shutil.copy(path, target)
    return folder


def osteon_rate(folder: Path, precision: str) -> float:
    """Images per second of the product."""
    from osteon.learning.recipes import find
    from osteon.learning.runs.begin import begin
    from osteon.learning.runs.overrides import apply
    from osteon.learning.train import TrainerOptions, train

    spent: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as out:
        around = TrainerOptions(Path(out) / "cache", lambda items, _what, _total: items, progress=False)
        for attempt, epochs in enumerate((1, 1, 3)):  # the first decodes
            settings = [f"precision={precision}", f"phases.0.epochs={epochs}"]
            recipe = apply(find("mobilenet_elbow/one_phase"), settings)
            start = time.perf_counter()
            train(begin(recipe, settings, 0, folder, Path(out) / str(attempt), resume=False), around)
            spent[epochs] = time.perf_counter() - start
    shown = len(list((folder / "train").rglob("*.jpg"))) // BATCH * BATCH
    return 2 * shown / (spent[3] - spent[1])


def plain_rate(folder: Path) -> float:
    """Images per second of the tutorial's loop."""
    import timm
    import torch
    from torchvision import datasets, transforms

    change = transforms.Compose(
        [
            transforms.Resize((SIDE, SIDE)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomVerticalFlip(),
            transforms.RandomAffine(20, translate=(0.2, 0.2), scale=(1 / 1.2, 1.2)),
            transforms.ColorJitter(brightness=0.2),
            transforms.ToTensor(),
        ]
    )
    loader = torch.utils.data.DataLoader(
        datasets.ImageFolder(str(folder / "train"), change), batch_size=BATCH, shuffle=True, drop_last=True
    )
    network = timm.create_model("mobilenetv2_075", pretrained=False, num_classes=2)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    rate = 0.0
    for _epoch in range(2):
        start, shown = time.perf_counter(), 0
        for image, target in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(image), target).backward()
            optimizer.step()
            shown += len(image)
        rate = shown / (time.perf_counter() - start)
    return rate


def measured(side: str, folder: Path) -> float:
    """Run one side in a separate process."""
    environment = os.environ | (ALLOCATOR if side != "plain" else {})
    command = [sys.executable, __file__, "--side", side, "--data", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Compare, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="FracAtlas, as published")
    parser.add_argument("--images", type=int, default=512, help="to train on")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", type=Path, help="write the table here")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        precision = "bf16-mixed" if "bfloat16" in asked.side else "32-true"
        rate = plain_rate(asked.data) if asked.side == "plain" else osteon_rate(asked.data, precision)
        print(json.dumps(rate))
        return
    with tempfile.TemporaryDirectory() as folder_name:
        folder = images(asked.data, Path(folder_name), asked.images)
        rates: dict[str, list[float]] = {side: [] for side in SIDES}
        for _round in range(asked.rounds):
            for side in SIDES:
                rates[side].append(measured(side, folder))
                print(f"{side:<20} {rates[side][-1]:8.1f} images/s", file=sys.stderr, flush=True)
    plain = rates["plain"]
    lines = ["| way | images/s | against plain |", "|---|---:|---:|"]
    for side in SIDES:
        ratio = statistics.median(rate / baseline for rate, baseline in zip(rates[side], plain, strict=True))
        lines.append(f"| {side} | {statistics.median(rates[side]):.1f} | {ratio:.1f} |")
    text = "\n".join(lines)
    print(text)
    if asked.markdown:
        about = (
            f"MobileNetV2-0.75, {SIDE} px, batches of {BATCH}, {asked.images} images of FracAtlas, {os.cpu_count()} cores, "
            f"median of {asked.rounds} rounds."
        )
        command = "`python benchmarks/train.py --data FracAtlas --markdown docs/speed-train.md`"
        asked.markdown.write_text(f"{text}\n\n{about} Made by {command}.\n")


if __name__ == "__main__":
    main()
