"""Both views of a case, for the layouts in which every case is fractured."""

from __future__ import annotations

from osteon.core.errors import DataError
from osteon.phantom.layouts.job import Job
from osteon.phantom.layouts.single import TRIES
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import simulate_pair


def pair(job: Job, size: int) -> tuple[Phantom, Phantom]:
    """Simulate the front and the side view; where neither shows the fracture, the next patient is tried.

    Raises:
        DataError: no fracture is visible in `TRIES` patients.
    """
    for seed in range(job.seed, job.seed + TRIES):
        both = simulate_pair(job.kind, seed, size=size, finding=job.finding, coupled=job.coupled)
        if any(phantom.visible() for phantom in both):
            return both
    raise DataError("no fracture is visible", expected=f"one in {TRIES} patients", got=f"none from seed {job.seed} on")
