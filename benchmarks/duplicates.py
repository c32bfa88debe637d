"""Near duplicates: how fast like hashes are found, and how many altered copies of real images are.

    python benchmarks/duplicates.py [FRACATLAS FOLDER]

The hashes are those of the real images with 8 to 64 bits turned at random, so that they are as uneven as real ones;
without a folder they are made up. Multi-index hashing is compared with comparing all pairs, in the same run.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from osteon.data.datasets import read
from osteon.data.duplicates import duplicates
from osteon.data.hashes import PICTURE_SIDE, Fingerprints, Hashes, difference_hash, fingerprint, pack, unpack
from osteon.data.neighbours import pairs_within

RADIUS = 10
COPIES = 400
KINDS = ("rescaled", "re-encoded", "cropped", "inverted", "mirrored", "all of these")


def many(seeds: Hashes, count: int, random: np.random.Generator) -> Hashes:
    """``count`` hashes, each one of ``seeds`` with 8 to 64 bits turned."""
    bits = unpack(seeds[random.integers(0, len(seeds), count)]).reshape(count, -1)
    turned = random.random(bits.shape) < random.integers(8, 65, (count, 1)) / bits.shape[1]
    return pack((bits ^ turned).astype(np.uint8).reshape(count, 16, 16))


def all_pairs(hashes: Hashes, rows: int = 500) -> tuple[float, int]:
    """Seconds to compare each with each, scaled up from ``rows`` of them, and the pairs that those rows have."""
    start = time.perf_counter()
    found = 0
    for row in range(rows):
        found += int((np.bitwise_count(hashes[row] ^ hashes).sum(axis=1) <= RADIUS).sum()) - 1
    return (time.perf_counter() - start) * len(hashes) / rows / 2, found


def growth(seeds: Hashes) -> None:
    """Print the seconds of both ways for growing numbers of hashes."""
    random = np.random.default_rng(0)
    print(f"{'hashes':>10} {'pairs':>10} {'multi-index, s':>16} {'all pairs, s':>14} {'ratio':>7}")
    for count in (10_000, 30_000, 100_000, 300_000, 1_000_000):
        hashes = many(seeds, count, random)
        start = time.perf_counter()
        pairs = pairs_within(hashes, hashes, RADIUS)
        fast = time.perf_counter() - start
        slow, some = all_pairs(hashes)
        verdict = "" if some == int((pairs[:, :2] < 500).sum()) else "DIFFER"
        line = f"{count:>10,} {len(pairs):>10,} {fast:>16.2f} {slow:>14.1f} {slow / fast:>7.1f} {verdict}"
        print(line, flush=True)


def altered(picture: Image.Image, kind: str, random: np.random.Generator) -> Image.Image:
    """A copy of a grey picture; crops take up to 5 % off each edge."""
    every = kind == "all of these"
    if every or kind == "cropped":
        left, top, right, bottom = random.uniform(0.0, 0.05, 4) * np.tile(picture.size, 2)
        picture = picture.crop((int(left), int(top), int(picture.width - right), int(picture.height - bottom)))
    if every or kind == "inverted":
        picture = ImageOps.invert(picture)
    if every or kind == "mirrored":
        picture = ImageOps.mirror(picture)
    if every or kind == "rescaled":
        factor = random.choice([0.5, 0.75, 1.6])
        picture = picture.resize((int(picture.width * factor), int(picture.height * factor)))
    if every or kind == "re-encoded":
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=40)
        picture = Image.open(data)
    return picture


def recall(root: Path, images: list[str], prints: Fingerprints) -> None:
    """Print recall and precision on altered copies of ``COPIES`` images, mixed with all the originals."""
    random = np.random.default_rng(1)
    chosen = random.permutation(len(images))[:COPIES]
    known = {(one.first, one.second) for one in duplicates(prints)}
    print(f"{'copies':>14} {'recall':>7} {'precision':>10}")
    for kind in KINDS:
        copies = [
            altered(ImageOps.exif_transpose(Image.open(root / images[row])).convert("L"), kind, random)
            for row in chosen
        ]
        bits = np.array([difference_hash(copy) for copy in copies])
        small = np.array([np.asarray(copy.resize((PICTURE_SIDE,) * 2, Image.Resampling.BOX)) for copy in copies])
        pool = Fingerprints(
            (*prints.sha256, *(str(row) for row in range(COPIES))),
            np.concatenate([prints.hashes, pack(bits)]),
            np.concatenate([prints.pictures, small]),
        )
        found = [one for one in duplicates(pool) if one.first < len(images) <= one.second]
        hit, right = set[int](), 0
        for one in found:
            source = int(chosen[one.second - len(images)])
            if one.first == source:
                hit.add(one.second)
            right += one.first == source or (min(one.first, source), max(one.first, source)) in known
        print(f"{kind:>14} {len(hit) / COPIES:>7.3f} {right / max(len(found), 1):>10.3f}")


def main() -> None:
    """Run what can be run."""
    if len(sys.argv) < 2:
        growth(pack(np.random.default_rng(0).integers(0, 2, (3000, 16, 16), np.uint8)))
        return
    root = Path(sys.argv[1])
    start = time.perf_counter()
    images = read("fracatlas", root).images
    prints = fingerprint(root, images)
    print(f"read and fingerprinted {len(images):,} images in {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    found = duplicates(prints)
    print(f"found {len(found)} pairs among them in {time.perf_counter() - start:.1f} s")
    growth(prints.hashes)
    recall(root, images, prints)


if __name__ == "__main__":
    main()
