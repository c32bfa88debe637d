"""The reading room within the limits and settings of cloud/cloud-init.yaml: 2 processors, 2.5 GiB.

    python benchmarks/deployment.py --markdown docs/deployment-figures.md

How long it takes to start, memory at rest, over readings one after the other and with the largest study that the settings allow,
and milliseconds of a reading over HTTP: an image that was not sent before, answered with the reading, and then its heat map, as
the page of the paper (mobilenet_elbow) answers. Limits and settings are taken from the file, so that what is measured is what is
installed. Phantoms: the time does not depend on what an image shows.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import platform
import sys
import tempfile
import time
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from struct import pack
from typing import Any, Final

import httpx
import numpy as np
import yaml
from numpy.typing import NDArray

from limits import Limits
from serve import Server, csrf, free_port, images, started

FILE: Final = Path(__file__).parents[1] / "cloud" / "cloud-init.yaml"
SITE: Final = ("store", "behind_proxy")
"""Settings of the place, which the benchmark has its own of."""

STARTS: Final = 5
SIZES: Final = {"373 x 454": (373, 454), "2,000 x 2,500": (2000, 2500)}
ASKED: Final = 8
"""Requests at once for large pictures."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the file says.

    Attributes:
        limits: of the service.
        settings: of the server, in the names of its TOML file.
    """

    limits: Limits
    settings: dict[str, Any]


def recipe(file: Path = FILE) -> Recipe:
    """Read the file."""
    written = {entry["path"]: entry["content"] for entry in yaml.safe_load(file.read_text())["write_files"]}
    unit = ConfigParser(strict=False, interpolation=None)
    unit.read_string(written["/etc/systemd/system/osteon.service"])
    service = unit["Service"]
    memory = int(service["MemoryMax"].removesuffix("M"))
    settings = tomllib.loads(written["/etc/osteon/reading-room.toml"])
    return Recipe(
        Limits(int(service["CPUQuota"].removesuffix("%")) // 100, memory),
        {name: value for name, value in settings.items() if name not in SITE},
    )


def command(given: Recipe, bundle: str, store: Path, port: int) -> list[str]:
    """What starts the server; the rate is not limited, since all requests come from one address."""
    options = [f"--set={name}={value}" for name, value in (given.settings | {"rate": 0}).items()]
    place = ["--bundle", bundle, "--store", str(store), "--port", str(port), "--open-access", "reader"]
    return [sys.executable, "-m", "osteon.cli", "serve", *place, *options]


def quantile(values: Sequence[float], level: float) -> str:
    """A quantile with its 95 % interval (percentile bootstrap over requests)."""
    data = np.asarray(values)
    draws: NDArray[np.int64] = np.random.default_rng(0).integers(0, len(data), (2000, len(data)))
    low, high = np.percentile(np.quantile(data[draws], level, axis=1), [2.5, 97.5])
    return f"{np.quantile(data, level):.0f} ({low:.0f} to {high:.0f})"


def starts(given: Recipe, before: list[str], bundle: str, folder: Path) -> list[float]:
    """Seconds from the start of the process until it is ready, each with a new store."""
    spent: list[float] = []
    for number in range(STARTS):
        port = free_port()
        begin = time.perf_counter()
        with started([*before, *command(given, bundle, folder / str(number), port)], port, "/api/v1/ready"):
            spent.append(time.perf_counter() - begin)
    return spent


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of each request.

    Attributes:
        reading: from sending the image to the reading.
        heat: of the heat map after it.
    """

    reading: list[float]
    heat: list[float]


def readings(server: Server, size: tuple[int, int], count: int) -> Times:
    """Send images one after the other."""
    times = Times([], [])
    sent = itertools.islice(images(*size), count)
    with httpx.Client(base_url=server.url, timeout=300) as client:
        csrf(client)
        for image in sent:
            begin = time.perf_counter()
            answer = client.post("/api/v1/studies", files={"files": ("image.jpg", image, "image/jpeg")})
            answer.raise_for_status()
            read = time.perf_counter()
            study = answer.json()["studies"][0]
            assert study["state"] == "done", study
            client.get(f"/api/v1/studies/{study['id']}/images/0/heat").raise_for_status()
            times.reading.append((read - begin) * 1e3)
            times.heat.append((time.perf_counter() - read) * 1e3)
    return times


def blank(side: int, grey: int) -> bytes:
    """A PNG of one grey value, a thousandth of its pixels in bytes."""
    row = b"\0" + bytes([grey]) * side
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    head = pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def largest(server: Server, settings: dict[str, Any]) -> str:
    """Two studies at once with as many pixels as the settings allow, then pictures of them at once; the server must live."""
    side = math.isqrt(settings["pixels"])
    number = settings["study_pixels"] // side**2
    with httpx.Client(base_url=server.url, timeout=300) as client:
        csrf(client)
        jobs: list[str] = []
        for study in range(2):
            files = [("files", (f"{n}.png", blank(side, 80 + 8 * study + n), "image/png")) for n in range(number)]
            answer = client.post(
                "/api/v1/studies", files=files, data={"together": "true"}, headers={"Prefer": "respond-async"}
            )
            answer.raise_for_status()
            jobs.append(answer.json()["job"])
        while any(client.get(f"/api/v1/jobs/{job['id']}").json()["state"] not in {"done", "failed"} for job in jobs):
            time.sleep(0.2)
        paths = [
            f"/api/v1/studies/{job['studies'][0]}/{what}" for job in jobs for what in ("images/0/pixels", "overlay.png")
        ]
        with ThreadPoolExecutor(ASKED) as pool:
            statuses = list(
                pool.map(lambda path: client.get(path).status_code, itertools.islice(itertools.cycle(paths), ASKED))
            )
        assert set(statuses) <= {200, 503}, statuses
        client.get("/api/v1/ready").raise_for_status()
    return (
        f"two studies at once of {number} images of {side:,} x {side:,} pixels, and {ASKED} requests at once for pictures of "
        f"them ({statuses.count(200)} answered, {statuses.count(503)} told to come again)"
    )


def measured(given: Recipe, before: list[str], bundle: str, count: int) -> Iterator[tuple[str, str]]:
    """What was measured and its figure, as soon as it is known."""
    with tempfile.TemporaryDirectory() as name:
        spent = starts(given, before, bundle, Path(name))
        figure = f"{np.median(spent):.1f} ({min(spent):.1f} to {max(spent):.1f})"
        yield f"start, s: median of {STARTS} (least to most)", figure
        port = free_port()
        whole = [*before, *command(given, bundle, Path(name, "store"), port)]
        with started(whole, port, "/api/v1/ready") as server:
            yield "memory at rest, MiB", f"{server.resident:.0f}"
            for size, shape in SIZES.items():
                times = readings(server, shape, count)
                both = [sum(pair) for pair in zip(times.reading, times.heat, strict=True)]
                for what, values in (("reading", times.reading), ("reading and heat map", both)):
                    for level in (0.5, 0.95):
                        yield f"{size}: {what}, p{round(level * 100)}, ms", quantile(values, level)
                yield f"{size}: memory after {count} readings, MiB", f"{server.resident:.0f}"
            yield "most memory so far, MiB", f"{server.peak:.0f}"
            what = largest(server, given.settings)
            yield f"most memory with {what}, MiB", f"{server.peak:.0f}"


def main() -> None:
    """Measure, and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="fracatlas", help="name or file (default: fracatlas)")
    parser.add_argument("--readings", type=int, default=200, help="of each size (default: 200)")
    parser.add_argument("--markdown", type=Path, help="write the result here, too")
    options = parser.parse_args()
    given = recipe()
    table = ["| | |", "|---|---|"]
    with given.limits.applied() as (before, words):
        for row in measured(given, before, options.bundle, options.readings):
            table.append(f"| {' | '.join(row)} |")
            print(table[-1], file=sys.stderr, flush=True)
    about = (
        f"Bundle {Path(options.bundle).stem}; {words}; {options.readings} readings of each size, one after the other, "
        f"phantoms; {processor()}, {os.cpu_count()} processors, over the run {os.getloadavg()[2]:.0f} processes that wanted "
        "them (load of 15 minutes). In brackets 95 % intervals (bootstrap over requests)."
    )
    text = "\n".join([about, "", *table]) + "\n"
    print(text)
    if options.markdown:
        options.markdown.write_text(text)


def processor() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
