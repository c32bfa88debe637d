"""Contact sheets of phantoms: python docs/make_phantom_sheets.py FOLDER [--seed 0] [--size 480].

One PNG for each kind, with a normal case and each finding in turn, both views beside one another, and `phantoms.jpg`,
the small overview of docs/phantoms.md. What a view shows is boxed in green.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from osteon.phantom.phantom import Phantom
from osteon.phantom.sheet import contact_sheet
from osteon.phantom.simulate import FINDINGS, KINDS, simulate_pair

ROWS = 4

OVERVIEW: tuple[tuple[str, int, str], ...] = (
    ("hand", 43, "fracture"),
    ("elbow", 45, "displaced"),
    ("forearm", 42, "midshaft"),
    ("spine", 43, "Surgical implant"),
)


def pairs(kind: str, seed: int, size: int) -> list[Phantom]:
    """A normal case and each finding in turn, two cases for each row."""
    findings = ("normal", *FINDINGS[kind])
    return [
        phantom
        for index in range(2 * ROWS)
        for phantom in simulate_pair(kind, seed + index, size=size, finding=findings[index % len(findings)])
    ]


def main() -> None:
    """Write the sheets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=480)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        sheet = contact_sheet(pairs(kind, options.seed, options.size), cell=options.size)
        cv2.imwrite(str(options.folder / f"{kind}.png"), sheet)
    few = [
        phantom for kind, seed, finding in OVERVIEW for phantom in simulate_pair(kind, seed, size=512, finding=finding)
    ]
    overview = contact_sheet(few, cell=300)
    cv2.imwrite(str(options.folder / "phantoms.jpg"), overview, [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
