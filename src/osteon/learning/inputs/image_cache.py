"""Decoded images, kept on disk as one array, so that an epoch is not bound by decoding.

The images come through the reader's own path (``imaging.load``, ``to_canvas``), once, and lie as uint8 in a file that the
system maps into memory. The file's name is a hash of all that its content hangs on.
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

from osteon.core.errors import DataError, InputError
from osteon.data.files.names import as_path
from osteon.imaging import load
from osteon.imaging.preprocess import Preprocessing, to_canvas
from osteon.learning.inputs.cases import Cases
from osteon.learning.runs.whole import FULL, replaced

Track = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Shows progress: ``track(iterable, description, total)`` gives the items back, one by one."""

_FORMAT: Final = 1  # raised when the decoding changes, so that old files are not used


class Canvases(NamedTuple):
    """Decoded images.

    Attributes:
        pixels: uint8 (N, H, W), mapped from disk.
        sizes: (N, 2), rows and columns of the source images; 0 where a file could not be read.
        errors: by position, why a file could not be read.
    """

    pixels: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    errors: dict[int, str]

    def readable(self, cases: Cases) -> Cases:
        """The cases all of whose films could be read."""
        return cases.only(np.all(self.sizes[cases.films, 0] > 0, axis=1))


def canvases(cases: Cases, how: Preprocessing, folder: Path, track: Track) -> Canvases:
    """Decode the films of the cases, or find them decoded.

    Args:
        cases: what to decode.
        how: size and fit of the canvas.
        folder: where decoded images are kept; made where it is missing.
        track: shows progress.

    Raises:
        DataError: an image is not there, or there is no space for the decoded ones.
    """
    key = _key(cases, how)
    data, index = folder / f"{key}.npy", folder / f"{key}.json"
    found = _found(data, index)
    if found is None:
        _decode(cases, how, data, index, track)
        found = _found(data, index)
    if found is None:
        raise DataError("decoded images cannot be read back", got=f"{data.name} in {folder}")
    return found


def _found(data: Path, index: Path) -> Canvases | None:
    """What was decoded before; None where it is not there, or not whole."""
    try:
        about = json.loads(index.read_text())
        errors = {int(position): reason for position, reason in about["errors"].items()}
        sizes = np.array(about["sizes"], np.int64).reshape(-1, 2)
        pixels = np.load(data, mmap_mode="r")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Canvases(pixels, sizes, errors) if len(pixels) == len(sizes) else None


def _key(cases: Cases, how: Preprocessing) -> str:
    digest = hashlib.sha256(json.dumps([_FORMAT, asdict(how)]).encode())
    for image in cases.images:
        try:
            state = as_path(cases.root, image).stat()
        except OSError as error:
            raise DataError(
                "an image of the dataset is not there", expected=image, got=error.strerror or "nothing"
            ) from error
        digest.update(f"{image}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def _decode(cases: Cases, how: Preprocessing, data: Path, index: Path, track: Track) -> None:
    shape = (len(cases.images), how.height, how.width)
    with replaced(data) as draft:
        array = _reserved(draft, shape)
        sizes: list[tuple[int, int]] = [(0, 0)] * len(cases.images)
        errors: dict[int, str] = {}

        def decode(position: int) -> None:
            try:
                film = load(as_path(cases.root, cases.images[position]))[0]
            except InputError as error:
                errors[position] = error.problem
                return
            sizes[position] = (film.height, film.width)
            array[position] = np.round(to_canvas(film.pixels, how) * 255.0)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in track(pool.map(decode, range(len(cases.images))), "Decoding images", len(cases.images)):
                pass
        array.flush()
    with replaced(index) as draft:
        draft.write_text(json.dumps({"sizes": sizes, "errors": errors}))


def _reserved(draft: Path, shape: tuple[int, int, int]) -> np.memmap[Any, np.dtype[np.uint8]]:
    """A new array in a file all of whose space is taken: one that lacks space under a memory map ends the process.

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
    """Take the space of a whole file on the disk."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
        return
    os.lseek(file, 0, os.SEEK_SET)  # macOS: what is there is written again
    step = 1 << 20
    for start in range(0, size, step):
        block = os.pread(file, min(step, size - start), start)
        os.pwrite(file, block, start)
