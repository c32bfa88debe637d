"""Real images that Python packages ship: other modalities, photographs, micrographs, pages.

They are read from installed packages, none is copied into this repository. Licences:

| package | licence of its images |
|---|---|
| scikit-image | public domain, CC0 or CC BY, listed in ``skimage/data/README.txt`` |
| scikit-learn | CC BY, listed in ``sklearn/datasets/images/README.txt`` |
| matplotlib | the licence of matplotlib; ``grace_hopper.jpg`` in the public domain |
| nilearn | MNI ICBM 152 (McConnell Brain Imaging Centre; use, copy and modification allowed with the notice) |
| nibabel | MIT, and the PDDL for what its ``COPYING`` names |
| pydicom, pynetdicom | MIT |
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError

from osteon.core.errors import DataError, InputError
from osteon.core.records import Pixels
from osteon.imaging.load import load

PACKAGES: Final = ("matplotlib", "nibabel", "nilearn", "pydicom", "pynetdicom", "skimage", "sklearn")
_RASTERS: Final = {
    "retina (package)": ("skimage/data/retina.jpg", "skimage/data/microaneurysms.png"),
    "photograph (package)": (
        "skimage/data/astronaut.png", "skimage/data/camera.png", "skimage/data/chelsea.png", "skimage/data/coffee.png",
        "skimage/data/coins.png", "skimage/data/rocket.jpg", "skimage/data/motorcycle_left.png", "skimage/data/horse.png",
        "skimage/data/brick.png", "skimage/data/gravel.png", "skimage/data/grass.png", "skimage/data/clock_motion.png",
        "sklearn/datasets/images/china.jpg", "sklearn/datasets/images/flower.jpg",
        "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    ),
    "microscope, telescope (package)": tuple(
        f"skimage/data/{name}" for name in ("cell.png", "ihc.png", "hubble_deep_field.jpg", "moon.png")
    ),
    "text (package)": ("skimage/data/page.png", "skimage/data/text.png", "skimage/data/logo.png"),
}  # fmt: skip
_VOLUMES: Final = (
    "nilearn/datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz",
    "nibabel/tests/data/example4d.nii.gz",
)
_DICOM: Final = ("pydicom/data/test_files", "pynetdicom/tests/dicom_files", "nibabel/nicom/tests/data")
_SLICES: Final = 40
"""Slices of a volume in each plane."""
_CROPS: Final = 10
"""Crops of each photograph."""
_TYPES: Final = {2: np.uint8, 4: np.int16, 8: np.int32, 16: np.float32, 64: np.float64, 256: np.int8, 512: np.uint16}


class Shipped(NamedTuple):
    """An image of a package.

    Attributes:
        kind: of image.
        source: file within the package.
        pixels: float32 (H, W) in [0, 1].
    """

    kind: str
    source: str
    pixels: Pixels


def shipped_images(rng: np.random.Generator) -> Iterator[Shipped]:
    """The images of all packages that are installed; colour is taken away."""
    for kind, names in _RASTERS.items():
        for name in names:
            path = _path(name)
            if path is not None:
                for pixels in _crops(rng, _grey(path)):
                    yield Shipped(kind, name, pixels)
    for name in _VOLUMES:
        path = _path(name)
        if path is not None:
            for pixels in _slices(rng, nifti(path)):
                yield Shipped("magnetic resonance (package)", name, pixels)
    scan = _path("matplotlib/mpl-data/sample_data/s1045.ima.gz")
    if scan is not None:
        values = np.frombuffer(gzip.decompress(scan.read_bytes()), np.uint16).reshape(256, 256)
        yield Shipped("magnetic resonance (package)", scan.name, windowed(values))
    yield from _dicom(rng)


def missing_packages() -> list[str]:
    """The packages that are not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def nifti(path: Path) -> NDArray[np.float32]:
    """The first volume (X, Y, Z) of a NIfTI-1 file, little endian.

    Raises:
        ValueError: it is none.
    """
    content = gzip.decompress(path.read_bytes())
    if content[344:347] not in (b"n+1", b"ni1") or int.from_bytes(content[:4], "little") != 348:
        raise ValueError(f"{path} is no NIfTI-1 file of little endian")
    sizes = np.frombuffer(content, "<i2", 8, 40)[1:4].tolist()
    kind = _TYPES[int(np.frombuffer(content, "<i2", 1, 70)[0])]
    offset = int(np.frombuffer(content, "<f4", 1, 108)[0])
    values = np.frombuffer(content, kind, int(np.prod(sizes)), offset)
    return values.reshape(sizes, order="F").astype(np.float32)


def windowed(values: NDArray[np.generic]) -> Pixels:
    """Values (H, W) between their outer quantiles, in [0, 1]."""
    low, high = np.quantile(values.astype(np.float32), [0.005, 0.995])
    return np.clip((values.astype(np.float32) - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)


def _path(name: str) -> Path | None:
    package, _, rest = name.partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / rest
    return path if path.exists() else None


def _grey(path: Path) -> Pixels:
    values = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if values is None:
        raise DataError(f"{path} cannot be decoded")
    return np.asarray(values, np.float32) / np.float32(255)


def _crops(rng: np.random.Generator, image: Pixels) -> Iterator[Pixels]:
    """The image, and crops of it with other sizes and gammas."""
    yield image
    for _ in range(_CROPS - 1):
        share = rng.uniform(0.45, 1.0)
        height, width = (max(64, int(side * share)) for side in image.shape)
        top = int(rng.integers(0, max(1, image.shape[0] - height + 1)))
        left = int(rng.integers(0, max(1, image.shape[1] - width + 1)))
        crop = image[top : top + height, left : left + width]
        yield np.ascontiguousarray(np.rot90(crop, int(rng.integers(0, 2))) ** np.float32(rng.uniform(0.6, 1.6)))


def _slices(rng: np.random.Generator, volume: NDArray[np.float32]) -> Iterator[Pixels]:
    """Slices in three planes, upright, magnified to the size of a picture."""
    for axis in range(3):
        length = volume.shape[axis]
        count = min(_SLICES, length)
        for index in np.unique(np.linspace(0.12 * length, 0.88 * length, count).astype(int)):
            values = np.rot90(np.take(volume, index, axis))
            if min(values.shape) < 32 or values.std() == 0:
                continue
            scale = max(1.0, rng.uniform(220, 512) / min(values.shape))
            size = (round(values.shape[1] * scale), round(values.shape[0] * scale))
            yield np.clip(cv2.resize(windowed(values), size, interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)


def _dicom(rng: np.random.Generator) -> Iterator[Shipped]:
    """Pictures of DICOM test files, named by their modality; small ones are magnified."""
    for folder in _DICOM:
        where = _path(folder)
        for path in sorted(where.glob("*.dcm")) if where is not None else ():
            try:
                modality = str(pydicom.dcmread(path, stop_before_pixels=True).get("Modality", ""))
                pixels = load(path)[0].pixels
            except (InputError, InvalidDicomError, OSError, ValueError, KeyError):
                continue
            if pixels.std() < 0.02 or min(pixels.shape) < 48:
                continue
            scale = max(1.0, rng.uniform(220, 400) / min(pixels.shape))
            size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
            grown = np.clip(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)
            names = {"MR": "magnetic resonance (package)", "CT": "computed tomography (package)"}
            yield Shipped(names.get(modality, "other DICOM (package)"), f"{folder}/{path.name}", grown)
