"""One picture of a case, for the layouts that have one view of each."""

from __future__ import annotations

from osteon.core.errors import DataError
from osteon.phantom.layouts.job import Job
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import simulate

TRIES: int = 12
"""Patients of whom one is looked for whose fracture shows in the view that was planned."""


def single(job: Job, size: int) -> Phantom:
    """Simulate the planned view; where it does not show the fracture, the next patient takes the place.

    The view stays as planned. Were the other one taken instead, or the picture sorted among the whole bones, the view
    would tell the class: some fractures show in one view only, and more of them in one than in the other.

    Raises:
        DataError: no fracture shows in so many patients.
    """
    for seed in range(job.seed, job.seed + TRIES):
        phantom = simulate(job.kind, seed, view=job.views[0], size=size, finding=job.finding, coupled=job.coupled)
        if job.finding == "normal" or phantom.visible():
            return phantom
    raise DataError("no fracture shows", expected=f"one in {TRIES} patients", got=f"none from seed {job.seed} on")
