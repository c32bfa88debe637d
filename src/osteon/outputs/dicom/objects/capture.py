"""The secondary capture: the overlay with heat map and boxes as an image that every viewer shows."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless

from osteon.imaging.dicom.header import number, text, texts
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import codes
from osteon.outputs.dicom.common.base import Job, new_object
from osteon.outputs.dicom.common.content import coded
from osteon.outputs.dicom.common.source import SourceImage, burned_in, sides
from osteon.outputs.dicom.options import Compression
from osteon.outputs.drawing.overlay import MAXIMUM_IMAGES, draw

CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"

QUALITY: Final = 92
"""Of JPEG."""

SYNTAXES: Final = {
    Compression.JPEG: JPEGBaseline8Bit,
    Compression.JPEG_LS: JPEGLSLossless,
    Compression.NONE: ExplicitVRLittleEndian,
}
"""The transfer syntax of each form."""


def capture(job: Job) -> Dataset:
    """The overlay of the study; images beyond those that it has room for are neither shown nor referred to.

    Raises:
        InputError: a file cannot be decoded.
    """
    reading = job.result.with_pixels(MAXIMUM_IMAGES)
    pixels = np.asarray(draw(reading))
    images = job.sources.images[:MAXIMUM_IMAGES]
    compression = job.options.compression
    made = new_object(job, kinds.CAPTURE, CAPTURE, *([] if compression is Compression.JPEG else [compression.value]))
    made.ContentDate, made.ContentTime = made.InstanceCreationDate, made.InstanceCreationTime
    made.ConversionType, made.ImageType = "WSD", ["DERIVED", "SECONDARY"]
    made.DerivationDescription = (
        "Osteon: each image, and beside it the same with heat map and boxes, resampled to 8 bit"
    )
    made.SourceImageSequence = [_source(image) for image in images if image.frame == 1 or image.frames == 1]
    orientations = {tuple(texts(image.header, "PatientOrientation")) for image in images}
    made.PatientOrientation = list(orientations.pop()) if len(orientations) == 1 else []
    letters = set(sides(images))
    made.Laterality = letters.pop() if len(letters) == 1 else ""
    made.BurnedInAnnotation = burned_in(images)
    made.Rows, made.Columns, made.SamplesPerPixel, made.PlanarConfiguration = *pixels.shape[:2], 3, 0
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    _compress(made, pixels, compression, images)
    return made


def _source(image: SourceImage) -> Dataset:
    item = image.reference(frame=False)
    item.PurposeOfReferenceCodeSequence = [coded(codes.PROCESSED_FROM)]
    return item


def _compress(made: Dataset, pixels: np.ndarray, compression: Compression, images: tuple[SourceImage, ...]) -> None:
    """Set the pixels, and what was lost of them: what a source lost before stays lost."""
    lost = [image.header for image in images if text(image.header, "LossyImageCompression") == "01"]
    ratios = [ratio for header in lost[:1] if (ratio := number(header, "LossyImageCompressionRatio")) is not None]
    made.PhotometricInterpretation = "RGB"
    if compression is Compression.NONE:
        data = pixels.tobytes()
        made.PixelData = data + b"\0" * (len(data) % 2)
        made["PixelData"].VR = "OB"
    elif compression is Compression.JPEG_LS:
        import imagecodecs

        _encapsulate(made, bytes(imagecodecs.jpegls_encode(pixels)), SYNTAXES[compression])
    else:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=QUALITY, subsampling="4:2:2")
        made.PhotometricInterpretation = "YBR_FULL_422"
        _encapsulate(made, stream.getvalue(), SYNTAXES[compression])
        ratios.append(pixels.nbytes / len(stream.getvalue()))
        made.LossyImageCompressionMethod = "ISO_10918_1"
    made.LossyImageCompression = "01" if lost or compression is Compression.JPEG else "00"
    if compression is Compression.JPEG:
        made.LossyImageCompressionRatio = f"{ratios[-1]:.4g}"


def _encapsulate(made: Dataset, stream: bytes, syntax: UID) -> None:
    made.PixelData = encapsulate([stream])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    made.file_meta.TransferSyntaxUID = syntax
