"""Decoded images, kept on disk as one array, so that an epoch is not bound by decoding.

The images are decoded once, as the inference pipeline does it (``imaging.load``, ``to_canvas``), and stored as uint8 in a file
that is mapped into memory. The name of the file is a hash of everything that its content depends on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.errors import DataError, InputError
from osteon.core.values import from_json
from osteon.data.files.atomic import FULL, replacing
from osteon.data.files.names import as_path
from osteon.imaging import load
from osteon.imaging.crop.region import Region
from osteon.imaging.preprocess import Preprocessing, fit
from osteon.learning.inputs.cases import Cases

Track = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Shows progress: ``track(iterable, description, total)`` gives the items back, one by one."""


def no_progress(items: Iterable[Any], _description: str, _total: int) -> Iterable[Any]:
    """A ``Track`` that shows nothing."""
    return items


_FORMAT: Final = 1  # raised when the decoding changes, so that old files are not used


class Canvases(NamedTuple):
    """Decoded images.

    Attributes:
        pixels: uint8 (N, H, W), mapped from disk.
        sizes: (N, 2), rows and columns of the source images; 0 where a file could not be read.
        faults: by position, why a file could not be read.
        regions: (N, 4), rows and columns of the source images that are shown (``Region``); None where all of them are.
    """

    pixels: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    faults: dict[int, Fault]
    regions: NDArray[np.int64] | None = None

    def region(self, image: int) -> Region:
        """The region of a source image that is shown."""
        if self.regions is not None:
            return Region(*(int(end) for end in self.regions[image]))
        rows, columns = (int(side) for side in self.sizes[image])
        return Region(0, rows, 0, columns)

    def readable(self, cases: Cases) -> Cases:
        """The cases all of whose images could be read."""
        return cases.only(np.all(self.sizes[cases.views, 0] > 0, axis=1))


def canvases(cases: Cases, preprocessing: Preprocessing, folder: Path, track: Track) -> Canvases:
    """Decode the images of the cases, or open them where they are decoded already.

    Args:
        cases: what to decode.
        preprocessing: size and fit of the canvas.
        folder: where decoded images are kept; made where it is missing.
        track: shows progress.

    Raises:
        DataError: an image is not there, or there is no space for the decoded ones.
    """
    key = _key(cases, preprocessing)
    data, index = folder / f"{key}.npy", folder / f"{key}.json"
    found = _found(data, index)
    if found is None:
        _decode(cases, preprocessing, data, index, track)
        found = _found(data, index)
    if found is None:
        raise DataError("decoded images cannot be read back", got=f"{data.name} in {folder}")
    return found


def _found(data: Path, index: Path) -> Canvases | None:
    """What was decoded before; None where it is missing, incomplete, or of an earlier version, which kept sentences."""
    try:
        about = json.loads(index.read_text())
        faults = {
            int(position): Fault(FaultCode(fault["code"]), from_json(fault["values"]))
            for position, fault in about["faults"].items()
        }
        sizes = np.array(about["sizes"], np.int64).reshape(-1, 2)
        shown = about.get("regions")  # those of whole images have none
        regions = None if shown is None else np.array(shown, np.int64).reshape(-1, 4)
        pixels = np.load(data, mmap_mode="r")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Canvases(pixels, sizes, faults, regions) if len(pixels) == len(sizes) else None


def _key(cases: Cases, preprocessing: Preprocessing) -> str:
    settings = {name: value for name, value in asdict(preprocessing).items() if name != "crop" or value is not None}
    digest = hashlib.sha256(json.dumps([_FORMAT, settings]).encode())
    for image in cases.images:
        try:
            state = as_path(cases.root, image).stat()
        except OSError as error:
            raise DataError(
                "an image of the dataset is not there", expected=image, got=error.strerror or "nothing"
            ) from error
        digest.update(f"{image}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def _decode(cases: Cases, preprocessing: Preprocessing, data: Path, index: Path, track: Track) -> None:
    shape = (len(cases.images), preprocessing.height, preprocessing.width)
    with replacing(data) as new:
        array = _reserved(new, shape)
        sizes: list[tuple[int, int]] = [(0, 0)] * len(cases.images)
        regions: list[Region] = [Region(0, 0, 0, 0)] * len(cases.images)
        faults: dict[int, Fault] = {}

        def decode(position: int) -> None:
            try:
                radiograph = load(as_path(cases.root, cases.images[position]))[0]
            except InputError as error:
                faults[position] = error.fault
                return
            sizes[position] = (radiograph.height, radiograph.width)
            fitted = fit(radiograph.pixels, preprocessing)
            regions[position] = fitted.region
            array[position] = np.round(fitted.canvas * 255.0)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in track(pool.map(decode, range(len(cases.images))), "Decoding images", len(cases.images)):
                pass
        array.flush()
    with replacing(index) as new:
        kept = {position: fault.to_json() for position, fault in faults.items()}
        shown = {} if preprocessing.crop is None else {"regions": regions}
        new.write_text(json.dumps({"sizes": sizes, "faults": kept, **shown}))


def _reserved(draft: Path, shape: tuple[int, int, int]) -> np.memmap[Any, np.dtype[np.uint8]]:
    """A new array in a file whose space is allocated: running out of it under a memory map would end the process.

    Raises:
        DataError: there is not enough.
    """
    size = prod(shape)
    try:
        array = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
        with draft.open("r+b") as file:
            _reserve(file.fileno(), draft.stat().st_size)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise DataError(
            f"no space left for decoded images in {draft.parent}",
            expected=f"{size / 1e6:,.1f} MB",
            hint="Make room, or name another folder with --cache.",
        ) from error
    return array


def _reserve(file: int, size: int) -> None:
    """Allocate the space of a whole file on the disk."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
        return
    os.lseek(file, 0, os.SEEK_SET)  # macOS: what is there is written again
    step = 1 << 20
    for start in range(0, size, step):
        block = os.pread(file, min(step, size - start), start)
        os.pwrite(file, block, start)
