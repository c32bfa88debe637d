"""Every code of what cannot be read has words and a heading, and errors keep both wherever they travel."""

from __future__ import annotations

import ast
import copy
import pickle
from pathlib import Path

import pytest

import osteon
from osteon.core.codes.fault import TRUNCATIONS, Fault, FaultCode
from osteon.core.errors import InputError
from osteon.core.values import Values
from osteon.core.wording.fault_templates import FOREIGN, TIFF_PROPERTIES
from osteon.core.wording.faults import fault_counts, fault_heading

AGAIN = "Fetch the file again from where it came."

FAULTS: list[tuple[FaultCode, Values, str]] = [
    (FaultCode.FILE_MISSING, {"source": "a.png"}, "the file does not exist; got a.png"),
    (FaultCode.FILE_UNOPENED, {"cause": "Permission denied"}, "the file cannot be opened; got Permission denied"),
    (FaultCode.FILE_UNOPENED, {"source": "a.png"}, "the file cannot be opened; got a.png"),
    (
        FaultCode.FILE_TOO_LARGE,
        {"bytes": 2048, "limit": 1024},
        (
            "the file is too large; expected at most 1,024 bytes, got 2,048. "
            "Raise Limits.max_bytes if the file is to be trusted."
        ),
    ),
    (
        FaultCode.UNKNOWN_FORMAT,
        {"format": "zip"},
        (
            "the file is not a radiograph; expected a radiograph as DICOM, JPEG, PNG or TIFF, got a zip archive. "
            "Unpack it first."
        ),
    ),
    (
        FaultCode.DICOM_TRUNCATED,
        {"element": "(0010,0010)"},
        (
            "the DICOM file is truncated, or an element of it states a wrong length; "
            f"expected elements that end before the file does, got at (0010,0010) it does not. {AGAIN}"
        ),
    ),
    (
        FaultCode.NO_IMAGE,
        {"without_data": True},
        f"the DICOM object has no image; expected Pixel Data that are not empty. {AGAIN}",
    ),
    (
        FaultCode.TOO_MANY_PIXELS,
        {"rows": 4, "columns": 5000, "limit": 10},
        (
            "the image is too large; expected at most 10 pixels, got 4 rows x 5,000 columns. "
            "Raise Limits.max_pixels if the file is to be trusted."
        ),
    ),
    (
        FaultCode.TOO_MANY_PIXELS,
        {"rows": 4, "columns": 5, "frames": 2, "limit": 10},
        (
            "the image is too large; expected at most 10 pixels, got 4 rows x 5 columns x 2 frames. "
            "Raise Limits.max_pixels if the file is to be trusted."
        ),
    ),
    (
        FaultCode.PIXELS_TRUNCATED,
        {"frames": 3, "found": 2},
        f"the pixel data are truncated; expected 3 frames, got 2. {AGAIN}",
    ),
    (
        FaultCode.PIXELS_TRUNCATED,
        {"frames": 1, "bytes": 4000, "found": 3000},
        f"the pixel data are truncated; expected 4,000 bytes for 1 frame(s), got 3,000. {AGAIN}",
    ),
    (
        FaultCode.RLE_TRUNCATED,
        {"found": 12},
        "the run-length pixels are truncated; expected a header of 64 bytes, got 12",
    ),
    (
        FaultCode.RASTER_DAMAGED,
        {"format": "JPEG"},
        f"the JPEG file is truncated or damaged. {AGAIN}",
    ),
    (
        FaultCode.TIFF_UNSUPPORTED,
        {"property": "depth", "found": "ImageDepth 4"},
        (
            "the TIFF is not read for a volume; expected grey, RGB, palette, CMYK or YCbCr, got ImageDepth 4. "
            "Convert it to a 16 bit grey TIFF or PNG."
        ),
    ),
    (FaultCode.STUDY_UNREAD, {}, "the study cannot be read"),
    (
        FaultCode.OTHER,
        {"problem": "as it was stored", "expected": "", "got": "that", "hint": ""},
        "as it was stored; got that",
    ),
]


@pytest.mark.parametrize(("code", "values", "sentence"), FAULTS)
def test_sentences(code: FaultCode, values: Values, sentence: str) -> None:
    assert str(InputError(code, values)) == sentence


def test_every_code_has_a_heading_of_its_own() -> None:
    assert len({fault_heading(code) for code in FaultCode}) == len(FaultCode)
    assert set(FaultCode) > TRUNCATIONS


@pytest.mark.parametrize("code", FaultCode)
def test_no_code_needs_values_to_say_something(code: FaultCode) -> None:
    """What is stored may lack values, and a log drops them."""
    error = InputError(code).without_got()
    assert error.problem
    assert "{" not in str(error)


def test_errors_travel_between_processes() -> None:
    error = InputError(FaultCode.PIXELS_TRUNCATED, {"frames": 3, "found": 2})
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - its own bytes
        assert isinstance(other, InputError)
        assert (other.code, other.values, str(other)) == (error.code, error.values, str(error))


def test_what_came_can_be_left_out() -> None:
    error = InputError(FaultCode.TIFF_UNSUPPORTED, {"property": "depth", "found": "DOE^JANE"}).without_got()
    assert error.fault == Fault(FaultCode.TIFF_UNSUPPORTED, {"property": "depth"})
    assert "for a volume" in str(error)
    assert not error.got


def test_every_code_and_word_is_used() -> None:
    """All codes but the one of earlier versions are raised somewhere, and all named formats and properties arise."""
    package = Path(osteon.__file__).parent
    paths = [path for path in package.rglob("*.py") if path.parts[-2:] != ("core", "fault.py")]
    trees = [ast.parse(path.read_text()) for path in paths if path.parent.name != "wording"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "FaultCode"
    }
    assert named == set(FaultCode.__members__)
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert words >= {*FOREIGN, *TIFF_PROPERTIES}


def test_faults_are_counted_by_their_code() -> None:
    found = [Fault(FaultCode.UNKNOWN_FORMAT, {"format": name}) for name in ("pdf", "zip")]
    assert (
        fault_counts([Fault(FaultCode.EMPTY_FILE), *found]) == "the file is not a radiograph: 2; the file is empty: 1"
    )
