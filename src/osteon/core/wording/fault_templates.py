"""The words of each code of what cannot be read; ``osteon.core.wording.faults`` fills them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from osteon.core.codes.fault import FaultCode

_ACCEPTED: Final = "a radiograph as DICOM, JPEG, PNG or TIFF"

_AGAIN: Final = "Fetch the file again from where it came."
_GREY: Final = "Convert it to a grey PNG."
_RADIOGRAPH: Final = "a CR, DX, RF or XA image, or a secondary capture of one"
_UNPACK: Final = "Unpack it first."
_EXPORT: Final = "Export the radiograph itself as DICOM, PNG, TIFF or JPEG."

FOREIGN: Final[Mapping[str, tuple[str, str]]] = {
    "zip": ("a zip archive", _UNPACK),
    "gzip": ("a gzip archive", _UNPACK),
    "7z": ("a 7z archive", _UNPACK),
    "rar": ("a rar archive", _UNPACK),
    "pdf": ("a PDF document", _EXPORT),
    "gif": ("a GIF image", _EXPORT),
    "bmp": ("a BMP image", _EXPORT),
    "j2k": ("a bare JPEG 2000 codestream", _EXPORT),
    "jp2": ("a JPEG 2000 file", _EXPORT),
    "riff": ("a WebP image or another RIFF file", _EXPORT),
    "numpy": ("a NumPy array", _EXPORT),
    "hdf5": ("an HDF5 file", _EXPORT),
    "rtf": ("an RTF document", _EXPORT),
    "office": ("an Office document", _EXPORT),
    "html": ("an HTML page", ""),
    "xml": ("an XML document", ""),
    "json": ("JSON or other text", ""),
    "text": ("text", ""),
    "binary": ("an unknown binary format", ""),
}
"""Formats that are not read, and what to do about each."""

TIFF_PROPERTIES: Final[Mapping[str, str]] = {
    "shape": "the shape of its samples",
    "photometric": "its PhotometricInterpretation",
    "samples": "its SamplesPerPixel",
    "depth": "a volume",
    "mixed": "its samples of several types",
    "sample_format": "its SampleFormat",
    "colour_type": "colours of its type",
    "subsampling": "subsampled YCbCr without JPEG compression",
    "palette": "its palette",
}
"""Properties for which a TIFF is not read."""


class Template(NamedTuple):
    """How the words of a code are made; of several alternatives the first counts whose values are all there."""

    heading: str
    problem: str = ""
    expected: tuple[str, ...] | str = ""
    got: tuple[str, ...] | str = ""
    hint: str = ""


_C: Final = FaultCode
TEMPLATES: Final[Mapping[FaultCode, Template]] = {
    _C.PATH_MISSING: Template("there is no such file or folder"),
    _C.FILE_MISSING: Template("the file does not exist", got="{source}"),
    _C.FILE_UNOPENED: Template("the file cannot be opened", got=("{cause}", "{source}")),
    _C.FOLDER: Template("this is a folder", expected="a file", got="{source}"),
    _C.EMPTY_FILE: Template("the file is empty", expected=_ACCEPTED),
    _C.FILE_TOO_LARGE: Template(
        "the file is too large",
        expected="at most {limit:,} bytes",
        got="{bytes:,}",
        hint="Raise Limits.max_bytes if the file is to be trusted.",
    ),
    _C.UNKNOWN_FORMAT: Template("the file is not a radiograph", expected=_ACCEPTED, got="{name}", hint="{advice}"),
    _C.NOT_DICOM: Template("the file is not DICOM", expected="a DICOM file", got="a {format} image"),
    _C.NO_MEMORY: Template("there is not enough memory for the file"),
    _C.NOT_DECODED: Template("the file cannot be decoded", got="{error}"),
    _C.DICOM_DAMAGED: Template("the DICOM file is damaged", got="{error}", hint=_AGAIN),
    _C.DICOM_TRUNCATED: Template(
        "the DICOM file is truncated, or an element of it states a wrong length",
        expected="elements that end before the file does",
        got="at {element} it does not",
        hint=_AGAIN,
    ),
    _C.SEQUENCE_DAMAGED: Template(
        "a sequence of the DICOM header is damaged",
        expected="items and delimiters that fit their lengths",
        got="in the element behind {element} they do not",
        hint=_AGAIN,
    ),
    _C.DEFLATED_DAMAGED: Template("the deflated DICOM file is damaged", expected="a deflated data set", hint=_AGAIN),
    _C.DEFLATED_TOO_LARGE: Template(
        "the deflated DICOM file is too large",
        expected="at most {limit:,} bytes of elements once it is inflated",
        got="more",
    ),
    _C.TOO_MANY_ELEMENTS: Template("the DICOM file has too many elements", expected="at most about {limit:,}"),
    _C.DICOMDIR: Template(
        "this is a DICOMDIR: the directory of a medium, without images of its own",
        expected=_RADIOGRAPH,
        hint="Read the files that lie beside it.",
    ),
    _C.NO_CLASS_AND_IMAGE: Template(
        "the DICOM file is damaged or no DICOM", expected=_RADIOGRAPH, got="no SOP class and no image"
    ),
    _C.NOT_RADIOGRAPH: Template(
        "the DICOM object is not a radiograph", expected=_RADIOGRAPH, got=("{object}", "modality {modality}")
    ),
    _C.TRANSFER_SYNTAX: Template(
        "the transfer syntax is not read",
        expected="uncompressed, deflated, RLE, JPEG, JPEG-LS or JPEG 2000",
        got="{name}",
        hint="Convert the file, e.g. with dcmconv or gdcmconv --raw.",
    ),
    _C.NO_IMAGE: Template("the DICOM object has no image", expected="{missing}", hint=_AGAIN),
    _C.IMAGE_EMPTY: Template("the image is empty", expected="at least one pixel", got="{frames} x {rows} x {columns}"),
    _C.TOO_MANY_FRAMES: Template(
        "the file has too many frames",
        expected="at most {limit:,}",
        got="{frames:,}",
        hint="Raise Limits.max_frames if the file is to be trusted.",
    ),
    _C.TOO_MANY_PIXELS: Template(
        "the image is too large",
        expected="at most {limit:,} pixels",
        got=("{rows:,} rows x {columns:,} columns x {frames:,} frames", "{rows:,} rows x {columns:,} columns"),
        hint="Raise Limits.max_pixels if the file is to be trusted.",
    ),
    _C.SAMPLE_DEPTH: Template(
        "the depth of the samples is not read",
        expected="8 or 16 bits allocated, and samples that fit into them",
        got="{allocated} allocated, {stored} stored, high bit {high_bit}",
    ),
    _C.PHOTOMETRIC: Template(
        "the photometric interpretation is not read",
        expected="MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL, YBR_FULL_422, YBR_ICT or YBR_RCT",
        got="{photometric} with {samples} sample(s) a pixel",
    ),
    _C.SUBSAMPLED: Template(
        "subsampled colour of this shape is not read", expected="8 bits and an even number of columns"
    ),
    _C.PALETTE: Template(
        "the palette is missing or damaged",
        expected="descriptor and data of a red, a green and a blue table",
        got="no {channel} one",
    ),
    _C.PIXELS_TRUNCATED: Template(
        "the pixel data are truncated",
        expected=("{bytes:,} bytes for {frames} frame(s)", "{frames} frames"),
        got="{found:,}",
        hint=_AGAIN,
    ),
    _C.FRAGMENTS: Template(
        "the compressed fragments cannot be assigned to frames",
        expected="{frames} frames, or an offset table that says where each begins",
        got="{fragments} fragments",
    ),
    _C.COMPRESSED_OTHER_SIZE: Template(
        "the compressed pixels contradict the DICOM header",
        expected="{rows} rows, {columns} columns, {samples} samples a pixel",
        got="{found}",
    ),
    _C.COMPRESSED_OTHER_DEPTH: Template(
        "the depth of the compressed pixels contradicts the DICOM header",
        expected="at most {bits} bits a sample",
        got="{found}",
    ),
    _C.COMPRESSED_DEPTH: Template(
        "the depth of the compressed pixels is not read", expected="2 to 16 bits", got="{bits}"
    ),
    _C.COMPRESSED_SHAPE: Template("the compressed pixels are damaged", expected="shape {shape}", got="{found}"),
    _C.RLE_SEGMENTS: Template(
        "the run-length pixels contradict the DICOM header", expected="{segments} segments", got="{found}"
    ),
    _C.RLE_TRUNCATED: Template(
        "the run-length pixels are truncated", expected=("{bytes} bytes", "a header of 64 bytes"), got="{found}"
    ),
    _C.RLE_DAMAGED: Template("the run-length pixels are truncated or damaged", got="{cause}"),
    _C.NO_CODESTREAM: Template(
        "no compressed pixels are found",
        "the compressed pixels are damaged",
        expected="a JPEG, JPEG-LS or JPEG 2000 codestream",
    ),
    _C.CODESTREAM_TRUNCATED: Template(
        "the file is truncated: its compressed pixels end before the image does", hint=_AGAIN
    ),
    _C.CODESTREAM_DAMAGED: Template("a codestream is damaged", "the {codec} is damaged", got="{cause}"),
    _C.JPEG_NO_DATA: Template("the JPEG is damaged: it ends before any image data"),
    _C.JPEG_NO_SIZE: Template("the JPEG is damaged: it declares no size before its image data"),
    _C.JPEG_FRAME_SHORT: Template("the JPEG is damaged: its frame header is too short"),
    _C.RASTER_TRUNCATED: Template("an image file is truncated", "the {format} file is truncated", hint=_AGAIN),
    _C.RASTER_DAMAGED: Template(
        "an image file is truncated or damaged",
        "the {format} file is truncated or damaged",
        got="{error}",
        hint=_AGAIN,
    ),
    _C.SAMPLE_LAYOUT: Template("the layout of the samples is not read", expected="grey or RGB", got="{shape}"),
    _C.NOT_FINITE: Template("the samples are not numbers", expected="finite samples"),
    _C.RANGE: Template("the samples are too far apart", expected="a range that a number can hold"),
    _C.TIFF_CIRCLE: Template("the TIFF file is damaged: its pages lead in a circle"),
    _C.TIFF_PAGE_OUTSIDE: Template("the TIFF file is truncated or damaged: a further page lies outside of it"),
    _C.TIFF_NO_IMAGE: Template("the TIFF file is truncated or damaged: it holds no image"),
    _C.TIFF_NO_DATA: Template("the TIFF file is truncated or damaged: a strip or tile holds no data"),
    _C.TIFF_UNSUPPORTED: Template(
        "the TIFF is of a kind that is not read",
        "the TIFF is not read for {named}",
        expected="grey, RGB, palette, CMYK or YCbCr",
        got="{found}",
        hint="Convert it to a 16 bit grey TIFF or PNG.",
    ),
    _C.SOURCE_UNREAD: Template("a source could not be read", "{source} could not be read", got="{problem}"),
    _C.NOTHING_READ: Template(
        "nothing could be read", expected="radiographs", got="{failed} that failed, {skipped} other files"
    ),
    _C.CONTAINER_UNLISTED: Template(
        "the members of a zip or tar file cannot all be found",
        hint="It is damaged, or a tar file that is compressed as a whole: unpack it, or pack it anew.",
    ),
    _C.NO_IMAGES: Template("there are no images to corrupt"),
    _C.NO_FILES: Template("there is no file to de-identify"),
    _C.NOT_DEIDENTIFIED: Template(
        "the DICOM object is not a radiograph, and is not de-identified",
        expected=_RADIOGRAPH,
        got=("{object}", "another class or modality"),
        hint="Reports, documents, and images of other modalities need a tool that knows them.",
    ),
    _C.CLASS_MISSING: Template("the DICOM object does not state its class", expected="a SOPClassUID"),
    _C.IDENTIFIER_MISSING: Template("the DICOM object is not identified", expected="a {element}"),
    _C.KEY_TOO_SHORT: Template(
        "the secret is too short",
        expected="at least {minimum} bytes",
        got="{bytes}",
        hint="Let osteon create one: name a file that does not exist yet.",
    ),
    _C.COMPRESSED_DAMAGED: Template("the compressed pixels are truncated or damaged", hint=_AGAIN),
    _C.NEEDS_METADATA: Template("the JPEG file cannot be decoded without its metadata", hint=_GREY),
    _C.NOT_DECODED_TO_CHANGE: Template("the image cannot be decoded to be rotated or blanked", hint=_GREY),
    _C.NOT_ENCODED: Template("the image cannot be re-encoded", hint=_GREY),
    _C.TOO_LARGE_FOR_JPEG: Template("the image is too large for a JPEG", expected="at most 65,500 pixels a side"),
    _C.STUDY_UNREAD: Template("the study cannot be read", got="{error}"),
    _C.STUDY_REMOVED: Template("the study was removed before it was read", hint="Send it again if it is still wanted."),
    _C.STUDY_TOO_LARGE: Template("the study is too large", expected="at most {limit:,} pixels in all its images"),
    _C.STUDY_ENDS_SERVER: Template(
        "the server ended each time that it began to read this study",
        expected="at most {attempts} attempts",
        hint="Send its files one by one to find the one that does it.",
    ),
    _C.OTHER_IMAGE: Template(
        "another image with the same SOPInstanceUID is here already",
        expected="the same image again, or a SOPInstanceUID of its own",
        got="other content under the same SOPInstanceUID",
        hint="If this image is to replace the one that is here, delete that study first and send it again.",
    ),
    _C.OTHER_PATIENT: Template(
        "an image of another patient is here under the same StudyInstanceUID",
        expected="images of one patient under a StudyInstanceUID",
        got="another PatientID, issuer, birth date, sex or name",
        hint="Find out at the sender whose image it is, and send it under a StudyInstanceUID of its own.",
    ),
    _C.INSTANCE_UNIDENTIFIED: Template(
        "the DICOM instance does not say what it is",
        expected="SOPClassUID, SOPInstanceUID and StudyInstanceUID",
    ),
    _C.PSEUDONYM_RESERVED: Template(
        "this form of pseudonym is reserved",
        expected="one that does not begin with P-, which the store gives to patients by their number",
        hint="Choose another one, such as CASE-12.",
    ),
    _C.LABEL_LIKE_PSEUDONYM: Template(
        "this label looks like a patient's pseudonym", hint="Choose another one, such as bed 12."
    ),
    _C.OTHER: Template("another cause", "{problem}", expected="{expected}", got="{got}", hint="{hint}"),
}
