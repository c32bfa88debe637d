"""Published networks by name."""

from __future__ import annotations

from osteon.learning.models.network import Network
from osteon.learning.models.pooled import PooledClassifier
from osteon.learning.recipe import Standard


def standard(architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> Network:
    """The network of that name; see ``osteon.learning.models.build``."""
    return PooledClassifier(architecture, labels, channels, empty=empty)
