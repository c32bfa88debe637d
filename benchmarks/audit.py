"""How long the audit of a dataset takes, compared with a plain script using Pillow and imagehash.

    pip install imagehash
    python benchmarks/audit.py FRACATLAS

The script that one would write decodes every file, hashes its bytes and its picture (a difference hash of 256 bits) and
compares each hash with each. It finds broken files, equal files and near copies; it tells nothing of crops, mirrored or
inverted copies, labels, splits, people, boxes, markers and shortcuts, which the audit does besides. Its loop over all
pairs is timed on some of the rows and scaled up.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

from osteon.data.audit import audit
from osteon.data.datasets import find

ROWS = 200
RADIUS = 10


def by_hand(root: Path) -> tuple[float, int]:
    """Seconds of processor time of a plain script, and the broken files that it finds."""
    import imagehash
    from PIL import Image

    start = time.process_time()
    hashes: list[imagehash.ImageHash] = []
    digests: dict[str, list[Path]] = {}
    broken = 0
    for path in sorted(root.rglob("*.jpg")):
        digests.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), []).append(path)
        try:
            with Image.open(path) as image:
                hashes.append(imagehash.dhash(image, hash_size=16))
        except OSError:
            broken += 1
    decoding = time.process_time() - start
    start = time.process_time()
    for row in range(ROWS):
        for other in hashes:
            _ = hashes[row] - other <= RADIUS
    comparing = (time.process_time() - start) * len(hashes) / ROWS / 2
    return decoding + comparing, broken


def main() -> None:
    """Time both on the same folder."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    root = Path(sys.argv[1])
    dataset = find("fracatlas")
    wall, cpu = time.perf_counter(), time.process_time()
    found = audit(dataset.read(root), root, dataset.card)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"osteon: {found.images:,} images, {len(found.problems)} problems: {wall:.1f} s, {cpu:.1f} s of processor time"
    )
    try:
        slow, broken = by_hand(root)
    except ImportError:
        print("imagehash is not installed: no comparison")
        return
    print(f"Pillow and imagehash: {broken} broken files, all pairs compared: {slow:.1f} s of processor time")
    print(f"ratio of processor time: {slow / cpu:.2f}")


if __name__ == "__main__":
    main()
