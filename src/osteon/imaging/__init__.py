"""The one pixel path: bytes to radiographs, and radiographs to a network's input."""

from osteon.imaging.limits import Limits
from osteon.imaging.load import load

__all__ = ["Limits", "load"]
