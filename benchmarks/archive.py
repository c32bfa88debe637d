"""Reading archives: against bare decoding and forward passes, Ray against plain processes, and a million rows.

    python benchmarks/archive.py --markdown docs/speed-archive.md
    python benchmarks/archive.py --scale 0.02 --sections folder ray rows

- *folder*: ``osteon read --format parquet --jobs 2`` of 5,000 small and 500 large JPEG files (phantoms), start of the process
  included, against two threads that decode the same files and run the networks on an image that is prepared already; in turns;
- *ray*: the same folder read by two actors of a local Ray cluster against two plain processes that share a queue; the bundle is
  opened in both times, the start of the cluster is told apart;
- *rows*: a million made-up rows (SYNTHETIC) written as parts of 512 and summarised by a process of its own, whose memory counts.

``--scale`` makes all of it smaller. Ratios are of one run; times hang on the machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from osteon.bulk.cluster import ClusterReaders
from osteon.bulk.read_unit import Done, read_unit
from osteon.bulk.rows import ImageOutcome, frame_of
from osteon.bulk.run import UNIT, job_of, read_to_table
from osteon.bulk.summary import summarise
from osteon.bulk.table import Table, scan
from osteon.bulk.unit import Unit
from osteon.bundle.archive import Bundle, open_bundle
from osteon.cluster import LOCAL, cluster
from osteon.inference.engine import InferenceEngine
from osteon.phantom.simulate import simulate

SMALL, LARGE, ROWS = 5_000, 500, 1_000_000
SIZES: Final = {"small": (373, 454), "large": (2000, 2500)}
PHANTOMS: Final = 24
JOBS: Final = 2


def folder_of(place: Path, counts: dict[str, int]) -> list[Path]:
    """JPEG files of phantoms, each of other bytes: shifted, with the last rows its number."""
    planes = [simulate("hand", seed, size=1024).pixels for seed in range(PHANTOMS)]
    made: list[Path] = []
    for name, (columns, rows) in SIZES.items():
        (place / name).mkdir(parents=True)
        greys = [np.round(cv2.resize(plane, (columns, rows)) * 255).astype(np.uint8) for plane in planes]
        for number in range(counts[name]):
            made.append(place / name / f"{number:05d}.jpg")
            grey = np.roll(greys[number % PHANTOMS], number // PHANTOMS, 1)
            cv2.imwrite(str(made[-1]), grey, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return made


def timed(do: Callable[[], object]) -> float:
    """Seconds."""
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


def folder(bundle: Bundle, place: Path, files: list[Path], rounds: int) -> list[str]:
    """Osteon's table against two bare threads."""
    from read import forward_passes  # it imports PyTorch, whose memory is no part of what *rows* measures

    forward = {
        name: forward_passes(bundle, next(file for file in files if file.parent.name == name), 1) for name in SIZES
    }

    def alone(path: Path) -> None:
        np.asarray(Image.open(path))
        forward[path.parent.name]()

    def bare() -> None:
        with ThreadPoolExecutor(JOBS) as pool:
            list(pool.map(alone, files))

    ours: list[float] = []
    least: list[float] = []
    for number in range(rounds):
        out = place / f"table-{number}"
        command = [sys.executable, "-m", "osteon.cli", "read", str(place / "images"), "--out", str(out)]
        command += ["--format", "parquet", "--jobs", str(JOBS)]
        ours.append(timed(lambda command=command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)))
        assert scan(out).select("source").collect().height == len(files)
        least.append(timed(bare))
    rate, limit = len(files) / statistics.median(ours), len(files) / statistics.median(least)
    return [
        f"| a folder of {_sizes(files)}, `--jobs {JOBS}`, images/s | {rate:.1f} |",
        f"| two bare threads of decoding and forward passes, images/s | {limit:.1f} |",
        f"| Osteon against bare, median of {rounds} turns (least to most) | {_ratio(least, ours)} |",
    ]


def _sizes(files: list[Path]) -> str:
    counts = Counter(file.parent.name for file in files)
    return f"{counts['small']:,} small and {counts['large']:,} large images"


def _ratio(above: list[float], below: list[float]) -> str:
    each = sorted(first / second for first, second in zip(above, below, strict=True))
    return f"{statistics.median(each):.2f} ({each[0]:.2f} to {each[-1]:.2f})"


class Processes:
    """Plain processes that read units from a queue: what Ray is compared with."""

    def __init__(self, bundle: str, place: Path, count: int) -> None:
        self._bundle, self._place, self._count = bundle, place, count

    def read(self, units: Iterator[Unit]) -> Iterator[Done]:
        """Read units; what became of each."""
        spawn = multiprocessing.get_context("spawn")
        todo: Any = spawn.Queue(2 * self._count)
        done: Any = spawn.Queue()
        arguments = (self._bundle, str(self._place), todo, done)
        processes = [spawn.Process(target=_read_units, args=arguments) for _ in range(self._count)]
        for process in processes:
            process.start()
        waiting = 0
        for unit in units:
            todo.put(unit)
            waiting += 1
            while True:
                try:
                    yield done.get_nowait()
                except queue.Empty:
                    break
                waiting -= 1
        for _ in processes:
            todo.put(None)
        for _ in range(waiting):
            yield done.get()
        for process in processes:
            process.join()


def _read_units(bundle: str, place: str, todo: Any, done: Any) -> None:
    engine, table = InferenceEngine(open_bundle(bundle), 1), Table(Path(place))
    while (unit := todo.get()) is not None:
        done.put(read_unit(engine, table, unit))


def on_ray(bundle: Bundle, name: str, place: Path, files: list[Path], rounds: int) -> list[str]:
    """Two actors against two plain processes."""
    source, size = [str(place / "images")], min(UNIT, max(16, len(files) // 16))

    def run(readers: Any, table: Table) -> float:
        job = job_of(bundle, source, None, size)
        return timed(lambda: read_to_table(job, table, readers, bundle.manifest.views, lambda _: None))

    plain: list[float] = []
    theirs: list[float] = []
    begin = time.perf_counter()
    with cluster(LOCAL):
        start = time.perf_counter() - begin
        for number in range(rounds):
            table = Table(place / f"plain-{number}")
            plain.append(run(Processes(name, table.folder, JOBS), table))
            table = Table(place / f"ray-{number}")
            theirs.append(run(ClusterReaders(name, table.folder, None, actors=JOBS), table))
            _same(place / f"plain-{number}", place / f"ray-{number}")
    return [
        f"| {JOBS} plain processes, {_sizes(files)}, images/s | {len(files) / statistics.median(plain):.1f} |",
        f"| {JOBS} actors of Ray, images/s | {len(files) / statistics.median(theirs):.1f} |",
        f"| time with Ray against plain processes, median of {rounds} turns (least to most) | {_ratio(theirs, plain)} |",
        f"| start of the cluster, s | {start:.1f} |",
    ]


def _same(first: Path, second: Path) -> None:
    tables = [scan(one).collect().drop("milliseconds").sort("source") for one in (first, second)]
    assert tables[0].equals(tables[1]), "the tables differ"


def write_rows(place: Path, count: int) -> None:
    """Made-up rows, as many as a large archive has, and their summary."""
    bundle = open_bundle("fracatlas")
    table, job = Table(place), job_of(bundle, ["made up"], None)
    generator = np.random.default_rng(1)
    written: list[str] = []
    begin = time.perf_counter()
    with table.locked():
        table.begin(job)
        for start in range(0, count, UNIT):
            written.append(f"{len(written):020x}")
            table.write(
                written[-1], frame_of([_row(start + index, generator) for index in range(min(UNIT, count - start))])
            )
        table.end(job, written)
    between = time.perf_counter()
    assert summarise(place).images == count
    end = time.perf_counter()
    size = sum(part.stat().st_size for part in place.glob("*.parquet"))
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{between - begin:.1f} {end - between:.1f} {highest:.0f} {size / count:.0f}")


def _row(number: int, generator: np.random.Generator) -> dict[str, Any]:
    probability = float(generator.random())
    outcome = ImageOutcome.READ if generator.random() < 0.97 else ImageOutcome.REFUSED
    box = {"label": "fracture", "x0": 10.0, "y0": 20.0, "x1": 60.5, "y1": 70.25, "score": probability, "definite": True}
    return {
        "source": f"/archive/{number // 1000:06d}/{number:09d}.dcm",
        "frame": 1,
        "study": f"1.2.826.0.1.3680043.8.498.{generator.integers(1 << 62)}",
        "sop_instance_uid": f"1.2.826.0.1.3680043.8.498.{generator.integers(1 << 62)}",
        "outcome": outcome.value,
        "refusals": [] if outcome is ImageOutcome.READ else ["body_part_outside"],
        "study_refusals": [],
        "call": "fracture" if probability > 0.8 else "no_fracture",
        "probability": probability,
        "image_probability": probability,
        "findings": [box] if probability > 0.8 else [],
        "format": "dicom",
        "body_part": "hand",
        "view": "pa",
        "laterality": "left",
        "age": float(generator.integers(18, 95)),
        "sex": "female",
        "height": 2048,
        "width": 1831,
        "row_spacing": 0.15,
        "column_spacing": 0.15,
        "notes": [],
        "milliseconds": float(generator.normal(90, 5)),
        "images": 1,
    }


def rows(count: int, place: Path) -> list[str]:
    """A process of its own: memory counts from its beginning."""
    # Linux counts what a process held before it became another program: a small one in between starts ours.
    between = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    command = [sys.executable, __file__, "--write-rows", str(count), str(place / "rows")]
    done = subprocess.run([sys.executable, "-c", between, *command], check=True, capture_output=True, text=True)
    write, summary, highest, size = done.stdout.split()
    return [
        f"| {count:,} rows in parts of {UNIT} written, s | {write} |",
        f"| and summarised, s | {summary} |",
        f"| most memory of that process, MiB | {highest} |",
        f"| bytes a row | {size} |",
    ]


def main() -> None:
    """Run the sections and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="fracatlas", help="name or file (default: fracatlas)")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sections", nargs="+", default=["folder", "ray", "rows"], choices=["folder", "ray", "rows"])
    parser.add_argument("--beside", default="", help="what else the machine did meanwhile, written down")
    parser.add_argument("--markdown", type=Path, help="write the result here, too")
    parser.add_argument("--write-rows", nargs=2, metavar=("COUNT", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write_rows:
        write_rows(Path(given.write_rows[1]), int(given.write_rows[0]))
        return
    bundle = open_bundle(given.bundle)
    lines = [
        f"Bundle {bundle.manifest.identity}; {os.cpu_count()} processors; {given.beside or 'nothing else ran'}.",
        "",
        "| | |",
        "|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        if {"folder", "ray"} & {*given.sections}:
            counts = {"small": round(SMALL * given.scale), "large": round(LARGE * given.scale)}
            files = folder_of(place / "images", counts)
            if "folder" in given.sections:
                lines += folder(bundle, place, files, given.rounds)
            if "ray" in given.sections:
                lines += on_ray(bundle, given.bundle, place, files, given.rounds)
        if "rows" in given.sections:
            lines += rows(round(ROWS * given.scale), place)
    text = "\n".join(lines) + "\n"
    print(text)
    if given.markdown:
        given.markdown.write_text(text)


if __name__ == "__main__":
    main()
