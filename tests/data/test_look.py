"""What one look at a file tells: the picture, letters and markers, how it was written."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.errors import InputError
from osteon.data.audit.checks.encoding import ijg_quality, raster_encoding
from osteon.data.audit.checks.marks import marks
from osteon.data.audit.look import look
from osteon.data.files.preview import fragment, missing_share, preview
from osteon.imaging.load import load
from osteon.phantom.simulate import simulate_pair

MakeImage = Callable[[int, int, int], Image.Image]


def jpeg(picture: Image.Image, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", **options)
    return data.getvalue()


def limb(rows: int = 500, columns: int = 400) -> np.ndarray:
    """A soft limb with a bright bone on dark air."""
    x = np.abs(np.arange(columns) - columns / 2)
    line = 20 + 60 * (x < 0.25 * columns) + 100 * np.exp(-((x / (0.06 * columns)) ** 2))
    return np.repeat(line[None], rows, axis=0).astype(np.uint8)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_shown_small_is_what_the_loader_gives(mode: str, make_image: MakeImage) -> None:
    data = jpeg(make_image(3, 900, 1200).convert(mode), quality=90)
    quick = preview(data)
    whole = np.rint(load(data)[0].pixels * 255).astype(np.uint8)
    assert min(quick.shape) >= 384
    small = cv2.resize(whole, (64, 64), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(cv2.resize(quick, (64, 64), interpolation=cv2.INTER_AREA) - small).max() <= 3


def test_a_truncated_jpeg_is_an_error_and_its_rest_can_be_had(make_image: MakeImage) -> None:
    data = jpeg(make_image(3, 300, 400), quality=95)
    with pytest.raises(InputError, match="cannot be decoded"):
        preview(data[: len(data) // 2])
    rest = fragment(data[: len(data) // 2])
    assert rest is not None
    assert 0.3 < missing_share(rest) < 0.7
    assert missing_share(preview(data)) == 0
    assert fragment(b"no image") is None


def test_a_damaged_file_tells_its_code(make_image: MakeImage, tmp_path: Path) -> None:
    png = io.BytesIO()
    make_image(3, 300, 400).save(png, "PNG")
    contents = {
        FaultCode.EMPTY_FILE: b"",
        FaultCode.UNKNOWN_FORMAT: b"%PDF-1.4",
        FaultCode.NOT_DECODED: jpeg(make_image(3, 300, 400))[:200],
    }
    for code, content in contents.items():
        (tmp_path / "file").write_bytes(content)
        damage = look(tmp_path / "file").damage
        assert damage is not None
        assert damage.code is code
    (tmp_path / "file").write_bytes(png.getvalue())
    assert look(tmp_path / "file").damage is None


def test_a_letter_beside_the_bone_is_found_and_the_bone_is_not() -> None:
    picture = limb()
    assert marks(picture) == []
    cv2.putText(picture, "R", (30, 80), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 3)
    (place,) = marks(picture)
    x0, y0, x1, y1 = place
    assert (x0 * 400, x1 * 400) == pytest.approx((30, 48), abs=4)
    assert (y0 * 500, y1 * 500) == pytest.approx((60, 81), abs=4)


def test_pictures_that_are_too_small_are_not_searched(make_image: MakeImage) -> None:
    assert marks(np.asarray(make_image(1, 60, 80))) == []


def test_phantoms_without_markers_have_none() -> None:
    for phantom in simulate_pair("forearm", 4, size=400, finding="midshaft"):
        picture = np.rint(phantom.pixels * 255).astype(np.uint8)
        assert len(marks(picture)) <= 2


@pytest.mark.parametrize("quality", [30, 50, 75, 90, 97])
def test_the_quality_is_that_which_the_encoder_was_told(quality: int, make_image: MakeImage) -> None:
    found = raster_encoding(jpeg(make_image(1, 64, 64), quality=quality))
    assert found.quality is not None
    assert abs(found.quality - quality) <= 1
    assert found.scheme == "baseline 1x1"
    assert not found.exif


def test_software_and_make_are_read_from_exif(make_image: MakeImage) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0131] = "Maker", "Viewer 3"
    found = raster_encoding(jpeg(make_image(1, 64, 64), exif=exif, progressive=True))
    assert (found.software, found.exif) == ("Maker Viewer 3", True)
    assert found.scheme.startswith("progressive")


def test_a_table_of_ones_is_the_best_quality() -> None:
    assert ijg_quality([1] * 64) >= 99


def test_a_file_that_is_not_there_is_damage(tmp_path: Path) -> None:
    found = look(tmp_path / "absent.png")
    assert found.parts is None
    assert found.damage == Fault(FaultCode.FILE_UNOPENED, {"cause": "FileNotFoundError"})
