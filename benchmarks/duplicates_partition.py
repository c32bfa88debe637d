"""Search of near duplicates by partition on generated hashes: recall by differing bits, time, memory, disk.

    python benchmarks/duplicates_partition.py 1000000 100000000

Hashes are made up (SYNTHETIC): random, with a quarter of the bits the same in most, as black borders make them; of a thousandth
of them there is a copy with 0 to 14 bits turned. Recall is the share of copies that are found, with Wilson's 95 % interval; the
radius is 10. Each size runs in a process of its own, whose memory counts; hashes lie in a file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np

from duplicates import interval
from osteon.data.duplicates.partitions import pairs_by_partition

RADIUS, TURNED, BLOCK = 10, 15, 1 << 20


def generated(path: Path, count: int, random: np.random.Generator) -> list[tuple[int, int, int]]:
    """Write hashes; the copies as ``(original, copy, turned bits)``."""
    hashes = np.lib.format.open_memmap(path, "w+", np.uint64, (count, 4))
    for start in range(0, count, BLOCK):
        block = random.integers(0, 1 << 64, (min(BLOCK, count - start), 4), np.uint64)
        # Two random words in one: a bit of the border is set in a sixteenth of the hashes.
        block[:, 0] &= random.integers(0, 1 << 64, len(block), np.uint64) & random.integers(
            0, 1 << 64, len(block), np.uint64
        )
        hashes[start : start + len(block)] = block
    copies = max(TURNED, count // 1000)
    chosen = random.choice(count // 2, copies, replace=False)
    planted: list[tuple[int, int, int]] = []
    for number, original in enumerate(chosen.tolist()):
        bits = np.zeros(256, np.uint8)
        bits[random.choice(256, number % TURNED, replace=False)] = 1
        hashes[count - copies + number] = hashes[original] ^ np.packbits(bits).view(np.uint64)
        planted.append((original, count - copies + number, number % TURNED))
    hashes.flush()
    return planted


def measure(count: int) -> None:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hashes.npy"
        planted = generated(path, count, np.random.default_rng(1))
        begin, cpu = time.perf_counter(), time.process_time()
        pairs = pairs_by_partition(np.load(path, mmap_mode="r"), RADIUS, Path(folder) / "parts")
        took, cpu = time.perf_counter() - begin, time.process_time() - cpu
    found = set(map(tuple, pairs[:, :2].tolist()))
    within = [(i, j) in found for i, j, bits in planted if bits <= RADIUS]
    beyond = [(i, j) in found for i, j, bits in planted if bits > RADIUS]
    peak = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"| {count:,} | {len(pairs):,} | {interval(sum(within), len(within))} of {len(within):,} | "
        f"{sum(beyond)} of {len(beyond):,} | {took:.0f} | {cpu:.0f} | {peak:,} | {40 * count / 1e9:.2f} |",
        flush=True,
    )


def main(arguments: list[str]) -> None:
    """Each size in a process of its own."""
    if arguments[:1] == ["one"]:
        measure(int(arguments[1]))
        return
    columns = ("hashes", "pairs", f"recall, up to {RADIUS} bits", "found of more bits", "time, s", "processor, s")
    print(f"| {' | '.join((*columns, 'most memory, MiB', 'disk, GB'))} |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for count in arguments or ["1000000"]:
        subprocess.run([sys.executable, __file__, "one", count], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
