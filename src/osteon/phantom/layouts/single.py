"""One image of a case, for the layouts that have one view of each."""

from __future__ import annotations

from osteon.core.errors import DataError
from osteon.phantom.layouts.job import Job
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import build, shoot, shows

TRIES: int = 100
"""Patients tried until the planned view shows the fracture: in a lateral view of the hand, one in four does."""

QUICK: int = 128
"""Longer edge of the projection on which a patient is tried first, pixels."""


def single(job: Job, size: int) -> Phantom:
    """Simulate the planned view; where it does not show the fracture, the next patient is tried.

    The view stays as planned. If the other view were taken instead, or the image labelled as normal, the view would
    predict the class: some fractures are visible in one view only, and more of them in one than in the other.

    Raises:
        DataError: no fracture is visible in `TRIES` patients.
    """
    view = job.views[0]
    for seed in range(job.seed, job.seed + TRIES):
        scene = build(job.kind, seed, job.finding, coupled=job.coupled)
        if job.finding != "normal" and size > QUICK and not shows(scene, seed, view, QUICK):
            continue
        phantom = shoot(scene, seed, view, size)
        if job.finding == "normal" or phantom.visible():
            return phantom
    raise DataError("no fracture is visible", expected=f"one in {TRIES} patients", got=f"none from seed {job.seed} on")
