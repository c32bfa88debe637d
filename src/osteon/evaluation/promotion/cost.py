"""Time and memory of two bundles, measured in turn on the same images, each in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from osteon.bundle.promotion.record import Cost
from osteon.core.errors import OsteonError
from osteon.core.estimate import Estimate
from osteon.stats.checks import Floats

ROUNDS: Final = 2
"""How often each bundle reads the images: the shorter time of an image counts, since other work only ever adds."""

IMAGES: Final = 24
RESAMPLES: Final = 1000


def measure_cost(
    candidate: Path, live: Path, files: Sequence[Path], *, seed: int = 0, level: float = 0.95
) -> Cost | None:
    """Read the same files with both bundles, in turn.

    Args:
        candidate: file of a bundle.
        live: file of a bundle.
        files: to read; at most ``IMAGES`` of them, evenly spread.
        seed: of the resamples.
        level: of confidence.

    Returns:
        None where no file could be read by both.

    Raises:
        OsteonError: a process did not come to its end.
    """
    chosen = [files[row] for row in np.unique(np.linspace(0, len(files) - 1, IMAGES).astype(int))] if files else []
    times: list[list[Floats]] = [[], []]
    memory: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for which, bundle in enumerate((candidate, live)):
            answer = _probe(bundle, chosen)
            times[which].append(np.array([np.nan if one is None else one for one in answer["seconds"]], np.float64))
            memory[which].append(float(answer["mebibytes"]))
    # The first image of a process warms caches up.
    each = np.stack([np.min(rounds, axis=0)[1:] if len(chosen) > 1 else np.min(rounds, axis=0) for rounds in times])
    each = each[:, np.isfinite(each).all(axis=0)]
    if not each.size:
        return None
    logs = np.log(each[0] / each[1])
    drawn = np.random.default_rng(seed).integers(0, len(logs), (RESAMPLES, len(logs)))
    low, high = np.exp(np.quantile(np.median(logs[drawn], axis=1), [(1 - level) / 2, (1 + level) / 2]))
    ratio = Estimate(
        value=float(np.exp(np.median(logs))),
        low=float(low),
        high=float(high),
        method=f"median of ratios, {level * 100:g} % percentile bootstrap over images, {RESAMPLES:,} resamples",
        n=len(logs),
    )
    milliseconds = [float(np.median(row) * 1000) for row in each]
    return Cost(
        images=len(logs),
        milliseconds=(milliseconds[0], milliseconds[1]),
        ratio=ratio,
        mebibytes=(min(memory[0]), min(memory[1])),
    )


def _probe(bundle: Path, files: Sequence[Path]) -> dict[str, Any]:
    command = [sys.executable, "-m", "osteon.evaluation.promotion.probe", str(bundle)]
    names = "\n".join(str(path) for path in files)
    done = subprocess.run(command, input=names, capture_output=True, text=True, check=False)  # noqa: S603 - this program
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        raise OsteonError("the time of a bundle could not be measured", got=last[0][:200] if last else "no answer")
    return json.loads(done.stdout)
