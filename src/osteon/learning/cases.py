"""A table of cases as training sees it: paths, targets, boxes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Cases:
    """Images of one part of a split.

    Attributes:
        root: the dataset's folder.
        images: paths below it.
        targets: float32 (N, labels) of 1 and 0; NaN where a label is unknown.
        positive: bool (N,), whether a positive label holds.
        boxes: for each image, float32 (n, 4) in source pixels.
        groups: for each image, the group that no split divides.
    """

    root: Path
    images: tuple[str, ...]
    targets: NDArray[np.float32]
    positive: NDArray[np.bool_]
    boxes: tuple[NDArray[np.float32], ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def only(self, keep: NDArray[np.bool_]) -> Cases:
        """The cases marked in ``keep`` (N,)."""
        chosen = np.flatnonzero(keep)
        return Cases(
            root=self.root,
            images=tuple(self.images[i] for i in chosen),
            targets=self.targets[chosen],
            positive=self.positive[chosen],
            boxes=tuple(self.boxes[i] for i in chosen),
            groups=tuple(self.groups[i] for i in chosen),
        )
