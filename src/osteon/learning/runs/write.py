"""Files of a run, each written in one step: there is the whole new file or the one before, whatever ends the process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save
from torch import Tensor

from osteon.data.files.atomic import replacing

RESUME: Final = "Free disk space; --resume then continues after the last complete epoch."
"""What to do where the disk is full."""


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON.

    Raises:
        DataError: it cannot be written.
    """
    with replacing(path, RESUME) as new:
        new.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_weights(state: Mapping[str, Tensor], path: Path) -> None:
    """Write weights as safetensors.

    Raises:
        DataError: they cannot be written.
    """
    content = save({name: value.contiguous() for name, value in state.items()})
    with replacing(path, RESUME) as new:
        new.write_bytes(content)
