"""Coverage-guided fuzzing of image loading: any bytes give radiographs or an ``InputError``.

    python fuzz/load.py dicom --runs 10000
    python fuzz/load.py raster --runs 10000 --keep crashes

libFuzzer (through atheris) changes small images so that they reach new lines of pydicom and ``osteon.imaging``. It stops, and
keeps the file, at any other exception, at one file that takes more than ten seconds, and at a process of more than 1 GiB. What
it found is worth a test in ``tests/imaging``.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

SECONDS: Final = 10
"""Seconds allowed for one file."""
MEBIBYTES: Final = 1024
"""Memory limit of the process."""
LARGEST: Final = 16384
"""Maximum bytes of a mutated file."""


def seeds(kind: str) -> Iterator[tuple[str, bytes]]:
    """Small images of every supported format: name and bytes."""
    rows, columns = np.mgrid[0:24, 0:20]
    grey = (rows * 9 + columns * 3).astype(np.uint8)
    yield from _dicom(grey) if kind == "dicom" else _raster(grey)


def _raster(grey: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    from PIL import Image

    colour = np.dstack([grey, grey, 255 - grey])
    forms = (
        ("JPEG", grey),
        ("JPEG", colour),
        ("PNG", grey),
        ("PNG", colour),
        ("TIFF", grey),
        ("PNG", grey.astype(np.uint16) * 257),
    )
    for number, (form, pixels) in enumerate(forms):
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, form)
        yield f"{number}.{form.lower()}", stream.getvalue()
    for compression in ("tiff_lzw", "tiff_deflate", "packbits"):
        stream = io.BytesIO()
        Image.fromarray(grey).save(stream, "TIFF", compression=compression)
        yield f"{compression}.tiff", stream.getvalue()


def _dicom(grey: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    import imagecodecs
    from pydicom import uid
    from pydicom.encaps import encapsulate

    words = grey.astype(np.uint16) * 16
    plain = _dataset(words)
    yield "native.dcm", _written(plain, uid.ExplicitVRLittleEndian)
    yield "implicit.dcm", _written(_dataset(words), uid.ImplicitVRLittleEndian)
    yield "deflated.dcm", _written(_dataset(words), uid.DeflatedExplicitVRLittleEndian)
    rle = _dataset(words)
    rle.compress(uid.RLELossless)
    yield "rle.dcm", _written(rle, uid.RLELossless)
    for name, syntax, frame in (
        ("jpeg", uid.JPEGBaseline8Bit, imagecodecs.jpeg8_encode(grey)),
        ("lossless", uid.JPEGLosslessSV1, imagecodecs.ljpeg_encode(words, bitspersample=12)),
        ("jpegls", uid.JPEGLSLossless, imagecodecs.jpegls_encode(words)),
        ("jpeg2000", uid.JPEG2000Lossless, imagecodecs.jpeg2k_encode(words, codecformat="j2k", reversible=True)),
    ):
        packed = _dataset(grey if name == "jpeg" else words)
        packed.PixelData = encapsulate([bytes(frame)])
        packed["PixelData"].is_undefined_length = True
        yield f"{name}.dcm", _written(packed, syntax)


def _dataset(words: NDArray[np.uint8] | NDArray[np.uint16]):  # noqa: ANN202 - pydicom is imported late
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.2", "1.2.826.0.1.3680043.8.498.3"
    dataset.PatientID, dataset.PatientAge, dataset.PatientSex = "fuzz", "007Y", "F"
    dataset.Modality, dataset.BodyPartExamined, dataset.ViewPosition = "DX", "HAND", "PA"
    dataset.Rows, dataset.Columns = words.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.BitsAllocated = 8 * words.dtype.itemsize
    dataset.BitsStored = 8 if dataset.BitsAllocated == 8 else 12
    dataset.HighBit = dataset.BitsStored - 1
    dataset.WindowCenter, dataset.WindowWidth, dataset.PixelSpacing = "2000", "3000", [0.2, 0.2]
    dataset.RescaleSlope, dataset.RescaleIntercept = "1", "0"
    dataset.PixelData = words.tobytes()
    return dataset


def _written(dataset, syntax: str) -> bytes:  # noqa: ANN001 - pydicom is imported late
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def fuzz(arguments: list[str]) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["pydicom", "osteon.imaging"]):
        import pydicom.filebase
        import pydicom.pixels

        # What is imported at a first use must be imported here, to be instrumented.
        from osteon.core.errors import InputError
        from osteon.imaging import Limits, load
        from osteon.imaging.codecs import codecs
        from osteon.imaging.dicom import dicom, frames
        from osteon.imaging.raster import raster

    _ = (pydicom.filebase, pydicom.pixels, codecs, dicom, frames, raster)
    small = Limits(max_bytes=2**20, max_pixels=2**20, max_frames=8)

    def one(data: bytes) -> None:
        try:
            images = load(data, limits=small)
        except InputError:
            return
        for image in images:
            if not 0.0 <= float(image.pixels.min()) <= float(image.pixels.max()) <= 1.0:
                raise ValueError("brightness outside [0, 1]")

    atheris.Setup(arguments, one)
    atheris.Fuzz()


def main() -> None:
    """Make the seeds, fuzz in a separate process, report the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("dicom", "raster"))
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="folder for files that caused a crash")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name)
        for file, data in seeds(given.kind):
            (corpus / file).write_bytes(data)
        given.keep.mkdir(parents=True, exist_ok=True)
        options = [
            f"-runs={given.runs}",
            f"-seed={given.seed}",
            f"-timeout={SECONDS}",
            f"-rss_limit_mb={MEBIBYTES}",
            f"-max_len={LARGEST}",
            f"-artifact_prefix={given.keep}/",
            "-print_final_stats=1",
        ]
        command = [sys.executable, __file__, "--fuzz", *options, str(corpus)]
        code = subprocess.run(command, check=False).returncode
        found = len(list(corpus.iterdir()))
    sys.stderr.write(
        f"{given.runs} runs, {found} files that reach something new: {'all survived' if code == 0 else 'FAILED'}\n"
    )
    sys.exit(code)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fuzz"]:
        fuzz([sys.argv[0], *sys.argv[2:]])
    main()
