"""Show the coverage of each package after ``make coverage``, and check it against ``fail_under`` in pyproject.toml.

Fails below that floor, and says where it is to be raised, so that it only rises.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path, PurePath

from coverage import Coverage

SLACK = 1.0
"""Percent that the coverage may exceed the floor by before it is to be raised."""

PARTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def summaries(coverage: Coverage) -> dict[str, Counter[str]]:
    """Lines and branches of each package below ``osteon``, and what of them was run."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(report))
        files = json.loads(report.read_text("utf-8"))["files"]
    counts: dict[str, Counter[str]] = {}
    for name, file in sorted(files.items()):
        parts = PurePath(name).parts
        package = parts[parts.index("osteon") + 1].removesuffix(".py")
        counts.setdefault(package, Counter()).update({part: file["summary"][part] for part in PARTS})
    return counts


def percent(counts: Counter[str]) -> float:
    """The share of lines and branches that were run, as coverage.py states it."""
    every = counts["num_statements"] + counts["num_branches"]
    return 100 * (counts["covered_lines"] + counts["covered_branches"]) / every if every else 100.0


def main() -> int:
    """Print a table; the exit code is 1 below the floor."""
    coverage = Coverage()
    coverage.load()
    floor = float(str(coverage.get_option("report:fail_under")))
    counts = summaries(coverage)
    total = sum(counts.values(), Counter[str]())
    print(f"{'coverage':15} {'lines':>7} {'branches':>9} {'covered':>8}")
    for package, one in [*counts.items(), ("total", total)]:
        print(f"{package:15} {one['num_statements']:7} {one['num_branches']:9} {percent(one):7.1f}%")
    reached = percent(total)
    if reached < floor:
        print(f"Coverage is {reached:.2f} %, below the floor of {floor:g} %: test what was added.")
        return 1
    if reached > floor + SLACK:
        print(f"Coverage is {reached:.2f} %: raise the floor, fail_under in pyproject.toml, to {int(reached)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
