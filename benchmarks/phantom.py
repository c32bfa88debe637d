"""Phantoms a second, and the analytic ray integrals against summing a volume of voxels.

    python benchmarks/phantom.py [--images 24] [--size 512] [--workers 2]

The first table is the whole simulation, frontal and lateral views in turn. The last column is what the processor time
allows on so many cores, whatever else runs on the machine.

In the second table both ways project the same bones of the same scene onto the same detector. The voxels are as large
as a pixel; their occupancy comes from the same surfaces, and a projection is the sum along the rays, as a generic
simulator does it. The time to fill the volume counts, for every phantom is a new patient.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import numpy as np

from osteon.core.labels import View
from osteon.phantom.anatomy.scene import Scene, bone_maps
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.geometry.surfaces import surfaces
from osteon.phantom.simulate import KINDS, aim, build, simulate


def one(job: tuple[str, int, int]) -> float:
    """Simulate one image; the seconds of processor time that it took."""
    kind, seed, size = job
    cv2.setNumThreads(1)
    start = time.process_time()
    simulate(kind, seed // 2, view=(View.FRONTAL, View.LATERAL)[seed % 2], size=size)
    return time.process_time() - start


def throughput(kind: str, images: int, size: int, workers: int) -> tuple[float, float]:
    """Images a second over all workers, and milliseconds of processor time for one."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(one, [(kind, seed, size) for seed in range(2 * workers)]))
        start = time.perf_counter()
        spent = list(pool.map(one, [(kind, 100 + seed, size) for seed in range(images)], chunksize=2))
        return images / (time.perf_counter() - start), 1e3 * float(np.mean(spent))


def analytic(scene: Scene, camera: Camera) -> np.ndarray:
    """Millimetres of bone on each ray; the trabecular pattern, which the voxels do without, is in its time."""
    return bone_maps(scene.bones, camera, 0)[1]


def voxels(scene: Scene, camera: Camera) -> np.ndarray:
    """The same by filling a volume for each bone and summing it along the rays."""
    room = np.zeros((camera.height, camera.width), np.float32)
    for bone in scene.bones:
        corners = _corners(bone) @ camera.rotation.T
        low, high = corners.min(axis=0), corners.max(axis=0)
        x0, x1 = _span(low[0], high[0], camera.left, camera.spacing, camera.width)
        y0, y1 = _span(low[1], high[1], camera.top, camera.spacing, camera.height)
        if x0 >= x1 or y0 >= y1:
            continue
        x = (camera.left + (np.arange(x0, x1) + 0.5) * camera.spacing).astype(np.float32)
        y = (camera.top + (np.arange(y0, y1) + 0.5) * camera.spacing).astype(np.float32)
        z = np.arange(low[2], high[2] + camera.spacing, camera.spacing, dtype=np.float32)
        inside = np.zeros((len(z), len(y), len(x)), np.bool_)
        for part in bone.parts:
            turn = (part.frame @ camera.rotation.T).astype(np.float32)
            shift = (part.frame @ part.origin).astype(np.float32)
            u, v, s = (
                turn[i, 0] * x[None, None] + turn[i, 1] * y[None, :, None] + turn[i, 2] * z[:, None, None] - shift[i]
                for i in range(3)
            )
            inside |= surfaces(part, u, v, s)[0] < 0
        room[y0:y1, x0:x1] += inside.sum(axis=0) * np.float32(camera.spacing)
    return room


def _corners(bone: Bone) -> np.ndarray:
    points = []
    for part in bone.parts:
        r = float(part.widest.max()) + float(np.abs(part.axis).max())
        points += [
            part.point(u, v, s) for u in (-r, r) for v in (-r, r) for s in (-part.overhang, part.length + part.overhang)
        ]
    return np.array(points)


def _span(low: float, high: float, origin: float, spacing: float, count: int) -> tuple[int, int]:
    return max(int((low - origin) / spacing) - 1, 0), min(int((high - origin) / spacing) + 2, count)


def timed(
    work: Callable[[Scene, Camera], np.ndarray], scene: Scene, camera: Camera, repeats: int = 3
) -> tuple[np.ndarray, float]:
    """The result, and the least processor time of a few runs in seconds."""
    best, result = float("inf"), np.empty(0)
    for _ in range(repeats):
        start = time.process_time()
        result = work(scene, camera)
        best = min(best, time.process_time() - start)
    return result, best


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(
        f"{options.images} images of each kind, longer edge {options.size} px, {options.workers} one-thread processes"
    )
    print(f"{'kind':<10}{'images/s':>10}{'CPU ms/image':>15}{'images per CPU second x workers':>34}")
    for kind in KINDS:
        rate, spent = throughput(kind, options.images, options.size, options.workers)
        print(f"{kind:<10}{rate:>10.1f}{spent:>15.0f}{1e3 * options.workers / spent:>34.1f}")
    print("\nBone thickness of one scene, one thread, best of 3 (CPU ms); grown patients")
    print(f"{'kind':<10}{'analytic':>10}{'voxels':>10}{'ratio':>8}{'volume, voxels/analytic':>26}")
    for kind in KINDS[1:]:  # forearms are children's
        scene = next(s for s in (build(kind, seed, "normal") for seed in range(99)) if s.patient.age > 25)
        camera = aim(scene, 1, View.FRONTAL, options.size)
        ours, fast = timed(analytic, scene, camera)
        theirs, slow = timed(voxels, scene, camera)
        volume = float(theirs.sum() / ours.sum())
        print(f"{kind:<10}{1e3 * fast:>10.0f}{1e3 * slow:>10.0f}{slow / fast:>8.1f}{volume:>26.3f}")


if __name__ == "__main__":
    main()
