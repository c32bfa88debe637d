"""A process that reads images with one bundle and says how long each took and how much memory it needed.

``python -m osteon.evaluation.promotion.probe BUNDLE`` takes names of files on stdin, one a line, and writes a JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from osteon.bundle.archive import open_bundle
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files, unchanged
from osteon.inference.studies import Study

PER_MEBIBYTE = 1 << 20 if sys.platform == "darwin" else 1 << 10
"""``ru_maxrss`` counts bytes on macOS, kibibytes elsewhere."""


def main() -> None:
    """Read the files; one that cannot be read has no time."""
    engine = InferenceEngine(open_bundle(sys.argv[1]), threads=1)
    seconds: list[float | None] = []
    for line in sys.stdin.read().splitlines():
        begin = time.perf_counter()
        outcome = read_study_files(engine, Study((Path(line),)), unchanged)
        seconds.append(None if outcome.reading is None else time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds, "mebibytes": peak()}))  # noqa: T201 - its answer


def peak() -> float:
    """Largest resident memory of this program, MiB.

    Linux counts into ``ru_maxrss`` what the process that started this one had, and is asked for the program's own.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PER_MEBIBYTE


if __name__ == "__main__":
    main()
