"""Coverage-guided fuzzing of the way in: whatever the bytes are, radiographs come out or an ``InputError``.

    python fuzz/load.py dicom --runs 10000
    python fuzz/load.py raster --runs 10000 --keep crashes

libFuzzer (through atheris) changes small films so that they reach new lines of pydicom and ``osteon.imaging``. It stops, and
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
"""That one file may take."""
MEBIBYTES: Final = 1024
"""That the process may hold."""
LARGEST: Final = 16384
"""Bytes of a changed file."""


def seeds(kind: str) -> Iterator[tuple[str, bytes]]:
    """Small films of every form that is read: name and bytes."""
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
    plain = _film(words)
    yield "native.dcm", _written(plain, uid.ExplicitVRLittleEndian)
    yield "implicit.dcm", _written(_film(words), uid.ImplicitVRLittleEndian)
    yield "deflated.dcm", _written(_film(words), uid.DeflatedExplicitVRLittleEndian)
    rle = _film(words)
    rle.compress(uid.RLELossless)
    yield "rle.dcm", _written(rle, uid.RLELossless)
    for name, syntax, frame in (
        ("jpeg", uid.JPEGBaseline8Bit, imagecodecs.jpeg8_encode(grey)),
        ("lossless", uid.JPEGLosslessSV1, imagecodecs.ljpeg_encode(words, bitspersample=12)),
        ("jpegls", uid.JPEGLSLossless, imagecodecs.jpegls_encode(words)),
        ("jpeg2000", uid.JPEG2000Lossless, imagecodecs.jpeg2k_encode(words, codecformat="j2k", reversible=True)),
    ):
        packed = _film(grey if name == "jpeg" else words)
        packed.PixelData = encapsulate([bytes(frame)])
        packed["PixelData"].is_undefined_length = True
        yield f"{name}.dcm", _written(packed, syntax)


def _film(words: NDArray[np.uint8] | NDArray[np.uint16]):  # noqa: ANN202 - pydicom is imported late
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

    film = Dataset()
    film.file_meta = FileMetaDataset()
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    film.StudyInstanceUID, film.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.2", "1.2.826.0.1.3680043.8.498.3"
    film.PatientID, film.PatientAge, film.PatientSex = "fuzz", "007Y", "F"
    film.Modality, film.BodyPartExamined, film.ViewPosition = "DX", "HAND", "PA"
    film.Rows, film.Columns = words.shape
    film.SamplesPerPixel, film.PhotometricInterpretation, film.PixelRepresentation = 1, "MONOCHROME2", 0
    film.BitsAllocated = 8 * words.dtype.itemsize
    film.BitsStored = 8 if film.BitsAllocated == 8 else 12
    film.HighBit = film.BitsStored - 1
    film.WindowCenter, film.WindowWidth, film.PixelSpacing = "2000", "3000", [0.2, 0.2]
    film.RescaleSlope, film.RescaleIntercept = "1", "0"
    film.PixelData = words.tobytes()
    return film


def _written(film, syntax: str) -> bytes:  # noqa: ANN001 - pydicom is imported late
    film.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    film.save_as(stream, enforce_file_format=True)
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
            films = load(data, limits=small)
        except InputError:
            return
        for film in films:
            if not 0.0 <= float(film.pixels.min()) <= float(film.pixels.max()) <= 1.0:
                raise ValueError("brightness outside [0, 1]")

    atheris.Setup(arguments, one)
    atheris.Fuzz()


def main() -> None:
    """Make the seeds, fuzz in a process of its own, say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("dicom", "raster"))
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="folder for files that were not survived")
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
