"""From a file to a reading: Osteon against eager PyTorch with the grad-cam library, and against its own lower bound.

    python benchmarks/read.py --run runs/final --detector runs/detector --markdown docs/speed-read.md

In one run, with the same weights and the same files, the ways taking turns:

- *osteon*: load, prepare, forward pass with the map, reading; two threads;
- *eager*: Pillow or pydicom, PyTorch, the grad-cam library's map at the size of the input, two threads: what a page made of
  Flask, PyTorch and grad-cam does;
- *bare*: decoding and ONNX Runtime's forward pass and nothing else: what no reader can save.

Then a cold ``osteon read`` of one file, and a folder of small images with ``--jobs 2`` against decoding and forward passes
alone in two threads. Ratios are of medians of one run; times hang on the machine, ratios hardly.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from eager import eager
from osteon.bundle.archive import Bundle, open_bundle
from osteon.imaging import load
from osteon.imaging.preprocess import prepare
from osteon.inference.engine import InferenceEngine
from osteon.inference.networks.detect import BoxNetwork
from osteon.inference.networks.session import Network
from osteon.phantom.simulate import simulate

THREADS = 2
DATA = Path(os.environ.get("OSTEON_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def images(folder: Path) -> dict[str, Path]:
    """The three files that are timed: phantoms of the two sizes, and a real computed radiograph where there is one."""
    pixels = simulate("hand", 5, size=1024).pixels
    made: dict[str, Path] = {}
    for name, size in (("JPEG 373 x 454", (373, 454)), ("JPEG 2,000 x 2,500", (2000, 2500))):
        grey = cv2.resize(np.round(pixels * 255).astype(np.uint8), size, interpolation=cv2.INTER_CUBIC)
        made[name] = folder / f"{size[0]}.jpg"
        Image.fromarray(grey).save(made[name], quality=90)
    real = DATA / "dicom" / "RG3_RLE.dcm"  # a tibia: the shipped bundle does not read hips
    if real.is_file():
        import pydicom

        made["DICOM 1,760 x 1,760, RLE"] = real
        plain = pydicom.dcmread(real)
        plain.decompress()
        made["DICOM 1,760 x 2,140, uncompressed"] = folder / "plain.dcm"
        plain.save_as(folder / "plain.dcm")
    return made


def forward_passes(bundle: Bundle, path: Path, threads: int) -> Callable[[], object]:
    """The networks of a bundle on one image that is prepared already, and nothing else."""
    pixels, session = load(path)[0].pixels, Network(bundle, threads)
    values = np.ascontiguousarray(prepare(pixels, bundle.manifest.preprocessing))[None]
    detector = bundle.manifest.detector
    if detector is None:
        return lambda: session.run(values)
    boxes, drawn = BoxNetwork(bundle, threads), np.ascontiguousarray(prepare(pixels, detector.preprocessing))[None]
    return lambda: (session.run(values), boxes.run(drawn))


def bare(bundle: Bundle, path: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """Decoding alone, and the forward passes alone."""
    if path.suffix == ".dcm":
        import pydicom

        def decode() -> object:
            return pydicom.dcmread(path).pixel_array
    else:

        def decode() -> object:
            return np.asarray(Image.open(path))

    return decode, forward_passes(bundle, path, THREADS)


def medians(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each method, measured alternately so that load affects all equally."""
    for method in ways.values():
        method()
        method()
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, method in ways.items():
            time.sleep(0.05)  # PyTorch's threads wait busily for a while after their work, and would take from the next
            begin = time.perf_counter()
            method()
            spent[name].append((time.perf_counter() - begin) * 1e3)
    return {name: statistics.median(values) for name, values in spent.items()}


def warm(bundle: Bundle, run: Path | None, detector: Path | None, folder: Path, rounds: int) -> list[str]:
    """The table of single files."""
    reader = InferenceEngine(bundle, THREADS)
    page = eager(bundle, run, detector, THREADS)
    preprocessing = bundle.manifest.preprocessing
    lines = [
        (
            f"Bundle {bundle.manifest.identity} at {preprocessing.height} x {preprocessing.width}; eager PyTorch has "
            f"{page.description}. Medians of {rounds} rounds, {THREADS} threads."
        ),
        "",
        "| file | osteon, ms | eager PyTorch + grad-cam, ms | times as fast | bare decoding + forward, ms | osteon / bare |",
        "|---|---|---|---|---|---|",
    ]
    for name, path in images(folder).items():
        decode, forward = bare(bundle, path)

        def ours(path: Path = path) -> object:
            return reader.read_study(load(path), str(path))

        got = medians(
            {"osteon": ours, "eager": lambda path=path: page.read(path), "decode": decode, "forward": forward}, rounds
        )
        least = got["decode"] + got["forward"]
        lines.append(
            f"| {name} | {got['osteon']:.1f} | {got['eager']:.1f} | {got['eager'] / got['osteon']:.1f} | "
            f"{got['decode']:.1f} + {got['forward']:.1f} | {got['osteon'] / least:.2f} |"
        )
    return lines


def cold(folder: Path, bundle: str, rounds: int) -> list[str]:
    """A fresh process that reads one file."""
    command = [sys.executable, "-m", "osteon.cli", "read", str(folder / "373.jpg"), "--json", "--bundle", bundle]
    # Linux counts what a process held before it became another program: a small one in between starts ours.
    between = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    spent: list[float] = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        spent.append(time.perf_counter() - begin)
    result = subprocess.run([sys.executable, "-c", between, *command], check=True, capture_output=True, text=True)
    peak = int(result.stdout) / 1024
    return [
        "",
        f"Cold `osteon read` of one 373 x 454 JPEG: median {statistics.median(spent):.2f} s of {rounds}, peak {peak:.0f} MiB.",
    ]


def many(bundle: Bundle, name: str, folder: Path, count: int) -> list[str]:
    """A folder of small images with two jobs, against decoding and forward passes alone in two threads."""
    small = folder / "small"
    small.mkdir()
    real = sorted((DATA / "fracatlas" / "images" / "Fractured").glob("*.jpg"))
    for number in range(count):
        target = small / f"{number:04d}.jpg"
        if number < len(real):
            image = Image.open(real[number]).convert("L")
            image.thumbnail((454, 454))
            image.save(target, quality=90)
        else:
            grey = np.round(simulate("hand", number, size=454).pixels * 255).astype(np.uint8)
            Image.fromarray(grey).save(target, quality=90)
    forward = forward_passes(bundle, small / "0000.jpg", 1)

    def alone(path: Path) -> None:
        np.asarray(Image.open(path))
        forward()

    ours: list[float] = []
    least: list[float] = []
    command = [sys.executable, "-m", "osteon.cli", "read", str(small), "--json", "--jobs", "2", "--bundle", name]
    for _ in range(2):
        begin = time.perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ours.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(alone, sorted(small.glob("*.jpg"))))
        least.append(time.perf_counter() - begin)
    rate, limit = count / min(ours), count / min(least)
    return [
        "",
        (
            f"A folder of {count} small images, `--jobs 2`, start of the process included: {rate:.0f} images/s; decoding and "
            f"forward passes alone in two threads: {limit:.0f} images/s; reached: {100 * rate / limit:.0f} %."
        ),
    ]


def main() -> None:
    """Run everything and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="fracatlas", help="name or file (default: fracatlas)")
    parser.add_argument("--run", type=Path, help="the run that the bundle was made of, for the same weights")
    parser.add_argument("--detector", type=Path, help="the run of its detector")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--images", type=int, default=600, help="small images in the folder")
    parser.add_argument("--markdown", type=Path, help="write the result here, too")
    given = parser.parse_args()
    bundle = open_bundle(given.bundle)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = warm(bundle, given.run, given.detector, folder, given.rounds)
        lines += cold(folder, given.bundle, 5)
        lines += many(bundle, given.bundle, folder, given.images)
    text = "\n".join(lines) + "\n"
    print(text)
    if given.markdown:
        given.markdown.write_text(text)


if __name__ == "__main__":
    main()
