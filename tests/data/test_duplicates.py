"""Hashes, neighbours and clusters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from osteon.core.errors import DataError
from osteon.data.datasets import read
from osteon.data.duplicates.duplicates import Variant, duplicates, same_hash, with_clusters
from osteon.data.duplicates.hashes import collect, difference_hash, fingerprint, pack, reduced, unpack, variants
from osteon.data.duplicates.neighbours import clusters, distances, pairs_within


def hashes(count: int, seed: int = 0, groups: int = 40) -> np.ndarray:
    """Packed hashes that come in groups of neighbours."""
    random = np.random.default_rng(seed)
    centres = random.integers(0, 2, (groups, 256), np.uint8)
    bits = centres[random.integers(0, groups, count)] ^ (random.random((count, 256)) < 0.03)
    return pack(bits.astype(np.uint8).reshape(-1, 16, 16))


def all_pairs(first: np.ndarray, second: np.ndarray, radius: int, *, same: bool) -> list[tuple[int, ...]]:
    found = []
    for i in range(len(first)):
        apart = distances(np.repeat(first[i : i + 1], len(second), axis=0), second)
        found += [(i, int(j), int(apart[j])) for j in np.flatnonzero(apart <= radius) if not same or i < j]
    return found


def test_packing_is_reversible() -> None:
    bits = np.random.default_rng(0).integers(0, 2, (7, 16, 16), np.uint8)
    assert (unpack(pack(bits)) == bits).all()


@pytest.mark.parametrize("radius", [0, 3, 10, 14, 20, 40])
def test_neighbours_are_exactly_those_of_the_all_pairs_way(radius: int) -> None:
    some = hashes(400)
    assert [tuple(row) for row in pairs_within(some, some, radius).tolist()] == all_pairs(some, some, radius, same=True)
    other = hashes(300, seed=0)[::-1].copy()
    assert [tuple(row) for row in pairs_within(some, other, radius).tolist()] == all_pairs(
        some, other, radius, same=False
    )


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_clusters_are_connected_components(pairs: list[tuple[int, int]]) -> None:
    numbers = clusters(20, np.array(pairs, np.int64).reshape(-1, 2))
    reach = np.eye(20, dtype=bool)
    for i, j in pairs:
        reach[i, j] = reach[j, i] = True
    for _ in range(5):
        reach = reach @ reach
    assert ((numbers[:, None] == numbers[None, :]) == reach).all()


def test_inversion_and_mirroring_do_to_the_hash_what_they_do_to_the_image(
    make_image: Callable[..., Image.Image],
) -> None:
    picture = make_image(3, 340, 320)
    plain, inverted, mirrored, both = variants(*(pack(bits[None]) for bits in difference_hash(picture)))
    for image, expected in (
        (picture, plain),
        (ImageOps.invert(picture), inverted),
        (ImageOps.mirror(picture), mirrored),
        (ImageOps.mirror(ImageOps.invert(picture)), both),
    ):
        assert distances(pack(difference_hash(image)[0][None]), expected)[0] <= 4


def test_even_ground_does_not_hide_an_inverted_or_mirrored_copy() -> None:
    """Most of a radiograph is even air, where neither neighbour is brighter; the hash must not turn that round."""
    values = np.zeros((320, 340), np.uint8)
    values[100:200, 150:260] = np.linspace(40, 220, 110).astype(np.uint8)
    prints = [reduced(one) for one in (values, 255 - values, np.ascontiguousarray(values[:, ::-1]))]
    found = same_hash(collect(["a", "b", "c"], prints))
    assert [(one.first, one.second, one.variant, one.distance) for one in found] == [
        (0, 1, Variant.INVERTED, 0),
        (0, 2, Variant.MIRRORED, 0),
        (1, 2, Variant.INVERTED_MIRRORED, 0),
    ]


def test_copies_and_altered_copies_are_found(tmp_path: Path, make_image: Callable[..., Image.Image]) -> None:
    names = [f"{n}.png" for n in range(6)]
    for number, name in enumerate(names):
        make_image(number, 300, 400).save(tmp_path / name)
    (tmp_path / "copy.png").write_bytes((tmp_path / "0.png").read_bytes())
    make_image(1, 300, 400).resize((150, 200)).save(tmp_path / "small.jpg", quality=60)
    ImageOps.mirror(make_image(2, 300, 400)).save(tmp_path / "mirror.png")
    names += ["copy.png", "small.jpg", "mirror.png"]
    found = duplicates(fingerprint(tmp_path, names))
    seen = {(one.first, one.second): (one.exact, one.variant) for one in found}
    assert seen == {
        (0, 6): (True, Variant.UNCHANGED),
        (1, 7): (False, Variant.UNCHANGED),
        (2, 8): (False, Variant.MIRRORED),
    }


def test_sixteen_bit_images_have_hashes(tmp_path: Path) -> None:
    values = np.tile(np.linspace(0, 65535, 300).astype(np.uint16), (200, 1))
    Image.fromarray(values).save(tmp_path / "deep.png")
    prints = fingerprint(tmp_path, ["deep.png"])
    assert unpack(prints.hashes).mean() > 0.9


def test_a_file_that_is_no_image_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(DataError, match=r"cannot decode a\.png"):
        fingerprint(tmp_path, ["a.png"])


def test_clusters_fill_the_column(fracatlas: Path) -> None:
    table = with_clusters(read("fracatlas", fracatlas), fracatlas)
    number = dict(zip((Path(image).stem for image in table.images), table.frame["cluster"].to_list(), strict=True))
    assert number["IMG0000009"] == number["IMG0000010"]
    assert len(set(number.values())) == len(table) - 1


def test_crops_and_strong_compression_are_found_by_the_picture(
    tmp_path: Path, make_image: Callable[..., Image.Image]
) -> None:
    names = [f"{n}.png" for n in range(8)]
    for number, name in enumerate(names):
        make_image(number, 300, 400).save(tmp_path / name)
    cropped = make_image(3, 300, 400).crop((6, 8, 291, 392))
    ImageOps.mirror(ImageOps.invert(cropped)).resize((200, 260)).save(tmp_path / "altered.jpg", quality=30)
    prints = fingerprint(tmp_path, [*names, "altered.jpg"])
    found = duplicates(prints)
    assert [(one.first, one.second, one.variant) for one in found] == [(3, 8, Variant.INVERTED_MIRRORED)]
    assert found[0].correlation > 0.99
    assert not same_hash(prints)
