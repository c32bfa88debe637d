"""Near duplicates: speed of the search for similar hashes, and recall on altered copies of real images.

    python benchmarks/duplicates.py [FRACATLAS FOLDER [KIND ...]]

The hashes are those of the real images with 8 to 64 bits turned at random, so that they are as uneven as real ones;
without a folder they are made up. Multi-index hashing is compared with comparing all pairs, in the same run; the latter
is timed on 500 rows and scaled up, and must find the same pairs there.

Recall: each copy should be paired with its original. Precision: a pair is right if it joins a copy with its original or
with a file that shows the same image as that original: those are the pairs of originals that the search finds, less
``DIFFERENT_RADIOGRAPHS``, each of which was looked at. 95 % intervals are Wilson's. All times are of the processor.
Signatures, which bundles carry of their training images, are tried on the same copies; a false alarm is an original that
matches one that is no known duplicate of it. With kinds of copies named, only their recall is measured.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
from PIL import Image, ImageOps

from osteon.data.datasets import read
from osteon.data.duplicates.duplicates import duplicates, same_hash
from osteon.data.duplicates.hashes import Fingerprints, Hashes, collect, fingerprint, pack, reduced, unpack
from osteon.data.duplicates.neighbours import clusters, pairs_within
from osteon.data.duplicates.perceptual import matches, signatures

RADIUS = 10
CHUNK = 50_000
DIFFERENT_RADIOGRAPHS = {("IMG0001375.jpg", "IMG0001598.jpg")}
"""Pairs that the search finds among the originals and that are different images: a left and a right foot."""

COPIES = 400
KINDS = ("rescaled", "re-encoded", "cropped", "inverted", "mirrored", "turned", "all of these")


def many(seeds: Hashes, count: int, random: np.random.Generator) -> Hashes:
    """``count`` hashes, each one of ``seeds`` with 8 to 64 bits turned."""
    if count > CHUNK:
        return np.concatenate([many(seeds, min(CHUNK, count - start), random) for start in range(0, count, CHUNK)])
    bits = unpack(seeds[random.integers(0, len(seeds), count)]).reshape(count, -1)
    turned = random.random(bits.shape) < random.integers(8, 65, (count, 1)) / bits.shape[1]
    return pack((bits ^ turned).astype(np.uint8).reshape(count, 16, 16))


def all_pairs(hashes: Hashes, rows: int = 500) -> tuple[float, int]:
    """Seconds for comparing all pairs, scaled up from ``rows`` of them, and the pairs that those rows have."""
    start = time.process_time()
    found = 0
    for row in range(rows):
        found += int((np.bitwise_count(hashes[row] ^ hashes).sum(axis=1) <= RADIUS).sum()) - 1
    return (time.process_time() - start) * len(hashes) / rows / 2, found


def growth(seeds: Hashes) -> None:
    """Print the seconds of both methods for growing numbers of hashes."""
    random = np.random.default_rng(0)
    print(f"{'hashes':>10} {'pairs':>10} {'multi-index, s':>16} {'all pairs, s':>14} {'ratio':>7} {'peak MiB':>9}")
    for count in (10_000, 30_000, 100_000, 300_000, 1_000_000):
        hashes = many(seeds, count, random)
        start = time.process_time()
        pairs = pairs_within(hashes, hashes, RADIUS)
        fast = time.process_time() - start
        slow, some = all_pairs(hashes)
        verdict = "" if some == int((pairs[:, :2] < 500).sum()) else "DIFFER"
        peak = getrusage(RUSAGE_SELF).ru_maxrss // 1024
        line = f"{count:>10,} {len(pairs):>10,} {fast:>16.2f} {slow:>14.1f} {slow / fast:>7.1f} {peak:>9,} {verdict}"
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
    if kind == "turned":
        picture = picture.rotate(90 * int(random.integers(1, 4)), expand=True)
    if every or kind == "rescaled":
        factor = random.choice([0.5, 0.75, 1.6])
        picture = picture.resize((int(picture.width * factor), int(picture.height * factor)))
    if every or kind == "re-encoded":
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=40)
        picture = Image.open(data)
    return picture


def interval(hits: int, total: int) -> str:
    """A share with its 95 % interval."""
    found = wilson(hits, total)
    return f"{hits / max(total, 1):.3f} ({found[0]:.3f} to {found[1]:.3f})"


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: J. Am. Stat. Assoc. 22:209-212 (1927)."""
    if not total:
        return 0.0, 1.0
    z = 1.959964
    share = hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, centre - half), min(1.0, centre + half)


def recall(root: Path, images: list[str], prints: Fingerprints, kinds: Sequence[str] = KINDS) -> None:
    """Print recall and precision on altered copies of ``COPIES`` images, mixed with all the originals."""
    random = np.random.default_rng(1)
    chosen = random.permutation(len(images))[:COPIES]
    known = {
        (duplicate.first, duplicate.second)
        for duplicate in duplicates(prints)
        if (Path(images[duplicate.first]).name, Path(images[duplicate.second]).name) not in DIFFERENT_RADIOGRAPHS
    }
    print(f"{COPIES} copies of each kind among {len(images):,} originals; by hash alone, then by hash and picture")
    signed = signatures(prints.pictures)
    group = clusters(len(images), np.array(sorted(known), np.int64).reshape(-1, 2))
    alarms = sum(bool(matches(prints.pictures[row : row + 1], signed[group != group[row]])) for row in chosen.tolist())
    print(f"false alarms of signatures: {interval(alarms, COPIES)} of originals against all that are no duplicates")
    print(f"{'copies':>14} {'recall, hash':>24} {'recall':>24} {'precision':>24} {'recall, signature':>24}")
    for kind in kinds:
        copies = [
            altered(ImageOps.exif_transpose(Image.open(root / images[row])).convert("L"), kind, random)
            for row in chosen
        ]
        parts = [reduced(np.asarray(copy)) for copy in copies]
        own = collect([str(row) for row in range(COPIES)], parts)
        pool = Fingerprints(
            (*prints.sha256, *own.sha256),
            np.concatenate([prints.hashes, own.hashes]),
            np.concatenate([prints.falls, own.falls]),
            np.concatenate([prints.pictures, own.pictures]),
        )
        by_hash = {
            duplicate.second
            for duplicate in same_hash(pool)
            if duplicate.second >= len(images) and duplicate.first == chosen[duplicate.second - len(images)]
        }
        hit, right, total = set[int](), 0, 0
        for duplicate in duplicates(pool):
            if not duplicate.first < len(images) <= duplicate.second:
                continue
            source = int(chosen[duplicate.second - len(images)])
            if duplicate.first == source:
                hit.add(duplicate.second)
            total += 1
            right += duplicate.first == source or (min(duplicate.first, source), max(duplicate.first, source)) in known
        by_signature = len(matches(own.pictures, signed))
        shares = interval(len(by_hash), COPIES), interval(len(hit), COPIES), interval(right, total)
        line = f"{kind:>14} {shares[0]:>24} {shares[1]:>24} {shares[2]:>24} {interval(by_signature, COPIES):>24}"
        print(line, flush=True)


def main() -> None:
    """Run the benchmark."""
    if len(sys.argv) < 2:
        growth(pack(np.random.default_rng(0).integers(0, 2, (3000, 16, 16), np.uint8)))
        return
    root = Path(sys.argv[1])
    start = time.process_time()
    images = read("fracatlas", root).images
    prints = fingerprint(root, images)
    print(f"read and fingerprinted {len(images):,} images in {time.process_time() - start:.1f} s")
    start = time.process_time()
    found = duplicates(prints)
    print(f"found {len(found)} pairs among them in {time.process_time() - start:.1f} s")
    if kinds := sys.argv[2:]:
        recall(root, images, prints, kinds)
        return
    growth(prints.hashes)
    recall(root, images, prints)


if __name__ == "__main__":
    main()
