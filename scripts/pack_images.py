#!/usr/bin/env python3
"""Pack FracAtlas for a machine that takes little at a time: grey, no larger than training reads, in pieces.

    scripts/pack_images.py FracAtlas pieces --side 768 --piece 60
    scripts/pack_images.py --unpack pieces FracAtlas-small

Images whose longer side is at most --side and that are grey already are taken byte for byte, others are reduced (areas averaged)
and written as grey JPEG, and the boxes of the COCO file are scaled with them. Pieces are tar files of at most --piece MiB.
Truncated files, which training leaves out too, are left out and counted.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps

COCO = "Annotations/COCO JSON/COCO_fracture_masks.json"
OTHERS = ("dataset.csv", "Utilities/Fracture Split")


class Packed(NamedTuple):
    """An image to pack: its bytes, the factor by which it was reduced, and its width and height then."""

    content: bytes
    factor: float
    size: tuple[int, int]


def packed(file: Path, side: int, quality: int) -> Packed | None:
    """What to pack of a file, upright; None where it is truncated."""
    content = file.read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            size = upright.size
            scale = min(1.0, side / max(size))
            if image.mode == "L" and scale == 1.0 and image.getexif().get(0x0112, 1) == 1:
                return Packed(content, 1.0, size)
            grey = np.asarray(upright.convert("L"))
    except OSError:
        return None
    if scale < 1.0:
        size = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "JPEG", quality=quality)
    return Packed(stream.getvalue(), scale, size)


def scaled(coco: dict, found: dict[str, Packed]) -> dict:
    """The annotations in pixels of the reduced images; those of images left out are dropped, and so are outlines."""
    kept = {image["id"]: found[image["file_name"]] for image in coco["images"] if image["file_name"] in found}
    images = [
        image | dict(zip(("width", "height"), kept[image["id"]].size, strict=True))
        for image in coco["images"]
        if image["id"] in kept
    ]
    marks = []
    for mark in coco["annotations"]:
        if (of := kept.get(mark["image_id"])) is not None:
            same = {key: mark[key] for key in ("id", "image_id", "category_id", "iscrowd") if key in mark}
            marks.append(same | {"bbox": [value * of.factor for value in mark["bbox"]]})
    return {**coco, "images": images, "annotations": marks}


def pack(root: Path, out: Path, side: int, piece: int, quality: int) -> None:
    """Write the pieces of a dataset."""
    out.mkdir(parents=True, exist_ok=True)
    images: dict[str, Packed] = {}
    members: list[tuple[str, bytes]] = []
    left = 0
    for file in sorted(root.glob("images/*/*.jpg")):
        found = packed(file, side, quality)
        if found is None:
            left += 1
            continue
        members.append((file.relative_to(root).as_posix(), found.content))
        images[file.name] = found
    coco = json.loads((root / COCO).read_text("utf-8"))
    members.insert(0, (COCO, json.dumps(scaled(coco, images)).encode()))
    for name in OTHERS:
        path = root / name
        for file in sorted(path.rglob("*.csv")) if path.is_dir() else [path]:
            members.insert(0, (file.relative_to(root).as_posix(), file.read_bytes()))
    sizes: list[int] = []
    archive: tarfile.TarFile | None = None
    for name, content in members:
        room = 1024 + (len(content) + 511) // 512 * 512
        if archive is None or sizes[-1] + room + 20_480 > piece * 2**20:
            if archive is not None:
                archive.close()
            archive = tarfile.open(out / f"piece-{len(sizes):02d}.tar", "w")  # noqa: SIM115 - closed where the next begins
            sizes.append(0)
        about = tarfile.TarInfo(name)
        about.size = len(content)
        archive.addfile(about, io.BytesIO(content))
        sizes[-1] += room
    if archive is not None:
        archive.close()
    reduced = sum(image.factor < 1 for image in images.values())
    print(
        f"{len(images)} images in {len(sizes)} pieces, {sum(sizes) / 2**20:.1f} MiB; {reduced} reduced to {side} px, "
        f"{left} truncated ones left out",
        file=sys.stderr,
    )


def unpack(pieces: Path, out: Path) -> None:
    """Put the pieces together."""
    found = sorted(pieces.glob("piece-*.tar"))
    if not found:
        sys.exit(f"there is no piece-*.tar in {pieces}")
    for file in found:
        with tarfile.open(file) as archive:
            archive.extractall(out, filter="data")
    print(f"{len(found)} pieces in {out}", file=sys.stderr)


def main() -> None:
    """Pack, or unpack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--side", type=int, default=768, help="longest side, in pixels")
    parser.add_argument("--piece", type=int, default=60, help="size of a piece, in MiB")
    parser.add_argument("--quality", type=int, default=92, help="of JPEG, where an image is written anew")
    parser.add_argument("--unpack", action="store_true")
    given = parser.parse_args()
    if given.unpack:
        unpack(given.source, given.out)
    else:
        pack(given.source, given.out, given.side, given.piece, given.quality)


if __name__ == "__main__":
    main()
