"""Osteon reads bone radiographs.

```python
import osteon

readings = osteon.read("hand.dcm")
readings[0].call, readings[0].probability
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from osteon.imaging.load import load
    from osteon.inference.read import read

    __version__: str

__all__ = ["__version__", "load", "read"]

_HOMES: Final = {"load": "osteon.imaging.load", "read": "osteon.inference.read"}


def __getattr__(name: str) -> Any:
    """Import ``read`` and ``load`` when they are first asked for, so that ``import osteon`` costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("osteon")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
